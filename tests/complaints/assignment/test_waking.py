"""What wakes the assignment, and that losing the call costs seconds only."""

import pytest
from django.utils import timezone

from accounts.services import heartbeat, set_presence
from complaints.assignment.claim import ROUND
from complaints.assignment.load import correct_loads, find_wrong_loads, take_room
from complaints.models import AgentLoad, Category
from complaints.tasks import sweep_assignment
from foundation import hints
from tests.complaints.assignment.builders import assert_loads_are_right, assignee_of, load_of, make_agent
from tests.factories import make_category, make_complaint
from tests.journeys import bring_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def hinted(django_capture_on_commit_callbacks, monkeypatch):
    """The hints that an act sends after its commit."""

    def send(act) -> list[str]:
        sent = []
        monkeypatch.setattr(hints, "_put", lambda name, ids: sent.append(name))
        with django_capture_on_commit_callbacks(execute=True):
            act()
        return sent

    return send


def test_each_kind_of_news_wakes_the_assignment(hinted):
    agent = make_agent(state="away", silent_for=600)
    complaint = make_complaint(assignee=make_agent())

    assert hinted(lambda: make_complaint()) == ["complaints.assign", "complaints.relay"]
    assert hinted(lambda: set_presence(agent, "ready", by=agent)) == ["complaints.assign"]
    assert "complaints.assign" in hinted(lambda: bring_to(complaint, "resolved", assignee=complaint.assignee))


def test_becoming_away_wakes_nothing(hinted):
    agent = make_agent()

    assert hinted(lambda: set_presence(agent, "away", by=agent)) == []
    assert hinted(lambda: heartbeat(agent)) == []


def test_the_sweep_finds_what_a_lost_hint_left_behind():
    agent, complaint = make_agent(), make_complaint()

    assert sweep_assignment() == 1
    assert assignee_of(complaint) == agent


@pytest.mark.parametrize("status", ["new", "open", "waiting_customer", "waiting_internal", "snoozed", "resolved", "closed", "withdrawn"])
@pytest.mark.parametrize(("priority", "level"), [(1, 1), (3, 1), (1, 4)])
def test_the_counted_load_is_the_sum_of_what_is_held(status, priority, level):
    category = make_category("refund.counterfeit", skill_level=level)
    make_complaint(status, assignee=make_agent(), category=category, priority=priority)

    assert_loads_are_right()


def test_loads_are_corrected_after_a_category_became_harder():
    agent = make_agent()
    complaint = make_complaint(assignee=agent)
    stranger = make_agent(used=30)
    Category.objects.filter(pk=complaint.category_id).update(skill_level=4)

    assert find_wrong_loads() == [(agent.pk, 10), (stranger.pk, 0)]
    assert correct_loads() == 2
    assert (load_of(agent), load_of(stranger), find_wrong_loads()) == (10, 0, [])


def test_a_load_without_a_row_is_corrected():
    agent = make_agent()
    make_complaint(assignee=agent)
    AgentLoad.objects.all().delete()

    assert correct_loads() == 1
    assert load_of(agent) == 5


@pytest.mark.parametrize(
    ("agent", "options", "taken"),
    [
        ({}, {}, True),
        ({"used": 95}, {}, True),
        ({"used": 96}, {}, False),
        ({"capacity": 4}, {}, False),
        ({"used": 96}, {"is_beyond": True}, True),
        ({"is_active": False}, {"is_beyond": True}, False),
        ({"state": "away"}, {}, True),
        ({"state": "away"}, {"must_be_ready": True}, False),
        ({"silent_for": 61}, {"must_be_ready": True}, False),
        ({"silent_for": 50, "used": 95}, {"must_be_ready": True}, True),
    ],
)
def test_room_is_asked_for_in_the_statement_that_takes_it(agent, options, taken):
    agent = make_agent(**agent)
    before = load_of(agent)

    assert take_room(agent.pk, 5, at=timezone.now(), **options) == (before if taken else None)
    assert load_of(agent) == before + (5 if taken else 0)


def test_the_sweep_gives_out_everything_that_waits():
    make_agent(capacity=10_000)
    for _number in range(ROUND + 1):
        make_complaint()

    assert sweep_assignment() == ROUND + 1
    assert sweep_assignment() == 0
