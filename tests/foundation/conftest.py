from threading import Thread

import pytest
from django.db import connection


@pytest.fixture(scope="session")
def _ledger_tables(django_db_setup, django_db_blocker):
    from tests.foundation import ledger  # models can be declared only once Django is set up

    with django_db_blocker.unblock():
        ledger.drop_tables()
        ledger.create_tables()
        yield
        ledger.drop_tables()


@pytest.fixture
def tables(_ledger_tables, db):
    """The tables of ``ledger``; everything written is rolled back."""


@pytest.fixture
def committed_tables(_ledger_tables, transactional_db):
    """The tables of ``ledger`` with real commits, for tests with several connections."""
    from tests.foundation import ledger

    yield
    ledger.empty_tables()


@pytest.fixture
def in_threads():
    """Run functions at the same time, each with a connection of its own; gives their results in order."""

    def run(*functions):
        results = [None] * len(functions)

        def call(index, function):
            try:
                results[index] = function()
            except Exception as error:
                results[index] = error
            finally:
                connection.close()

        threads = [Thread(target=call, args=pair) for pair in enumerate(functions)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        assert not any(thread.is_alive() for thread in threads)
        return results

    return run
