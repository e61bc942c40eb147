"""Imports stand in the fixtures: this file is read before Django is set up."""

import pytest


@pytest.fixture
def house(db):
    """A paid order of two cups with its complaint, and everybody around it."""
    from tests.workflows.house import make_house

    return make_house()


@pytest.fixture
def machine(house):
    """A machine of the shop with given scopes."""
    from tests.api.machine import Machine

    return lambda *scopes, shop=house.order.merchant.code: Machine(*scopes, shop=shop)
