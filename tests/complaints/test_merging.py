"""Joining complaints and taking them apart again."""

import pytest

from complaints.access import thread_of
from complaints.lifecycle import Status
from complaints.models import AgentLoad, Complaint
from complaints.services import (
    add_tag,
    link_complaints,
    merge_complaints,
    post_customer_message,
    post_reply,
    set_priority,
    unmerge_complaint,
    wake_complaint,
)
from foundation.events import find_break
from foundation.exceptions import NotAllowedError, RefusedError
from tests.complaints.builders import codes, fresh, later, nodes
from tests.factories import make_complaint, make_order, make_team, make_user

pytestmark = pytest.mark.django_db
ANY = {"expected_version": None}

CHANGING = {"version", "head_seq", "head_hash", "due_at", "promise_at"}


def state_of(complaint: Complaint) -> dict:
    row = fresh(complaint)
    kept = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in CHANGING}
    if row.status != Status.SNOOZED:
        kept.pop("status_before")  # only a snoozed one still needs to know where it returns to
    return kept | {"tags": sorted(row.tags.values_list("name", flat=True))}


def test_messages_stay_with_the_joined_complaint_and_show_in_the_survivor():
    agent, survivor, child = make_user(), make_complaint(description="第一件"), make_complaint(description="第二件")

    merge_complaints(child, into=survivor, by=agent, **ANY)

    assert [message.body for message in thread_of(survivor, is_staff=True)] == ["第一件", "第二件"]
    assert child.messages.count() == 1
    assert (fresh(child).status, fresh(child).merged_into) == (Status.MERGED, survivor)


def test_each_chain_holds_the_others_head():
    agent, survivor, child = make_user(), make_complaint(), make_complaint()
    heads = {each.pk: bytes(each.head_hash).hex() for each in (survivor, child)}

    merge_complaints(child, into=survivor, by=agent, **ANY)

    assert codes(child, "complaint.merged")["head"] == heads[survivor.pk]
    assert codes(survivor, "complaint.merged")["head"] == heads[child.pk]
    for each in (fresh(survivor), fresh(child)):
        assert find_break(each.events.order_by("seq"), head_seq=each.head_seq, head_hash=each.head_hash) is None


@pytest.mark.parametrize(
    "status", [Status.NEW, Status.OPEN, Status.WAITING_CUSTOMER, Status.WAITING_INTERNAL, Status.SNOOZED, Status.RESOLVED]
)
def test_unmerging_equals_the_state_before(status):
    agent = make_user()
    survivor = make_complaint(Status.OPEN, assignee=agent)
    child = make_complaint(status, assignee=agent, category=survivor.category)
    add_tag(child, name="易碎", by=agent)
    set_priority(child, priority=3, by=agent, **ANY)
    before, load = (state_of(survivor), state_of(child)), AgentLoad.objects.get(user=agent).used

    merge_complaints(child, into=survivor, by=agent, **ANY)
    merged = state_of(survivor)
    unmerge_complaint(child, by=agent, **ANY)

    assert (merged["priority"], merged["tags"]) == (3, ["易碎"])
    assert (state_of(survivor), state_of(child)) == (before[0], before[1])
    assert AgentLoad.objects.get(user=agent).used == load


def test_what_arrived_meanwhile_stays_with_its_own_contact():
    agent = make_user()
    survivor, child = make_complaint(Status.OPEN, assignee=agent), make_complaint(Status.OPEN, assignee=agent)
    merge_complaints(child, into=survivor, by=agent, **ANY)
    post_customer_message(child, body="补充给第二件。")
    post_customer_message(survivor, body="补充给第一件。")

    unmerge_complaint(child, by=agent, **ANY)

    assert child.messages.filter(body="补充给第二件。").exists()
    assert [fresh(child).needs_reply, fresh(survivor).needs_reply] == [True, True]


def test_an_answer_to_the_survivor_answered_both():
    agent = make_user()
    survivor, child = make_complaint(Status.OPEN, assignee=agent), make_complaint()
    merge_complaints(child, into=survivor, by=agent, **ANY)
    post_customer_message(child, body="补充。")
    post_reply(survivor, body="两件一起处理。", by=agent, **ANY)

    unmerge_complaint(child, by=agent, **ANY)

    assert [fresh(child).needs_reply, fresh(survivor).needs_reply] == [False, False]


def test_a_snoozed_one_still_wakes_after_its_separation():
    agent = make_user()
    child = make_complaint(Status.SNOOZED, assignee=agent)
    merge_complaints(child, into=make_complaint(), by=agent, **ANY)
    unmerge_complaint(child, by=agent, **ANY)

    assert wake_complaint(child).status == Status.OPEN


def test_a_waiting_customer_makes_the_survivor_wait_no_longer():
    agent = make_user()
    survivor, child = make_complaint(Status.OPEN, assignee=agent), make_complaint()

    merge_complaints(child, into=survivor, by=agent, **ANY)

    assert fresh(survivor).unanswered_since == child.filed_at
    assert nodes(child, state="queued") == ["merged"]
    assert not child.assignment_requests.filter(state="waiting").exists()


def test_strangers_are_not_joined():
    other = make_complaint(contact_phone="13900009999", contact_email="other@mail.example")

    with pytest.raises(RefusedError) as refusal:
        merge_complaints(make_complaint(), into=other, by=make_user("lead"), reason="同一件事", **ANY)

    assert [reason.code for reason in refusal.value.reasons] == ["strangers"]


def test_the_same_order_needs_a_lead_with_a_reason():
    order = make_order()
    one = make_complaint(order=order, contact_phone="13900009999", contact_email="a@mail.example")
    other = make_complaint(order=order, contact_phone="13900008888", contact_email="b@mail.example")
    Complaint.objects.filter(pk=one.pk).update(customer=None)
    lead = make_user("lead")

    for by, reason in [(make_user(), "同一包裹"), (lead, "")]:
        with pytest.raises(RefusedError):
            merge_complaints(one, into=other, by=by, reason=reason, **ANY)

    assert merge_complaints(one, into=other, by=lead, reason="同一包裹", **ANY).status == Status.MERGED


@pytest.mark.parametrize("status", [Status.MERGED, Status.WITHDRAWN, Status.CLOSED, Status.SPAM])
def test_the_survivor_must_be_open(status):
    with pytest.raises(RefusedError):
        merge_complaints(make_complaint(), into=make_complaint(status), by=make_user(), **ANY)


def test_no_circle():
    agent = make_user()
    first, second, third = make_complaint(), make_complaint(), make_complaint()
    merge_complaints(first, into=second, by=agent, **ANY)

    for child, target in [(second, first), (third, third)]:
        with pytest.raises(RefusedError):
            merge_complaints(child, into=target, by=agent, **ANY)


def survivors(*complaints: Complaint) -> list[Complaint | None]:
    return [fresh(each).merged_into for each in complaints]


def test_what_holds_others_takes_them_along():
    agent = make_user()
    first, second, third = make_complaint(description="一"), make_complaint(description="二"), make_complaint(description="三")
    merge_complaints(first, into=second, by=agent, **ANY)

    merge_complaints(second, into=third, by=agent, **ANY)

    assert survivors(first, second) == [third, third]
    assert sorted(message.body for message in thread_of(third, is_staff=True)) == sorted("一二三")
    assert codes(first, "complaint.regrouped") == {"from": second.pk, "to": third.pk}
    assert find_break(first.events.order_by("seq"), head_seq=fresh(first).head_seq, head_hash=fresh(first).head_hash) is None


def test_separating_a_group_equals_the_state_before_it_was_joined_on():
    agent = make_user()
    first, second, third, fourth = (make_complaint(Status.OPEN, assignee=agent) for _ in range(4))
    add_tag(first, name="易碎", by=agent)
    set_priority(first, priority=3, by=agent, **ANY)
    merge_complaints(first, into=second, by=agent, **ANY)
    merge_complaints(second, into=third, by=agent, **ANY)
    before = [state_of(each) for each in (first, second, third, fourth)]

    merge_complaints(third, into=fourth, by=agent, **ANY)
    joined = survivors(first, second, third)
    unmerge_complaint(third, by=agent, **ANY)

    assert joined == [fourth] * 3
    assert [state_of(each) for each in (first, second, third, fourth)] == before


def test_a_group_is_taken_apart_from_the_outside_in():
    agent = make_user()
    first, second, third = make_complaint(), make_complaint(), make_complaint()
    before = [state_of(each) for each in (first, second, third)]
    merge_complaints(first, into=second, by=agent, **ANY)
    merge_complaints(second, into=third, by=agent, **ANY)

    with pytest.raises(RefusedError) as refusal:
        unmerge_complaint(first, by=make_user("lead"), **ANY)
    unmerge_complaint(second, by=agent, **ANY)
    unmerge_complaint(first, by=agent, **ANY)

    assert [reason.code for reason in refusal.value.reasons] == ["came_along"]
    assert [state_of(each) for each in (first, second, third)] == before


def test_a_message_to_a_member_waits_with_the_group_that_leaves():
    agent = make_user()
    first, second, third = (make_complaint(Status.OPEN, assignee=agent) for _ in range(3))
    merge_complaints(first, into=second, by=agent, **ANY)
    merge_complaints(second, into=third, by=agent, **ANY)
    post_customer_message(first, body="补充给第一件。")

    unmerge_complaint(second, by=agent, **ANY)

    assert [fresh(second).needs_reply, fresh(third).needs_reply] == [True, False]


def test_both_must_be_visible():
    hidden = make_complaint()
    Complaint.objects.filter(pk=hidden.pk).update(team=make_team("quality"))

    with pytest.raises(NotAllowedError):
        merge_complaints(make_complaint(), into=hidden, by=make_user(), **ANY)


def test_after_a_day_only_a_lead_separates():
    agent = make_user()
    child = make_complaint(Status.MERGED, assignee=agent)

    with later(hours=25), pytest.raises(RefusedError):
        unmerge_complaint(child, by=agent, **ANY)

    assert unmerge_complaint(child, by=make_user("lead"), **ANY).status == Status.NEW


def test_linking_joins_nothing():
    one, other = make_complaint(), make_complaint()

    link_complaints(one, to=other, kind="same_order", by=make_user())
    link_complaints(one, to=other, kind="same_order", by=make_user())

    assert (one.links.count(), fresh(one).status) == (1, Status.NEW)
