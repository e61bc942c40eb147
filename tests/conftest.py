"""The ground of every test: a real PostgreSQL and a real Valkey, and no way out to the network."""

import atexit
import ipaddress
import os
import secrets
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as examples

os.environ.setdefault("BIHUAN_ENV", "test")
os.environ.setdefault("BIHUAN_CHAT_CALENDAR", "")  # somebody is there to talk, at whatever hour the tests run
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# How quick a machine is says nothing about what is tested.
examples.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("any-machine")

LOCAL_NAMES = {"localhost", "localhost.localdomain", "", None}


def pytest_configure(config):
    """Engines, compiled texts and the seed of the fault tests: once, in the process that xdist's workers inherit their environment from."""
    from django.conf import settings

    from config.translations import compile_stale

    if not hasattr(config, "workerinput"):
        os.environ.setdefault("BIHUAN_SEED", str(secrets.randbelow(1_000_000)))
        compile_stale([Path(__file__).resolve().parent.parent / "locale"])
        start_engines(unless=settings.configured)
    else:
        keep_apart(config.workerinput["workerid"])
    settings.BIHUAN_KEYS  # noqa: B018 - loads the settings now, so that pytest-django sets Django up


def start_engines(*, unless: bool) -> None:
    """PostgreSQL and Valkey for whichever of DATABASE_URL and REDIS_URL is unset."""
    from config.embedded import Postgres, Valkey
    from config.environment import free_port

    if unless and not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        raise pytest.UsageError("unset DJANGO_SETTINGS_MODULE: the settings were read before the test database was there")

    for variable, kind, options in (("DATABASE_URL", Postgres, {"durable": False}), ("REDIS_URL", Valkey, {})):
        if os.environ.get(variable):
            continue
        folder = Path(tempfile.mkdtemp(prefix="bihuan-tests-", dir=fast_folder()))
        folder.chmod(0o755)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        engine = kind(folder=folder / "engine", port=free_port(), password=secrets.token_hex(16), log=folder / "engine.log", **options)
        atexit.register(engine.stop)
        engine.start()
        engine.wait()
        os.environ[variable] = getattr(engine, "superuser_url", engine.url)


def keep_apart(worker: str) -> None:
    """A database of Valkey for each worker, as each has one of PostgreSQL: tests that empty theirs take nothing from others."""
    from django.conf import settings

    from config.celery import app

    number = int(worker.removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = settings.REDIS_URL = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}").geturl()
    app.conf.broker_url = settings.REDIS_URL


def fast_folder() -> str | None:
    """Memory, where there is room for a database in it."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 1024**3:
        return str(memory)
    return None


def refuse_foreign_sockets(event: str, arguments: tuple) -> None:
    """Raise when a test opens a connection that leaves this machine."""
    if event != "socket.connect":
        return
    connection, address = arguments
    if connection.family in (socket.AF_INET, socket.AF_INET6) and not is_local(address[0]):
        raise ConnectionRefusedError(f"tests must not reach {address[0]!r}")


def is_local(host: str) -> bool:
    if host in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


sys.addaudithook(refuse_foreign_sockets)


@pytest.fixture(autouse=True)
def _chinese():
    """Every test starts in the language of a Chinese customer."""
    from django.utils import translation

    with translation.override("zh-hans"):
        yield


@pytest.fixture(autouse=True)
def _forget_calendars():
    """What a test published is rolled back; no other test may count with it from memory."""
    from accounts.calendars import forget_calendars

    forget_calendars()
    yield


@pytest.fixture(autouse=True)
def _fresh_memory():
    """What a process keeps in memory for half a minute is gone with the rows that a test rolls back."""
    from accounts.calendars import forget_calendars
    from analytics.desk import kept
    from complaints.sla.policies import forget_policies
    from knowledge.help.reading import forget_lately
    from knowledge.search.ranking import forget_counts
    from knowledge.search.words import forget_words

    forget_calendars()
    forget_policies()
    forget_lately()
    forget_counts()
    forget_words()
    kept.forget()


@pytest.fixture(autouse=True, scope="session")
def _flush_may_empty_append_only_tables():
    """A test with real commits ends with TRUNCATE of every table, which the triggers of append-only tables refuse."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    flush = DatabaseOperations.execute_sql_flush

    def flush_without_triggers(self, sql_list):
        flush(self, ["SET session_replication_role = replica", *sql_list, "SET session_replication_role = DEFAULT"] if sql_list else [])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush_without_triggers)
        yield


def pytest_sessionfinish(session):
    """What the last tests told the workers leaves while there is still somebody to tell."""
    from foundation import hints

    hints._publisher.waiting.join()
