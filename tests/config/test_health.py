"""Health answers are the truth or they are absent."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from accounts.services import import_public_days
from accounts.services.calendars import shipped_periods
from config import health
from foundation.standstill import stand_still
from tests.factories import make_calendar


@pytest.fixture(autouse=True)
def _forget_earlier_looks():
    for check in (*health.READINESS.values(), health.HINTS, health.GOES_ON):
        check.forget()


def test_livez_touches_nothing(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        response = client.get("/livez")

    assert (response.status_code, response.content) == (200, b"ok\n")


def test_livez_answers_whatever_the_host(client):
    assert Client(headers={"Host": "10.0.0.7:8000"}).get("/livez").status_code == 200


def test_readyz_says_ready(client, db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"ready": True, "failing": [], "degraded": []})


def test_readyz_names_a_closed_media_folder(client, db, settings, tmp_path):
    (tmp_path / "media").write_text("a file stands where the folder should be")
    settings.MEDIA_ROOT = tmp_path / "media"

    response = client.get("/readyz")

    assert (response.status_code, response.json()["failing"]) == (503, ["media"])


def test_readyz_without_valkey_is_degraded_only(client, db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    response = client.get("/readyz")

    assert (response.status_code, response.json()["degraded"]) == (200, ["hints"])


def test_readyz_of_a_house_that_stands_still_is_degraded_only(client, db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    stand_still("restored")

    response = client.get("/readyz")

    assert (response.status_code, response.json()["degraded"]) == (200, ["standstill"])
    assert "bihuan_standing_still 1.0" in client.get("/metrics").content.decode()


def test_readyz_names_a_database_that_cannot_be_written(client, db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL default_transaction_read_only = on; SET LOCAL transaction_read_only = on")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert "database" in response.json()["failing"]


def test_a_failing_look_is_repeated_sooner_than_a_good_one(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(health.time, "monotonic", lambda: now[0])
    answers = iter([False, True, True])
    check = health.Check(lambda: next(answers))

    seen = [check.holds()]
    now[0] += health.KEEP_SECONDS_FAILING
    seen.append(check.holds())
    now[0] += health.KEEP_SECONDS - 0.1
    seen.append(check.holds())

    assert (seen, next(answers)) == ([False, True, True], True)


def test_metrics_are_gauges_of_this_house(client, db):
    lines = dict(line.rsplit(" ", 1) for line in client.get("/metrics").content.decode().splitlines())

    assert lines["bihuan_db_up"] == "1"
    assert {f"bihuan_{name}" for name in health.GAUGES} <= lines.keys()


def test_metrics_show_how_long_a_worker_has_been_silent(client, db):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO foundation_heartbeat VALUES ('mail@host', 'worker:mail', now() - interval '90 s')")

    text = client.get("/metrics").content.decode()

    assert 'bihuan_heartbeat_age_seconds{kind="worker:mail"} 90' in text


def test_metrics_show_how_long_the_public_days_of_a_calendar_are_known(client, db):
    make_calendar("office", follows_public_days=True)
    make_calendar("extended", follows_public_days=False)
    import_public_days([period for period in shipped_periods() if period.year == 2026], by=None)

    lines = dict(line.rsplit(" ", 1) for line in client.get("/metrics").content.decode().splitlines())

    days = {name: value for name, value in lines.items() if "calendar" in name}
    assert days == {'bihuan_calendar_covered_days{calendar="office"}': str((date(2026, 12, 31) - timezone.localdate()).days)}


def test_metrics_of_a_broken_database_are_absent_not_stale(client, db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE foundation_heartbeat RENAME TO hidden")

    assert client.get("/metrics").content == b"bihuan_db_up 0\n"


@pytest.mark.parametrize("headers", [{"REMOTE_ADDR": "203.0.113.5"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}])
def test_metrics_are_for_this_machine_only(client, db, headers):
    assert client.get("/metrics", **headers).status_code == 403


@override_settings(BIHUAN_METRICS_TOKEN="secret")
@pytest.mark.parametrize(("given", "status"), [("Bearer secret", 200), ("Bearer wrong", 403), ("", 403)])
def test_metrics_with_a_token_need_it(client, db, given, status):
    assert client.get("/metrics", headers={"Authorization": given}).status_code == status


def test_health_answers_are_never_stored(client, db):
    assert {client.get(path).headers["Cache-Control"] for path in ("/livez", "/readyz", "/metrics")} == {"no-store"}


def test_readyz_is_json(client, db):
    assert json.loads(client.get("/readyz").content).keys() == {"ready", "failing", "degraded"}
