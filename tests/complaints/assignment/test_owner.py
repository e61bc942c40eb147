"""Who knows the customer gets the next matter, and is waited for a moment; and shifts decide who is there at all."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Presence
from complaints.assignment.claim import assign_waiting, claim_next
from complaints.models import AgentLoad, AssignmentRequest, Complaint, Decision
from complaints.services import assign_complaint
from foundation.exceptions import RefusedError
from tests.complaints.assignment.builders import assignee_of, block_of, file_waiting, load_of, make_agent, make_shift
from tests.factories import make_complaint, make_order, make_team, make_user

pytestmark = pytest.mark.django_db


def return_of(owner, **overrides) -> Complaint:
    """A further complaint about an order whose first one ``owner`` has."""
    order = make_order()
    make_complaint(assignee=owner, order=order, description="一件没收到")
    return make_complaint(order=order, description="另一件坏了", **overrides)


def wait_is_over(complaint: Complaint) -> None:
    past = timezone.now() - timedelta(seconds=1)
    AssignmentRequest.objects.filter(complaint=complaint, state="waiting").update(sticky_until=past)


def test_a_further_complaint_goes_to_who_knows_the_first_one():
    make_agent()
    owner = make_agent(given=60)
    complaint = return_of(owner)

    assert assign_waiting() == 1

    assert assignee_of(complaint) == owner
    assert {row["lost"] for row in complaint.decisions.get().candidates} == {"", "owner"}


def test_what_is_kept_says_so_again_once_others_are_back():
    usual, owner = make_agent(given=60), make_agent(state="away")
    order = make_order()
    first = make_complaint(order=order)
    Complaint.objects.filter(pk=first.pk).update(assignee=owner)
    AssignmentRequest.objects.filter(complaint=first).update(state="assigned")
    complaint = make_complaint(order=order)
    assign_waiting()
    Presence.objects.filter(user=usual).update(state="away")
    assign_waiting()
    assert block_of(complaint) == "state"
    Presence.objects.filter(user=usual).update(state="ready")

    assert (assign_waiting(), block_of(complaint)) == (0, "kept")


def test_another_customer_of_the_same_order_has_no_owner():
    usual, owner = make_agent(), make_agent(given=60)
    order = make_order()
    make_complaint(assignee=owner, order=order)
    stranger = make_complaint(order=order)
    Complaint.objects.filter(pk=stranger.pk).update(customer=make_order().customer)

    assign_waiting()

    assert assignee_of(stranger) == usual


@pytest.mark.parametrize("owner", [{"used": 100}, {"state": "away"}])
def test_a_busy_owner_is_waited_for_a_moment(owner):
    usual, owner = make_agent(given=60), make_agent(**owner)
    order = make_order()
    first = make_complaint(order=order)
    Complaint.objects.filter(pk=first.pk).update(assignee=owner)
    AssignmentRequest.objects.filter(complaint=first).update(state="assigned")
    complaint = make_complaint(order=order)

    assert assign_waiting() == 0
    assert (block_of(complaint), assign_waiting()) == ("kept", 0)
    wait_is_over(complaint)
    assert assign_waiting() == 1

    assert assignee_of(complaint) == usual


@pytest.mark.parametrize("owner", [{"state": "offline"}, {"silent_for": 600}, {"is_active": False}])
def test_an_absent_owner_is_not_waited_for(owner):
    usual, owner = make_agent(), make_agent(**owner)
    complaint = return_of(make_agent(state="offline"))
    Complaint.objects.filter(order=complaint.order).exclude(pk=complaint.pk).update(assignee=owner)

    assign_waiting()

    assert assignee_of(complaint) == usual


def test_an_owner_who_is_back_gets_what_waits_for_them():
    make_agent()
    owner = make_agent(state="away")
    complaint = return_of(owner)
    assert assign_waiting() == 0
    Presence.objects.filter(user=owner).update(state="ready")

    assert assign_waiting() == 1
    assert assignee_of(complaint) == owner


def test_the_wait_is_a_quarter_of_the_target_and_at_most_a_quarter_of_an_hour():
    make_agent()
    owner = make_agent(state="away")
    usual, urgent = return_of(owner), return_of(owner)
    Complaint.objects.filter(pk=urgent.pk).update(
        due_at=urgent.filed_at + timedelta(minutes=16), due_since=urgent.filed_at, due_kind="first"
    )
    Complaint.objects.filter(pk=usual.pk).update(due_at=usual.filed_at + timedelta(hours=4), due_since=usual.filed_at, due_kind="first")

    assign_waiting()

    waits = {each: AssignmentRequest.objects.get(complaint=each, state="waiting") for each in (usual, urgent)}
    kept = {each: (row.sticky_until - row.enqueued_at).total_seconds() / 60 for each, row in waits.items()}
    assert kept == {usual: 15, urgent: 4}


def test_what_waits_for_an_owner_is_nobody_elses_next_one():
    owner, other = make_agent(state="away"), make_agent()
    complaint = return_of(owner)
    assign_waiting()

    assert claim_next(other) is None
    assert claim_next(owner) == complaint


def test_many_that_wait_for_their_owner_hold_up_nobody_else(monkeypatch):
    monkeypatch.setattr("complaints.assignment.waiting.LOOKED_AT", 5)
    owner, agent = make_agent(state="away"), make_agent()
    for _ in range(5):
        return_of(owner)
    assert assign_waiting() == 0
    complaint = make_complaint()

    assert assign_waiting() == 1
    assert assignee_of(complaint) == agent


@pytest.fixture
def planning():
    return make_team(plans_shifts=True)


@pytest.mark.parametrize(
    ("shift", "block"),
    [(None, "off_shift"), ((-600, -1), "off_shift"), ((1, 600), "off_shift"), ((-600, 14), "shift_ends"), ((-600, 16), "")],
)
def test_a_team_that_plans_gives_work_to_who_is_on_shift(planning, shift, block):
    agent = make_agent(shift=shift)
    complaint = make_complaint()

    assert assign_waiting() == (1 if not block else 0)
    assert assignee_of(complaint) == (None if block else agent)
    assert not block or block_of(complaint) == block


def test_two_shifts_in_a_row_are_one(planning):
    agent = make_agent(shift=(-600, 5))
    make_shift(agent, 5, 600)
    complaint = make_complaint()

    assert assign_waiting() == 1
    assert assignee_of(complaint) == agent


def test_an_owner_takes_a_matter_up_in_the_last_minutes(planning):
    owner = make_agent(shift=(-600, 5))
    complaint = return_of(owner)
    stranger = make_complaint()

    assert assign_waiting() == 1
    assert (assignee_of(complaint), assignee_of(stranger)) == (owner, None)


def test_nobody_on_leave_gets_work_even_where_nothing_is_planned():
    agent = make_agent()
    make_shift(agent, -60, 60, is_leave=True)
    complaint = make_complaint()

    assert assign_waiting() == 0
    assert block_of(complaint) == "leave"


def test_a_lead_gives_work_to_somebody_on_leave_only_with_a_reason():
    lead, agent = make_user("lead"), make_agent()
    make_shift(agent, -60, 60, is_leave=True)
    complaint = make_complaint()

    with pytest.raises(RefusedError) as refusal:
        assign_complaint(complaint, to=agent, by=lead, expected_version=None)
    assert [reason.code for reason in refusal.value.reasons] == ["leave"]
    assign_complaint(complaint, to=agent, by=lead, expected_version=None, reason="明天一早处理")

    assert assignee_of(complaint) == agent


def test_the_shift_says_how_much_room_there_is():
    agent = make_agent(capacity=100)
    make_shift(agent, -60, 60, capacity=10)
    *_first, third = file_waiting(3)

    assert assign_waiting() == 2
    assert (load_of(agent), block_of(third)) == (10, "full")


def test_work_is_shared_by_the_hour_of_the_shift(planning):
    """Six hours with 60 units are less per hour than two with 30."""
    early, late = make_agent(given=60), make_agent(given=30)
    for agent, hours in ((early, 6), (late, 2)):
        shift = make_shift(agent, -60 * hours, 600)
        AgentLoad.objects.filter(user=agent).update(shift_started_at=shift.starts_at)
    complaint = make_complaint()

    assign_waiting()

    assert assignee_of(complaint) == early
    rows = {row["agent"]: (row["units"], round(row["hours"]), row["lost"]) for row in complaint.decisions.get().candidates}
    assert rows == {early.pk: (60, 6, ""), late.pk: (30, 2, "pace")}


def test_a_new_shift_begins_with_nothing(planning):
    agent = make_agent(given=60, shift=(-5, 600))
    AgentLoad.objects.filter(user=agent).update(shift_started_at=timezone.now() - timedelta(hours=20))
    shift = agent.shifts.get()
    make_complaint()

    assign_waiting()

    load = AgentLoad.objects.get(user=agent)
    assert (load.shift_units, load.shift_started_at) == (5, shift.starts_at)


def test_what_is_given_in_a_shift_adds_up_and_is_not_forgotten_with_the_work():
    agent = make_agent()
    file_waiting(3)

    assign_waiting()

    assert AgentLoad.objects.get(user=agent).shift_units == 15
    assert Decision.objects.count() == 3
