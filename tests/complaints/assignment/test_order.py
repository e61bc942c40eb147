"""The order of the queue: urgency goes first, but nobody is overtaken for ever."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from complaints.assignment.claim import assign_waiting
from complaints.assignment.demand import HIGHEST_BAND, NEARLY_DUE, band_of, raise_demand, rank_at
from complaints.models import AgentLoad, AssignmentRequest, Complaint
from complaints.services import release_complaint
from tests.complaints.assignment.builders import assignee_of, block_of, make_agent
from tests.factories import make_complaint, make_customer, make_order

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
ARRIVALS = st.tuples(st.integers(0, 60 * 60 * 8), st.integers(0, HIGHEST_BAND), st.booleans())


@given(arrivals=st.lists(ARRIVALS, max_size=30))
def test_nobody_is_overtaken_by_who_came_more_than_fifty_minutes_later(arrivals):
    ranked = [(START + timedelta(seconds=second), band, is_chat) for second, band, is_chat in arrivals]
    served = [at for _rank, at in sorted((rank_at(at, band, is_chat=is_chat), at) for at, band, is_chat in ranked)]

    for place, at in enumerate(served):
        assert all(earlier - at <= timedelta(minutes=50) for earlier in served[:place])


@pytest.mark.parametrize("is_chat", [False, True])
@pytest.mark.parametrize("waits_to_chat", [False, True])
def test_the_most_urgent_gets_ahead_of_the_least_by_fifty_minutes_at_most(is_chat, waits_to_chat):
    least = rank_at(START, 0, is_chat=waits_to_chat)
    later = START + timedelta(minutes=50, seconds=1)

    assert rank_at(later, HIGHEST_BAND, is_chat=is_chat) > least


@given(band=st.integers(0, HIGHEST_BAND - 1), is_chat=st.booleans())
def test_the_higher_band_goes_first(band, is_chat):
    assert rank_at(START, band + 1, is_chat=is_chat) < rank_at(START, band, is_chat=is_chat)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "band"),
    [
        ({}, 1),
        ({"priority": 3}, 3),
        ({"risk_level": 1}, 1),
        ({"risk_level": 2}, 2),
        ({"risk_level": 3}, 3),
        ({"risk_level": 4}, 5),
        ({"escalated_at": START}, 2),
        ({"priority": 3, "risk_level": 3, "escalated_at": START}, 5),
    ],
)
def test_the_band_comes_from_priority_risk_and_escalation(fields, band):
    complaint = make_complaint()
    for name, value in fields.items():
        setattr(complaint, name, value)

    assert band_of(complaint) == band


@pytest.mark.django_db
def test_a_vip_is_one_band_higher():
    vip = make_complaint(order=make_order(customer=make_customer(tier="vip")))

    assert band_of(vip) == vip.priority + 1


@pytest.mark.django_db
def test_a_clock_that_warns_moves_its_complaint_forward_and_nothing_moves_back():
    complaint = make_complaint()
    request = AssignmentRequest.objects.get(complaint=complaint)

    raise_demand(complaint, at_least=NEARLY_DUE)
    raised = AssignmentRequest.objects.get(pk=request.pk)
    raise_demand(complaint)

    assert (raised.band, raised.rank_at) == (NEARLY_DUE, request.enqueued_at - timedelta(minutes=10 * NEARLY_DUE))
    after = AssignmentRequest.objects.get(pk=request.pk)
    assert (after.band, after.rank_at) == (raised.band, raised.rank_at)


def came(complaint: Complaint, minutes_ago: int) -> None:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    request = AssignmentRequest.objects.get(complaint=complaint, state="waiting")
    AssignmentRequest.objects.filter(pk=request.pk).update(enqueued_at=at, rank_at=rank_at(at, request.band))


@pytest.mark.django_db
@pytest.mark.parametrize(("heavy_waits", "taken"), [(49, "light"), (51, "heavy")])
def test_light_work_does_not_take_every_place_before_heavy_work_that_waits_too_long(heavy_waits, taken):
    agent = make_agent(used=95, capacity=100)
    heavy, light = make_complaint(priority=3), make_complaint()
    came(heavy, heavy_waits)
    came(light, 0)

    assign_waiting()
    AgentLoad.objects.filter(user=agent).update(used=90 if taken == "heavy" else 95)
    assert assignee_of(light) == (agent if taken == "light" else None)
    assert taken == "light" or block_of(light) == "held"
    assign_waiting()

    assert (assignee_of(heavy) == agent) == (taken == "heavy")


@pytest.mark.django_db
def test_room_is_kept_with_one_agent_only():
    nearest, other = make_agent(used=95), make_agent(used=91)
    other.presence.capacity = 96
    other.presence.save()
    heavy, light = make_complaint(priority=3), make_complaint()
    came(heavy, 60)

    assign_waiting()

    assert (assignee_of(heavy), assignee_of(light)) == (None, other)
    assert AgentLoad.objects.get(user=nearest).used == 95


@pytest.mark.django_db
def test_what_comes_back_keeps_its_first_place():
    first, complaint = make_agent(), make_complaint()
    came(complaint, 90)
    place = AssignmentRequest.objects.get(complaint=complaint).rank_at
    assign_waiting()

    release_complaint(complaint, by=first, expected_version=None)

    assert AssignmentRequest.objects.get(complaint=complaint, state="waiting").rank_at == place
