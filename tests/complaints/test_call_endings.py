"""What ends a call, takes it along or hands it on."""

import pytest

from complaints.chat.callbacks import cancel_callback, log_attempt, promised_call, take_call
from complaints.models import ClockRun, FollowUp
from complaints.portal.talk import lines_of
from complaints.privacy.erasure import erase_rows
from complaints.services import (
    appeal_complaint,
    confirm_complaint,
    decline_complaint,
    merge_complaints,
    post_reply,
    reopen_complaint,
    retract_message,
    unmerge_complaint,
    withdraw_complaint,
)
from foundation.exceptions import NotAllowedError, RefusedError
from tests.complaints.builders import codes, fresh, kinds, later
from tests.complaints.calls import AFTER, ANY, book, call_about, resolve
from tests.factories import make_complaint, make_user
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return make_user()


@pytest.fixture
def colleague(agent):
    return make_user()


@pytest.fixture
def complaint(agent):
    return make_complaint("open", assignee=agent)


def test_reopening_ends_it(complaint, agent, colleague):
    resolve(complaint, agent)

    reopen_complaint(fresh(complaint), as_customer=True)

    call = call_about(complaint)
    assert (call.outcome, call.run.state) == ("cancelled", "cancelled")
    assert codes(complaint, "callback.cancelled")["cause"] == "reopen"


def test_a_result_that_was_taken_back_is_not_asked_about(complaint, agent, colleague):
    solved = {key: SOLVED[key] for key in ("reason_code", "liability")}
    message = post_reply(fresh(complaint), body="已补发。", by=agent, then="resolve", then_inputs=solved, **ANY)

    retract_message(message, by=agent)
    resolve(complaint, agent)

    outcomes = FollowUp.objects.filter(callback_kind=AFTER).order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["cancelled", ""]


@pytest.mark.parametrize(("way", "outcome"), [({"as_customer": True}, "cancelled"), ({}, "")])
def test_a_customer_who_agrees_is_not_asked_again_and_one_who_is_silent_is(complaint, agent, colleague, way, outcome):
    resolve(complaint, agent)

    confirm_complaint(fresh(complaint), **way)

    assert call_about(complaint).outcome == outcome


def test_withdrawing_ends_every_call_with_its_cause(complaint, agent, colleague):
    resolve(complaint, agent)
    book(complaint)

    withdraw_complaint(fresh(complaint), as_customer=True)

    assert set(FollowUp.objects.values_list("outcome", flat=True)) == {"cancelled"}
    causes = complaint.events.filter(kind="callback.cancelled").order_by("seq").values_list("codes__cause", flat=True)
    assert list(causes) == ["booked", "withdraw"]


def test_a_call_that_the_customer_books_takes_its_place(complaint, agent, colleague):
    resolve(complaint, agent)

    call = book(complaint)

    assert call_about(complaint).outcome == "cancelled"
    assert (promised_call(complaint), call.callback_kind, call.owner) == (call, "requested", agent)


def test_a_joined_result_is_not_asked_about(complaint, agent, colleague):
    resolve(complaint, agent)
    survivor = make_complaint()

    merge_complaints(fresh(complaint), into=survivor, by=agent, **ANY)

    assert (call_about(complaint).complaint, call_about(complaint).outcome) == (complaint, "cancelled")
    assert not survivor.clock_runs.filter(kind="callback").exists()


@pytest.mark.parametrize("is_childs_sooner", [True, False])
def test_of_two_calls_that_were_asked_for_the_sooner_stands(is_childs_sooner):
    child, survivor = make_complaint(), make_complaint()
    first, second = (child, survivor) if is_childs_sooner else (survivor, child)
    sooner = book(first)
    with later(hours=3):
        book(second)

    merge_complaints(child, into=survivor, by=make_user(), **ANY)

    assert promised_call(survivor) == sooner
    assert list(ClockRun.objects.filter(kind="callback", ended_at=None).values_list("complaint", flat=True)) == [survivor.pk]


def test_a_colleague_takes_a_call_over(complaint, agent, colleague):
    third = make_user()
    resolve(complaint, agent)

    take_call(call_about(complaint), by=third)

    call = call_about(complaint)
    assert call.owner == third
    assert (codes(complaint, "callback.given")["from"], codes(complaint, "callback.given")["to"]) == (colleague.pk, third.pk)


def test_the_solver_does_not_take_the_call_about_the_own_result(complaint, agent, colleague):
    resolve(complaint, agent)

    with pytest.raises(NotAllowedError):
        take_call(call_about(complaint), by=agent)


def test_a_call_that_is_done_is_taken_by_nobody(complaint, agent, colleague):
    resolve(complaint, agent)
    log_attempt(call_about(complaint), outcome="refused", by=colleague)

    with pytest.raises(RefusedError):
        take_call(call_about(complaint), by=make_user())


def test_erasing_ends_the_call(complaint, agent, colleague):
    resolve(complaint, agent)

    erase_rows([fresh(complaint)], [], by=None)

    assert call_about(complaint).outcome == "cancelled"


def test_an_appeal_ends_the_call(complaint, agent, colleague):
    decline_complaint(fresh(complaint), facts="已过期限。", reason_code="late", basis="第 4 条", by=agent, **ANY)

    appeal_complaint(fresh(complaint), reason="我有照片。")

    assert (call_about(complaint).outcome, codes(complaint, "callback.cancelled")["cause"]) == ("cancelled", "appeal")


def test_a_result_that_is_separated_again_is_called_about_as_before(complaint, agent, colleague):
    resolve(complaint, agent)
    before = call_about(complaint)
    merge_complaints(fresh(complaint), into=make_complaint(), by=agent, **ANY)

    unmerge_complaint(fresh(complaint), by=agent, **ANY)

    call = call_about(complaint)
    assert (call.pk, call.owner, call.due_at, call.outcome) == (before.pk, colleague, before.due_at, "")
    assert (call.run.state, call.run.ended_at, fresh(complaint).due_at) == ("running", None, before.due_at)
    assert kinds(complaint).count("callback.due") == 2


def test_a_call_that_came_with_a_joined_complaint_goes_with_it_again(agent):
    child, survivor = make_complaint(), make_complaint()
    call, own = book(child), book(survivor, by=make_user())
    merge_complaints(fresh(child), into=survivor, by=agent, **ANY)

    unmerge_complaint(fresh(child), by=agent, **ANY)

    runs = ClockRun.objects.filter(kind="callback", ended_at=None)
    assert (fresh(call).complaint, fresh(own).complaint) == (child, survivor)
    assert dict(runs.values_list("pk", "complaint")) == {call.run_id: child.pk, own.run_id: survivor.pk}
    assert codes(child, "callback.due")["follow_up"] == call.pk
    assert codes(survivor, "callback.cancelled")["cause"] == "unmerge"


def test_a_call_that_was_made_meanwhile_stays_where_it_was_made(agent):
    child, survivor = make_complaint(), make_complaint()
    call = book(child)
    merge_complaints(fresh(child), into=survivor, by=agent, **ANY)
    cancel_callback(fresh(call), reason="另约", by=agent)

    unmerge_complaint(fresh(child), by=agent, **ANY)

    assert fresh(call).complaint == survivor


def test_a_conversation_tells_nothing_of_a_call_that_was_not_promised(complaint, agent, colleague):
    resolve(complaint, agent)
    reopen_complaint(fresh(complaint), as_customer=True)
    without = {line.body for line in lines_of(complaint)}
    cancel_callback(book(complaint))

    assert "callback.cancelled" in kinds(complaint)
    assert {line.body for line in lines_of(complaint)} - without == {"已预约回电。", "回电已取消。"}
