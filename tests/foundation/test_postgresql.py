"""The database connection of our own, against a server that goes away."""

import psycopg2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext


@pytest.fixture
def kept(transactional_db):
    """The connection of this thread, as it is kept between two requests."""
    connection.ensure_connection()
    yield connection
    connection.close()


def test_a_living_connection_is_usable_without_a_question(kept):
    with CaptureQueriesContext(kept) as asked:
        assert kept.is_usable()

    assert not asked.captured_queries


def test_a_connection_that_the_server_ended_is_not_usable(kept):
    end_from_outside(kept)

    assert not kept.is_usable()


def test_a_notice_does_not_make_it_unusable(kept):
    with kept.cursor() as cursor:
        cursor.execute("LISTEN gossip")
    with other_connection(kept) as other, other.cursor() as cursor:
        cursor.execute("NOTIFY gossip")

    assert kept.is_usable()


def test_the_next_request_gets_a_fresh_connection(kept):
    end_from_outside(kept)
    kept.health_check_enabled, kept.health_check_done = True, False

    with kept.cursor() as cursor:
        cursor.execute("SELECT 1")

        assert cursor.fetchone() == (1,)


def end_from_outside(kept) -> None:
    with kept.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with other_connection(kept) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])  # returns when the process is gone


def other_connection(kept):
    other = psycopg2.connect(**kept.get_connection_params())
    other.autocommit = True
    return other
