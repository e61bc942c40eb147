"""Many workers and agents at the same moment, with real commits."""

import random

import pytest
from django.db.models import Count, Sum
from django.utils import timezone

from accounts.models import Presence
from complaints.assignment.claim import assign_waiting, claim_next
from complaints.models import AgentLoad, AssignmentRequest, Complaint, Decision
from complaints.services import assign_complaint, release_complaint
from foundation.exceptions import ReasonedError
from tests.complaints.assignment.builders import assert_loads_are_right, file_waiting, make_agent
from tests.complaints.test_concurrency import assert_whole, at_once
from tests.factories import make_complaint, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def drain() -> int:
    """Assign as a worker does, until nothing more can be assigned."""
    given = 0
    while found := assign_waiting(limit=5):
        given += found
    return given


def assert_everything_holds() -> None:
    """No complaint twice, no agent beyond the cap at any decision, no load miscounted, every chain whole."""
    assert Complaint.objects.alias(times=Count("decisions")).filter(times__gt=1).count() == 0
    for decision in Decision.objects.all():
        winner = decision.candidates[0]
        assert winner["agent"] == decision.winner_id
        assert winner["used"] + winner["weight"] <= winner["capacity"]
    assert_loads_are_right()
    assert_whole(*Complaint.objects.all())


def test_twenty_workers_assign_two_hundred_complaints_once_each():
    agents = [make_agent(capacity=random.Random(number).choice([7, 23, 50, 100])) for number in range(8)]
    file_waiting(200)
    room = sum(presence.capacity // 5 for presence in Presence.objects.filter(user__in=agents))

    given = at_once(*[drain] * 20)

    assert sum(given) == min(room, 200) == Complaint.objects.filter(assignee__isnull=False).count()
    assert AssignmentRequest.objects.filter(state="waiting").count() == 200 - min(room, 200)
    assert AgentLoad.objects.aggregate(all=Sum("used"))["all"] == 5 * min(room, 200)
    assert_everything_holds()


def test_workers_and_agents_who_ask_do_not_meet():
    agents = [make_agent(capacity=40) for _ in range(4)]
    file_waiting(50)

    def ask_until_full(agent):
        try:
            while claim_next(agent):
                continue
        except ReasonedError as refusal:
            return [reason.code for reason in refusal.reasons]
        return []

    asked = at_once(*[drain] * 4, *[lambda agent=agent: ask_until_full(agent) for agent in agents])

    assert not [each for each in asked if isinstance(each, Exception)]
    assert list(AgentLoad.objects.values_list("used", flat=True)) == [40] * 4
    assert Complaint.objects.filter(assignee__isnull=True).count() == 50 - 32
    assert_everything_holds()


def test_a_place_that_becomes_free_is_given_once():
    agent, other = make_agent(capacity=5), make_agent(capacity=5)
    held, *_rest = file_waiting(6)
    assign_waiting()
    held.refresh_from_db()

    outcomes = at_once(lambda: release_complaint(held, by=held.assignee, expected_version=None), *[drain] * 6)
    drain()

    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert sorted(AgentLoad.objects.values_list("user_id", "used")) == [(agent.pk, 5), (other.pk, 5)]
    assert_loads_are_right()


def test_work_does_not_go_to_somebody_who_leaves_meanwhile():
    """Whoever is chosen but gone before the work is counted gets nothing; the choice is made again."""
    leaver, stayer = make_agent(), make_agent(used=50, capacity=1000)
    file_waiting(30)

    def leave():
        Presence.objects.filter(user=leaver).update(state="away")
        return timezone.now()

    *_given, left_at = at_once(*[drain] * 5, leave)
    drain()

    late = Decision.objects.filter(winner=leaver, at__gt=left_at)
    assert not late.exists()
    assert Complaint.objects.filter(assignee__isnull=True).count() == 0
    assert Decision.objects.filter(winner=stayer).count() + Decision.objects.filter(winner=leaver).count() == 30


def test_two_agents_who_swap_their_work_do_not_lock_each_other_out():
    lead, one, other = make_user("lead"), make_agent(), make_agent()
    pairs = [(make_complaint(assignee=one), make_complaint(assignee=other)) for _ in range(12)]

    for first, second in pairs:
        outcomes = at_once(
            lambda first=first: assign_complaint(first, to=other, by=lead, expected_version=None),
            lambda second=second: assign_complaint(second, to=one, by=lead, expected_version=None),
        )
        assert not [each for each in outcomes if isinstance(each, Exception)]

    assert_loads_are_right()
