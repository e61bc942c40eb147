"""The files of a deployment agree with each other and with the settings."""

import re
from pathlib import Path

import psycopg2
import pytest
import yaml
from django.core.management import call_command
from django.db import connection

from config import probes
from config.celery import QUEUES

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
EXAMPLE = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.M))


def test_every_variable_that_compose_asks_for_is_in_the_example():
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))

    assert asked - EXAMPLE.keys() == set()


def test_every_service_has_a_health_check():
    inherited = {"web"}  # from the image

    assert {name for name, service in COMPOSE["services"].items() if "healthcheck" not in service} == inherited


def test_every_queue_has_a_worker():
    commands = [" ".join(service.get("command", [])) for service in COMPOSE["services"].values()]

    assert all(any(f"worker -Q {queue} " in command for command in commands) for queue in QUEUES)


def test_only_the_proxy_is_open_to_the_outside():
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["nginx"]


def test_the_trusted_network_is_the_one_that_the_proxy_stands_in():
    (edge,) = COMPOSE["networks"]["edge"]["ipam"]["config"]

    assert COMPOSE["services"]["web"]["environment"]["BIHUAN_TRUSTED_PROXIES"] == edge["subnet"]


def test_the_example_holds_no_secret():
    assert {EXAMPLE[name] for name in EXAMPLE if name.endswith(("_PASSWORD", "_KEY", "_KEYS"))} == {""}


@pytest.fixture
def app_role(transactional_db):
    """The role that web and workers use in a deployment."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE bihuan_app_test LOGIN PASSWORD 'x'")
    yield "bihuan_app_test"
    with connection.cursor() as cursor:
        cursor.execute("DROP OWNED BY bihuan_app_test; DROP ROLE bihuan_app_test")


@pytest.fixture
def as_app_role(app_role):
    """Run one statement as that role and give what the server says against it."""
    call_command("prepare_database", grant_to=app_role, verbosity=0)
    values = connection.get_connection_params()
    session = psycopg2.connect(host=values["host"], port=values["port"], dbname=values["dbname"], user=app_role, password="x")
    session.autocommit = True

    def run(statement: str) -> str:
        with session.cursor() as cursor:
            try:
                cursor.execute(statement)
            except psycopg2.Error as error:
                return str(error)
        return ""

    yield run
    session.close()


def test_the_application_role_works_but_changes_no_history(as_app_role):
    assert as_app_role("UPDATE orders_order SET id = id") == ""
    assert as_app_role("INSERT INTO foundation_heartbeat (name, kind) VALUES ('x', 'x')") == ""
    for table in ("complaints_event", "accounts_accesslog"):
        assert as_app_role(f"SELECT count(*) FROM {table}") == ""
        assert "permission denied" in as_app_role(f"UPDATE {table} SET id = id")
        assert "permission denied" in as_app_role(f"DELETE FROM {table}")
        assert "permission denied" in as_app_role(f"TRUNCATE {table}")
    assert "must be owner" in as_app_role("ALTER TABLE complaints_event DISABLE TRIGGER ALL")
    assert "permission denied" in as_app_role("DELETE FROM django_migrations")


@pytest.mark.django_db(transaction=True)
def test_the_probe_sees_whether_a_worker_is_deaf(monkeypatch):
    values = connection.get_connection_params()
    address = f"host={values['host']} port={values['port']} dbname={values['dbname']} user={values['user']}"
    monkeypatch.setenv("DATABASE_URL", f"{address} password={values.get('password', '')}")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO foundation_heartbeat (name, kind, beaten_at) VALUES ('a', 'worker:mail', now())")
        cursor.execute("INSERT INTO foundation_heartbeat (name, kind, beaten_at) VALUES ('b', 'worker:bulk', now() - interval '2 min')")

    assert [probes.main(["beating", f"worker:{queue}"]) for queue in ("mail", "bulk", "clocks")] == [0, 1, 1]


def test_the_probe_of_a_stopped_web_server_fails(monkeypatch):
    monkeypatch.setenv("PORT", "1")

    assert probes.main(["ready"]) == 1
