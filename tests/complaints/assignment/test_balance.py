"""Sharing work out again: what a lead is shown, what is then done, and taking it back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership, User
from complaints.assignment.balance import Move, apply_balance, preview_balance, undo_balance
from complaints.models import Complaint, Decision
from complaints.services import post_customer_message, post_note
from foundation.models import RequestRecord
from tests.complaints.assignment.builders import assert_loads_are_right, assignee_of, load_of, make_agent, make_shift
from tests.factories import make_category, make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db


def hold(agent: User, count: int, **overrides) -> list[Complaint]:
    """Complaints that somebody has, the first one due first."""
    held = [make_complaint(assignee=agent, **overrides) for _number in range(count)]
    for place, each in enumerate(held):
        Complaint.objects.filter(pk=each.pk).update(due_at=timezone.now() + timedelta(hours=1 + place))
    return held


def chosen(*complaints: Complaint) -> list[Complaint]:
    return list(Complaint.objects.filter(pk__in=[each.pk for each in complaints]).select_related("category", "customer").order_by("pk"))


def plan_for(lead: User, *complaints: Complaint, way: str = "even"):
    return preview_balance(lead, chosen(*complaints), way=way)


@pytest.fixture
def lead():
    return make_user("lead")


def receivers(plan) -> list[int | None]:
    return [row.to and row.to.id for row in plan.rows]


def test_evenly_means_as_many_for_everybody(lead):
    full, one, other = make_agent(), make_agent(used=40), make_agent()
    held = hold(full, 6)

    plan = plan_for(lead, *held)

    assert sorted(receivers(plan)) == sorted([full.pk, one.pk, other.pk] * 2)


def test_to_the_least_busy_means_by_load(lead):
    full, _one, _other = make_agent(), make_agent(used=40), make_agent(used=60)
    held = hold(full, 4)

    plan = plan_for(lead, *held, way="idlest")

    assert receivers(plan) == [full.pk] * 4
    assert plan.moves == []
    assert {burden.agent.id: (burden.before, burden.after) for burden in plan.burdens} == {full.pk: (20, 20)}


def test_by_skill_means_the_one_whose_skill_is_just_enough(lead):
    category = make_category("refund.counterfeit", skill_code="quality", skill_level=2)
    expert, fitting = make_agent(skills={"quality": 5}), make_agent(used=50, skills={"quality": 2})
    held = hold(expert, 2, category=category)

    assert receivers(plan_for(lead, *held, way="skill")) == [fitting.pk] * 2
    assert receivers(plan_for(lead, *held, way="idlest")) == [expert.pk] * 2


@pytest.mark.parametrize(
    ("other", "block"),
    [({"state": "away"}, "state"), ({"used": 97}, "full"), ({"silent_for": 100}, "silent"), ({"teams": "quality"}, "state")],
)
def test_what_nobody_can_take_stays_and_says_why(lead, other, block):
    teams = {"teams": [make_team("quality")]} if "teams" in other else {}
    holder, _other = make_agent(), make_agent(**other | teams)
    held = hold(holder, 1)
    holder.presence.state = "offline"
    holder.presence.save()

    (row,) = (plan := plan_for(lead, *held)).rows

    assert (row.to, row.block, plan.moves) == (None, block, [])


def test_nobody_is_planned_beyond_their_room(lead):
    holder, other = make_agent(), make_agent(used=88)
    held = hold(holder, 5)
    holder.presence.state = "away"
    holder.presence.save()

    plan = plan_for(lead, *held)

    assert receivers(plan) == [other.pk, other.pk, None, None, None]
    assert {burden.agent.id: (burden.before, burden.after) for burden in plan.burdens} == {holder.pk: (25, 15), other.pk: (88, 98)}


def test_the_plan_says_what_comes_before_each_complaint(lead):
    holder, other = make_agent(), make_agent(given=5)
    *_sooner, third = hold(holder, 3)
    (early,) = hold(other, 1)
    Complaint.objects.filter(pk=early.pk).update(due_at=timezone.now())
    holder.presence.state = "away"
    holder.presence.save()

    (row,) = plan_for(lead, third).rows

    assert (row.to.id, row.ahead_before, row.ahead_after) == (other.pk, 2, 1)


def test_a_lead_plans_only_for_the_own_teams():
    stranger = make_user("lead", teams=[make_team("quality")])
    held = hold(make_agent(), 2)

    assert plan_for(stranger, *held).rows == []
    assert plan_for(make_user("agent"), *held).rows == []


def test_a_preview_asks_as_much_for_twenty_as_for_two(lead):
    def cost(count: int) -> int:
        held = chosen(*hold(make_agent(), count))
        with CaptureQueriesContext(connection) as queries:
            preview_balance(lead, held, way="even")
        return len(queries)

    cost(1)
    assert cost(2) == cost(20) == 2


def test_a_plan_is_carried_out_as_it_was_shown(lead):
    holder, other = make_agent(), make_agent()
    plan = plan_for(lead, *hold(holder, 4))

    results = apply_balance(plan.moves, by=lead, request_id="one", reason="小王请假")

    assert [result.is_done for result in results] == [True, True]
    assert (load_of(holder), load_of(other)) == (10, 10)
    decision = Decision.objects.filter(cause="balance").first()
    assert (decision.winner, decision.reason) == (other, "小王请假")
    assert_loads_are_right()


def test_the_same_request_moves_nothing_twice(lead):
    holder, other = make_agent(), make_agent()
    plan = plan_for(lead, *hold(holder, 4))

    apply_balance(plan.moves, by=lead, request_id="one")
    apply_balance(plan.moves, by=lead, request_id="one")

    assert Decision.objects.filter(cause="balance").count() == 2
    assert load_of(other) == 10


def test_what_changed_meanwhile_is_left_and_said(lead):
    holder, other = make_agent(), make_agent()
    held = hold(holder, 4)
    plan = plan_for(lead, *held)
    changed = plan.moves[0]
    Complaint.objects.filter(number=changed.number).update(version=changed.version + 1)

    results = apply_balance(plan.moves, by=lead, request_id="one")

    assert [[reason.code for reason in result.reasons] for result in results] == [["changed"], []]
    assert load_of(other) == 5


def test_applying_never_goes_beyond_the_room(lead):
    holder, other = make_agent(), make_agent(used=96)
    (held,) = hold(holder, 1)

    (result,) = apply_balance([Move(held.number, held.version, other.pk)], by=lead, request_id="one", reason="都给他")

    assert [reason.code for reason in result.reasons] == ["full"]
    assert (assignee_of(held), load_of(other)) == (holder, 96)


def test_nobody_on_leave_gets_anything(lead):
    holder, other = make_agent(), make_agent()
    make_shift(other, -60, 60, is_leave=True)
    (held,) = hold(holder, 1)

    assert receivers(plan_for(lead, held)) == [holder.pk]
    (result,) = apply_balance([Move(held.number, held.version, other.pk)], by=lead, request_id="one")
    assert [reason.code for reason in result.reasons] == ["leave"]


@pytest.mark.parametrize("role", ["agent", "stranger", "member"])
def test_only_a_lead_of_the_team_moves_work(role):
    by = make_user("agent") if role == "agent" else make_user("lead", teams=[make_team("quality")])
    if role == "member":
        Membership.objects.create(team=make_team(), user=by)
    holder, other = make_agent(), make_agent()
    (held,) = hold(holder, 1)

    (result,) = apply_balance([Move(held.number, held.version, other.pk)], by=by, request_id="one")

    assert (result.is_done, assignee_of(held)) == (False, holder)


def test_undoing_gives_back_what_nobody_touched(lead):
    holder, other = make_agent(), make_agent()
    plan = plan_for(lead, *hold(holder, 4), make_complaint())
    apply_balance(plan.moves, by=lead, request_id="one")
    touched, spoken, *untouched = [move.number for move in plan.moves]
    post_note(Complaint.objects.get(number=touched), body="已联系", by=other)
    post_customer_message(Complaint.objects.get(number=spoken), body="还在吗")

    results = {result.number: result for result in undo_balance(by=lead, request_id="one")}

    assert {number: result.is_done for number, result in results.items()} == {
        touched: False,
        spoken: False,
        **dict.fromkeys(untouched, True),
    }
    assert {Complaint.objects.get(number=number).assignee_id for number in untouched} <= {holder.pk, None}
    assert_loads_are_right()


def test_undoing_comes_too_late_after_ten_minutes(lead):
    holder, _other = make_agent(), make_agent()
    plan = plan_for(lead, *hold(holder, 2))
    apply_balance(plan.moves, by=lead, request_id="one")
    RequestRecord.objects.update(recorded_at=timezone.now() - timedelta(minutes=11))

    assert undo_balance(by=lead, request_id="one") == []


def test_what_waited_before_waits_again_after_undoing(lead):
    agent = make_agent()
    complaint = make_complaint()
    plan = plan_for(lead, complaint)
    apply_balance(plan.moves, by=lead, request_id="one")
    assert assignee_of(complaint) == agent

    undo_balance(by=lead, request_id="one")

    assert assignee_of(complaint) is None
    assert complaint.assignment_requests.filter(state="waiting").count() == 1
    assert_loads_are_right()


def test_another_leads_balance_is_not_undone(lead):
    holder, other = make_agent(), make_agent()
    plan = plan_for(lead, *hold(holder, 2))
    apply_balance(plan.moves, by=lead, request_id="one")

    assert undo_balance(by=make_user("lead"), request_id="one") == []
    assert load_of(other) == 5
