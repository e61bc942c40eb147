"""Whoever fills or rebuilds the ledger dies at some point of it. Nothing is lost, nothing is counted twice."""

import pytest

from analytics.ledger.rebuilding import rebuild, verify
from analytics.models import AnalyticsCursor, Arrival, DirtyNode, FillRange
from complaints.models import Event, EventFeed
from complaints.services import post_reply
from foundation.events import sequence_feed
from tests.analytics.builders import fill
from tests.analytics.ledger.house import digests, has_copy
from tests.factories import make_calendar, make_complaint, make_order, make_user
from tests.faults.test_crash_points import die_at

pytestmark = pytest.mark.django_db(transaction=True)

FILL = "from analytics.tasks import sweep_ledger; sweep_ledger()"
REBUILD = "from analytics.ledger.rebuilding import rebuild; rebuild()"


@pytest.fixture
def house():
    """Some complaints whose news have reached the feed, and a ledger that knows of none."""
    make_calendar()
    agent = make_user("agent")
    for _number in range(3):
        post_reply(make_complaint(assignee=agent, order=make_order()), body="您好。", by=agent, expected_version=None)
    while sequence_feed(Event, EventFeed):
        pass


@pytest.mark.parametrize("failpoint", ["ledger.stored", "ledger.filled", "ledger.rolled"])
def test_a_fill_that_dies_is_done_again_as_a_whole(house, failpoint):
    die_at(failpoint, FILL)
    kept = Arrival.objects.exists(), AnalyticsCursor.objects.filter(pos__gt=0).exists(), DirtyNode.objects.filter(level=0).exists()

    fill()

    assert kept == ((True, True, True) if failpoint == "ledger.rolled" else (False, False, False))
    assert Arrival.objects.filter(arrived=1).count() == 3
    assert verify() == []


@pytest.mark.parametrize("failpoint", ["rebuild.filled", "rebuild.caught_up", "rebuild.before_swap", "rebuild.after_swap"])
def test_a_rebuild_that_dies_goes_on(house, failpoint):
    fill()
    right = digests()
    Arrival.objects.update(waiting=1)

    die_at(failpoint, REBUILD)
    is_swapped = digests() == right
    fill()

    assert is_swapped == (failpoint == "rebuild.after_swap")
    rebuild()
    assert digests() == right
    assert not (has_copy() or FillRange.objects.exists())
