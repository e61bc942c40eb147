"""Imports stand in the fixtures: this file is read before Django is set up."""

import pytest


@pytest.fixture
def offer(db):
    """A shop with one category, read afresh by the form and the API."""
    from complaints.intake.catalogue import forget_catalogue
    from tests.factories import make_category, make_merchant

    make_category()
    make_merchant()
    forget_catalogue()
    yield
    forget_catalogue()


@pytest.fixture
def machine(db):
    """A machine that may do everything."""
    from orders.models import ApiToken
    from tests.api.machine import Machine

    return Machine(*ApiToken.Scope.values)


@pytest.fixture
def masked(db):
    """A machine that may do everything but read personal data in full."""
    from orders.models import ApiToken
    from tests.api.machine import Machine

    return Machine(*(scope for scope in ApiToken.Scope.values if scope != ApiToken.Scope.PII))
