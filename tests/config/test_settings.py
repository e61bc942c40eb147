"""Settings come from the environment, and a wrong value is named."""

import os
import re
import runpy
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[2]
PREFIXES = ("BIHUAN_", "SECRET_", "DATABASE_", "REDIS_", "EMAIL_", "DEBUG", "PORT", "FAILPOINTS", "LOG_LEVEL")
PRODUCTION = {
    "BIHUAN_ENV": "production",
    "SECRET_KEY": "s" * 60,
    "BIHUAN_KEYS": "cHJvZHVjdGlvbi1wcm9kdWN0aW9uLXByb2R1Y3Rpb24=",
    "BIHUAN_INDEX_KEY": "i" * 40,
    "BIHUAN_BASE_URL": "https://help.shop.example",
    "DATABASE_URL": "postgres://app:secret@db:5432/bihuan",
    "REDIS_URL": "redis://:secret@valkey:6379/0",
    "EMAIL_URL": "smtp+tls://user:secret@smtp.shop.example:587",
    "BIHUAN_MAIL_FROM": "service@shop.example",
}


@pytest.fixture
def read_settings(monkeypatch):
    """Read the settings file as a process with exactly this environment would."""

    def read(**variables) -> dict:
        for name in list(os.environ):
            if name.startswith(PREFIXES):
                monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "config" / "settings.py"))

    return read


def test_a_complete_production_is_read(read_settings):
    settings = read_settings(**PRODUCTION)

    assert settings["ALLOWED_HOSTS"] == ["help.shop.example"]
    assert (settings["SESSION_COOKIE_NAME"], settings["SESSION_COOKIE_SECURE"]) == ("__Host-sessionid", True)
    assert settings["EMAIL_HOST"] == "smtp.shop.example"


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"BIHUAN_ENV", "EMAIL_URL"}))
def test_a_production_without_a_value_does_not_start_and_names_it(read_settings, name):
    incomplete = {key: value for key, value in PRODUCTION.items() if key != name}

    with pytest.raises(ImproperlyConfigured, match=name):
        read_settings(**incomplete)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BIHUAN_ENV", "prod"),
        ("DEBUG", "maybe"),
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("LOG_LEVEL", "loud"),
        ("BIHUAN_SESSION_SECONDS", "1"),
        ("BIHUAN_SECOND_FACTOR", "no"),
    ],
)
def test_a_wrong_value_is_refused_by_name(read_settings, name, value):
    with pytest.raises(ImproperlyConfigured, match=name):
        read_settings(**{**PRODUCTION, name: value})


def test_a_trial_makes_up_its_secrets_once_and_keeps_them(read_settings, tmp_path):
    first = read_settings(BIHUAN_DATA=str(tmp_path))["SECRET_KEY"]

    second = read_settings(BIHUAN_DATA=str(tmp_path))["SECRET_KEY"]

    assert first == second
    assert read_settings(BIHUAN_DATA=str(tmp_path / "other"))["SECRET_KEY"] != first


def test_a_trial_of_an_older_release_gets_the_values_that_are_new(read_settings, tmp_path):
    (tmp_path / "trial.env").write_text("SECRET_KEY=kept\n")

    settings = read_settings(BIHUAN_DATA=str(tmp_path))

    assert settings["SECRET_KEY"] == "kept"
    assert settings["REDIS_URL"].startswith("redis://:")


def test_the_settings_file_stays_readable():
    assert len((ROOT / "config" / "settings.py").read_text().splitlines()) <= 300


def test_the_example_names_every_variable_that_a_production_requires():
    example = (ROOT / ".env.example").read_text()

    assert [name for name in PRODUCTION if not re.search(rf"^{name}=", example, re.M)] == []
