"""Imports stand in the fixtures: this file is read before Django is set up."""

import pytest


@pytest.fixture
def shop(db, settings, tmp_path):
    """A shop with the shipped categories and calendars, its files in a folder of their own."""
    from accounts.services import load_calendars
    from complaints.desk import directory
    from complaints.intake.catalogue import forget_catalogue
    from complaints.intake.defaults import load_catalogue_defaults
    from tests.factories import make_merchant

    settings.MEDIA_ROOT = tmp_path
    settings.BIHUAN_EXPORTS = tmp_path / "exports"
    make_merchant()
    load_calendars()
    load_catalogue_defaults()
    forget_catalogue()
    directory.forget()
    yield
    forget_catalogue()
    directory.forget()


@pytest.fixture(autouse=True)
def _fresh_counters():
    """Every test starts with empty counters of requests."""
    import redis
    from django.conf import settings

    redis.Redis.from_url(settings.REDIS_URL).flushdb()


@pytest.fixture
def machine(shop):
    """A machine of the shop that may do everything."""
    from orders.models import ApiToken
    from tests.api.machine import Machine

    return Machine(*ApiToken.Scope.values)
