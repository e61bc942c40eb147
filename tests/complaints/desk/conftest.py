"""The desk of one agent: logged in, a member of the logistics team, with the shop's orders in reach."""

import pytest


@pytest.fixture(autouse=True)
def _fresh_directory(db):
    """The shelves of small tables outlive a rolled-back test."""
    from complaints.desk import directory, presence

    directory.forget()
    presence.forget_everybody()
    yield
    directory.forget()


@pytest.fixture
def agent(db):
    from tests.factories import make_merchant, make_user

    return make_user(shops=[make_merchant()])


@pytest.fixture
def lead(db):
    from tests.factories import make_merchant, make_user

    return make_user("lead", shops=[make_merchant()])


@pytest.fixture
def desk(client, agent):
    """The client of the agent; ``desk.login_as(user)`` changes who sits there."""
    client.login_as = lambda user: client.force_login(user, backend="accounts.backends.StaffBackend")
    client.login_as(agent)
    return client


@pytest.fixture
def url():
    """Addresses of the desk by short name: ``url("complaint", complaint.number)``."""
    from django.urls import reverse

    return lambda name, *args: reverse(f"admin:desk-{name}", args=args)
