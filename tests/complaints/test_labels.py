"""Priority, tags, category, team, order: changed by those who may, and written down."""

import pytest

from complaints.models import AgentLoad, Complaint, Tag
from complaints.services import (
    add_tag,
    assign_complaint,
    bind_order,
    claim_complaint,
    release_complaint,
    set_category,
    set_priority,
    set_tags,
    transfer_complaint,
    unbind_order,
)
from foundation.exceptions import NotAllowedError, RefusedError, VersionConflictError
from tests.complaints.builders import codes, fresh, kinds
from tests.factories import make_category, make_complaint, make_customer, make_merchant, make_order, make_team, make_user

pytestmark = pytest.mark.django_db
ANY = {"expected_version": None}


def test_a_priority_moves_the_load_but_not_the_promise():
    agent = make_user()
    complaint = make_complaint(assignee=agent)

    urgent = set_priority(complaint, priority=Complaint.Priority.URGENT, by=agent, **ANY)

    assert codes(complaint, "priority.set") == {"from": 1, "to": 3}
    assert (urgent.promise_at, AgentLoad.objects.get(user=agent).used) == (complaint.promise_at, 10)


def test_tags_are_made_trimmed_and_replaced():
    agent, complaint = make_user(), make_complaint()
    Tag.objects.create(name="易碎")

    set_tags(complaint, names=[" 易碎 ", "催件", "催件", ""], by=agent, **ANY)
    set_tags(complaint, names=["催件"], by=agent, **ANY)
    add_tag(complaint, name="大促", by=agent)

    assert sorted(complaint.tags.values_list("name", flat=True)) == ["催件", "大促"]
    assert kinds(complaint).count("tag.set") == 3


def test_too_many_tags_are_refused():
    with pytest.raises(RefusedError):
        set_tags(make_complaint(), names=[str(number) for number in range(21)], by=make_user(), **ANY)


def test_labels_ask_for_the_version_and_the_right():
    complaint = make_complaint()
    set_priority(complaint, priority=2, by=make_user(), **ANY)

    with pytest.raises(VersionConflictError):
        set_priority(complaint, priority=0, by=make_user(), expected_version=complaint.version)
    with pytest.raises(NotAllowedError):
        set_priority(complaint, priority=0, by=make_user("finance", teams=[make_team()]), **ANY)


def test_another_category_moves_to_its_team_and_asks_for_an_agent_there():
    agent = make_user()
    complaint = make_complaint(assignee=agent)
    quality = make_category("refund.quality", team=make_team("quality"))

    moved = set_category(complaint, category=quality, by=agent, **ANY)

    assert (moved.team.code, moved.assignee, moved.form) == ("quality", None, complaint.form)
    assert complaint.assignment_requests.get(state="waiting").team.code == "quality"
    assert AgentLoad.objects.get(user=agent).used == 0


def test_a_team_that_is_closed_gets_nothing_more():
    closed, complaint = make_team("quality", is_active=False), make_complaint()

    with pytest.raises(RefusedError) as refusal:
        transfer_complaint(complaint, team=closed, by=make_user(), **ANY)

    assert [reason.code for reason in refusal.value.reasons] == ["closed_team"]


def test_an_assignee_who_is_in_the_new_team_too_keeps_it():
    quality = make_team("quality")
    agent = make_user(teams=[make_team(), quality])

    moved = transfer_complaint(make_complaint(assignee=agent), team=quality, by=agent, **ANY)

    assert (moved.team, moved.assignee) == (quality, agent)


def test_binding_brings_customer_and_evidence_and_unbinding_takes_them_away():
    agent, complaint, order = make_user(), make_complaint(), make_order()

    bound = bind_order(complaint, order=order, by=agent, evidence="phone", **ANY)
    assert (bound.order, bound.customer) == (order, order.customer)
    assert codes(complaint, "order.bound") == {"order": order.pk, "was": None, "customer_was": None, "evidence": "phone"}

    unbound = unbind_order(complaint, by=agent, **ANY)
    assert (unbound.order, unbound.customer, unbound.order_snapshot) == (None, None, {})


def test_an_order_of_another_shop_is_refused():
    foreign = make_order(customer=make_customer(merchant=make_merchant("other")))

    with pytest.raises(RefusedError):
        bind_order(make_complaint(), order=foreign, by=make_user(), **ANY)


def test_releasing_keeps_the_place_in_the_queue():
    agent = make_user()
    complaint = make_complaint()
    first = complaint.assignment_requests.get().rank_at
    claim_complaint(complaint, by=agent)

    released = release_complaint(complaint, by=agent, **ANY)

    assert released.assignee is None
    assert complaint.assignment_requests.get(state="waiting").rank_at == first
    assert AgentLoad.objects.get(user=agent).used == 0


def test_a_colleagues_complaint_is_released_by_a_lead_only():
    complaint = make_complaint(assignee=make_user())

    with pytest.raises(NotAllowedError):
        release_complaint(complaint, by=make_user(), **ANY)

    assert release_complaint(complaint, by=make_user("lead"), **ANY).assignee is None


def test_a_claim_names_who_was_faster():
    first = make_user(name="小周")
    complaint = make_complaint(assignee=first)

    with pytest.raises(RefusedError) as refusal:
        claim_complaint(complaint, by=make_user())

    assert "小周" in refusal.value.reasons[0].text


def test_claiming_twice_is_once():
    agent, complaint = make_user(), make_complaint()

    claim_complaint(complaint, by=agent)
    claim_complaint(complaint, by=agent)

    assert complaint.decisions.count() == 1


def test_leads_assign_members_who_can_answer():
    lead, member, stranger = make_user("lead"), make_user(), make_user(teams=[make_team("quality")])
    complaint = make_complaint()

    with pytest.raises(NotAllowedError):
        assign_complaint(complaint, to=member, by=make_user(), **ANY)
    with pytest.raises(RefusedError):
        assign_complaint(complaint, to=stranger, by=lead, **ANY)

    assert assign_complaint(complaint, to=member, by=lead, **ANY).assignee == member
    assert fresh(complaint).decisions.get().cause == "manual"
