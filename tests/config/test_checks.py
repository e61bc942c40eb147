"""System checks speak before the first request."""

import pytest
from django.test import override_settings

from config.checks import check_addresses, check_chat_calendar, check_engine, check_keys, check_production, check_server
from tests.factories import make_calendar

SOUND = {
    "IS_PRODUCTION": True,
    "DEBUG": False,
    "SECRET_KEY": "s" * 60,
    "FAILPOINTS": "",
    "IS_HTTPS": True,
    "HAS_SMTP": True,
    "BIHUAN_INDEX_KEY": "i" * 40,
    "BIHUAN_SECOND_FACTOR": "required",
}


def ids(errors) -> list[str]:
    return [error.id for error in errors]


def test_a_sound_production_has_nothing_to_say():
    with override_settings(**SOUND):
        assert ids(check_production(None)) == []


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"DEBUG": True}, "config.E001"),
        ({"SECRET_KEY": "short"}, "config.E002"),
        ({"FAILPOINTS": "outbox.after_claim=kill"}, "config.E003"),
        ({"IS_HTTPS": False}, "config.E004"),
        ({"HAS_SMTP": False}, "config.E005"),
        ({"BIHUAN_INDEX_KEY": "short"}, "config.E006"),
        ({"BIHUAN_SECOND_FACTOR": "offered"}, "config.E013"),
    ],
)
def test_production_refuses_what_a_trial_may_do(wrong, expected):
    with override_settings(**SOUND | wrong):
        refused = ids(check_production(None))
    with override_settings(**SOUND | wrong | {"IS_PRODUCTION": False}):
        allowed = ids(check_production(None))

    assert (refused, allowed) == ([expected], [])


@pytest.mark.parametrize("keys", [[], ["short"], ["dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=", "not base64 !"]])
def test_keys_that_cannot_encrypt_are_refused(keys):
    with override_settings(BIHUAN_KEYS=keys):
        assert ids(check_keys(None)) == ["config.E007"]


@pytest.mark.parametrize("url", ["help.shop.example", "ftp://x.example", "https://x.example/path", "https://x.example?a=1", "https://"])
def test_a_base_address_that_is_none_is_refused(url):
    with override_settings(BIHUAN_BASE_URL=url):
        assert ids(check_addresses(None)) == ["config.E008"]


def test_a_proxy_that_is_no_network_is_refused():
    with override_settings(BIHUAN_TRUSTED_PROXIES=["10.0.0.0/8", "proxy.example"]):
        assert ids(check_addresses(None)) == ["config.E009"]


def test_another_database_is_refused(monkeypatch):
    from config import checks

    monkeypatch.setattr(checks.connection, "vendor", "sqlite", raising=False)

    assert ids(check_engine(None)) == ["config.E010"]


@pytest.mark.django_db
def test_an_old_server_is_refused(monkeypatch):
    from config import checks

    monkeypatch.setattr(checks, "OLDEST_POSTGRESQL", 10_000_000)

    assert ids(check_server(None, databases=["default"])) == ["config.E011"]


@pytest.mark.django_db
def test_a_production_process_that_owns_its_tables_is_refused():
    with override_settings(IS_PRODUCTION=True, BIHUAN_PROCESS="web"):
        assert ids(check_server(None, databases=["default"])) == ["config.E012"]


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "expected"), [("extendet", ["config.E014"]), ("extended", []), ("", [])])
def test_conversations_are_held_by_a_calendar_that_there_is(code, expected):
    with override_settings(BIHUAN_CHAT_CALENDAR=code):
        assert check_chat_calendar(None, databases=["default"]) == []
        make_calendar("extended")
        assert ids(check_chat_calendar(None, databases=["default"])) == expected


@pytest.mark.django_db
def test_this_installation_is_sound():
    errors = [*check_keys(None), *check_addresses(None), *check_engine(None), *check_server(None, databases=["default"])]

    assert errors == []
