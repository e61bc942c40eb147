"""What wakes the assignment, and that losing the call costs seconds only."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services import heartbeat, plan_shift, set_presence
from complaints.assignment.claim import ROUND
from complaints.assignment.load import correct_loads, find_wrong_loads, take_room
from complaints.models import AgentLoad, Category
from complaints.tasks import sweep_assignment
from foundation import hints
from tests.complaints.assignment.builders import assert_loads_are_right, assignee_of, load_of, make_agent, make_shift
from tests.factories import make_category, make_complaint, make_team
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
    agent, now = make_agent(state="away", silent_for=600), timezone.now()
    complaint = make_complaint(assignee=make_agent())

    assert hinted(lambda: make_complaint()) == ["complaints.assign", "complaints.relay"]
    assert hinted(lambda: set_presence(agent, "ready", by=agent)) == ["complaints.assign"]
    assert hinted(lambda: plan_shift(agent, starts_at=now, ends_at=now + timedelta(hours=1), by=None)) == ["complaints.assign"]
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
    ("agent", "is_beyond", "taken"),
    [
        ({}, False, True),
        ({"used": 95}, False, True),
        ({"used": 96}, False, False),
        ({"capacity": 4}, False, False),
        ({"used": 96}, True, True),
        ({"is_active": False}, True, False),
        ({"state": "away"}, False, True),
    ],
)
def test_room_is_asked_for_in_the_statement_that_takes_it(agent, is_beyond, taken):
    agent = make_agent(**agent)
    before = load_of(agent)

    assert take_room(agent.pk, 5, at=timezone.now(), is_beyond=is_beyond) == (before if taken else None)
    assert load_of(agent) == before + (5 if taken else 0)


@pytest.mark.parametrize(
    ("agent", "plans_shifts", "asked", "taken"),
    [
        ({}, False, {}, True),
        ({"is_active": False}, False, {}, False),
        ({"state": "away"}, False, {}, False),
        ({"silent_for": 61}, False, {}, False),
        ({"silent_for": 50}, False, {}, True),
        ({"teams": []}, False, {}, False),
        ({}, False, {"skill": "quality", "level": 2}, False),
        ({"skills": {"quality": 1}}, False, {"skill": "quality", "level": 2}, False),
        ({"skills": {"quality": 2}}, False, {"skill": "quality", "level": 2}, True),
        ({}, False, {"tongue": "language-en"}, False),
        ({"skills": {"language-en": 1}}, False, {"tongue": "language-en"}, True),
        ({}, True, {}, False),
        ({"shift": (-60, -1)}, True, {}, False),
        ({"shift": (1, 60)}, True, {}, False),
        ({"shift": (-60, 60)}, True, {}, True),
        ({"shift": (-60, 10)}, True, {}, False),
        ({"shift": (-60, 10)}, False, {}, True),
        ({"shift": (-60, 10)}, True, {"minutes": 0}, True),
    ],
)
def test_whatever_makes_somebody_eligible_is_asked_once_more(agent, plans_shifts, asked, taken):
    team = make_team(plans_shifts=plans_shifts)
    agent = make_agent(**agent)
    terms = {"team": team.pk, "skill": "", "level": 1, "tongue": "", "minutes": 15, **asked}

    assert take_room(agent.pk, 5, at=timezone.now(), terms=terms) == (0 if taken else None)
    assert load_of(agent) == (5 if taken else 0)


@pytest.mark.parametrize(("start", "end", "taken"), [(-10, 10, False), (-20, -10, True), (10, 20, True)])
def test_leave_goes_before_everything(start, end, taken):
    team = make_team()
    agent = make_agent(shift=(-60, 60))
    make_shift(agent, start, end, is_leave=True)
    terms = {"team": team.pk, "skill": "", "level": 1, "tongue": "", "minutes": 15}

    assert take_room(agent.pk, 5, at=timezone.now(), terms=terms) == (0 if taken else None)


def test_the_room_of_the_shift_goes_before_the_usual_one():
    agent = make_agent(capacity=100, used=10)
    shift = make_shift(agent, -60, 60, capacity=14)

    assert take_room(agent.pk, 5, at=timezone.now()) is None
    shift.delete()
    assert take_room(agent.pk, 5, at=timezone.now()) == 10


def test_the_sweep_gives_out_everything_that_waits():
    make_agent(capacity=10_000)
    for _number in range(ROUND + 1):
        make_complaint()

    assert sweep_assignment() == ROUND + 1
    assert sweep_assignment() == 0
