"""A house in which three rows are too many to wait for."""

import random

import pytest


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.BIHUAN_EXPORTS = tmp_path / "exports"
    return settings.BIHUAN_EXPORTS


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr("analytics.exports.asking.MOST_AT_ONCE", 3)


@pytest.fixture
def past(db):
    from tests.analytics.builders import make_past

    return make_past(random.Random(7), days=8, complaints=10)


@pytest.fixture
def manager(past):
    from orders.models import Merchant
    from tests.factories import make_user

    return make_user("manager", shops=Merchant.objects.all())


@pytest.fixture
def desk(client, manager):
    client.force_login(manager, backend="accounts.backends.StaffBackend")
    return client
