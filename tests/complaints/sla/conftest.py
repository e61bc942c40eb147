import pytest


@pytest.fixture
def day(db):
    """A Tuesday without holidays around it, ten in the morning, with the shipped policies and calendars in force."""
    from complaints.sla.defaults import load_sla_defaults
    from tests.complaints.sla.builders import frozen, moment

    with frozen(moment("2026-03-10 10:00")) as day:
        load_sla_defaults()
        yield day


@pytest.fixture
def agent(day):
    from tests.factories import make_user

    return make_user()
