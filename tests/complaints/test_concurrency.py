"""Two at the same moment, with real threads and real commits."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from complaints.lifecycle import Status
from complaints.models import AgentLoad, Complaint, Outbox, Survey
from complaints.services import (
    claim_complaint,
    confirm_complaint,
    file_complaint,
    merge_complaints,
    post_customer_message,
    post_reply,
    reopen_complaint,
    resolve_complaint,
)
from foundation.events import find_break
from foundation.exceptions import ReasonedError, VersionConflictError
from foundation.verbs import lock
from tests.factories import make_complaint, make_filing, make_user
from tests.journeys import SOLVED
from tests.stack import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run acts in threads that start together; returns what each returned or raised."""
    start, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        start.wait(timeout=10)
        try:
            outcomes[place] = act()
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return outcomes


def assert_whole(*complaints: Complaint) -> None:
    for complaint in complaints:
        row = Complaint.objects.get(pk=complaint.pk)
        assert find_break(row.events.order_by("seq"), head_seq=row.head_seq, head_hash=row.head_hash) is None


def test_a_form_sent_eight_times_at_once_is_one_complaint():
    filing = make_filing(token="one")

    outcomes = at_once(*[lambda: file_complaint(filing)] * 8)

    assert {outcome.pk for outcome in outcomes} == {Complaint.objects.get().pk}
    assert Outbox.objects.count() == 1


def test_two_replies_at_one_version_are_one_reply():
    complaint, agents = make_complaint(), [make_user(), make_user()]

    outcomes = at_once(*[lambda by=by: post_reply(complaint, body="您好", by=by, expected_version=complaint.version) for by in agents])

    assert [type(outcome) for outcome in outcomes].count(VersionConflictError) == 1
    assert complaint.messages.filter(author_kind="human").count() == 1
    assert_whole(complaint)


def test_a_double_click_is_one_reply():
    complaint, agent = make_complaint(), make_user()

    outcomes = at_once(*[lambda: post_reply(complaint, body="您好", by=agent, expected_version=complaint.version, request_id="r")] * 4)

    assert len({outcome.pk for outcome in outcomes}) == 1
    assert complaint.outbox.filter(node="reply").count() == 1


def test_one_of_many_gets_the_claim():
    complaint, agents = make_complaint(), [make_user() for _ in range(6)]

    outcomes = at_once(*[lambda by=by: claim_complaint(complaint, by=by) for by in agents])

    assert sum(isinstance(outcome, ReasonedError) for outcome in outcomes) == 5
    assert sum(AgentLoad.objects.values_list("used", flat=True)) == 5
    assert_whole(complaint)


def test_closing_and_reopening_at_once_leave_one_true_state():
    complaint = make_complaint(Status.RESOLVED)

    at_once(
        lambda: confirm_complaint(complaint, as_customer=True),
        lambda: reopen_complaint(complaint, as_customer=True),
        lambda: post_customer_message(complaint, body="没有解决。"),
    )

    after = Complaint.objects.get(pk=complaint.pk)
    assert (after.status, after.cycle, after.needs_reply) == (Status.OPEN, 2, True)
    assert_whole(complaint)


def test_joining_two_into_each_other_makes_no_circle():
    one, other, agent = make_complaint(), make_complaint(), make_user()

    outcomes = at_once(
        lambda: merge_complaints(one, into=other, by=agent, expected_version=None),
        lambda: merge_complaints(other, into=one, by=agent, expected_version=None),
    )

    assert sum(isinstance(outcome, ReasonedError) for outcome in outcomes) == 1
    assert sorted(Complaint.objects.values_list("status", flat=True)) == [Status.MERGED, Status.NEW]
    assert_whole(one, other)


def test_what_is_joined_while_its_goal_moves_on_stops_the_move():
    agent = make_user()
    first, second, third = (make_complaint() for _ in range(3))
    outcomes: list[Any] = []

    with transaction.atomic():
        lock(second)
        mover = threading.Thread(target=lambda: outcomes.extend(at_once(lambda: join(second, third, agent))))
        mover.start()
        wait_for(somebody_waits_for_us, within=20)
        join(first, second, agent)
    mover.join(timeout=30)

    assert [type(outcome) for outcome in outcomes] == [VersionConflictError]
    assert [Complaint.objects.get(pk=each.pk).merged_into for each in (first, second)] == [second, None]


def join(one: Complaint, other: Complaint, by) -> Complaint:
    return merge_complaints(one, into=other, by=by, expected_version=None)


def somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return cursor.fetchone()[0] > 0


def test_a_message_during_the_merge_reaches_the_survivor():
    agent = make_user()
    survivor, child = make_complaint(Status.WAITING_CUSTOMER, assignee=agent), make_complaint()

    outcomes = at_once(
        lambda: merge_complaints(child, into=survivor, by=agent, expected_version=None),
        lambda: post_customer_message(child, body="补充。"),
    )

    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert Complaint.objects.get(pk=survivor.pk).needs_reply
    assert_whole(survivor, child)


def test_messages_of_many_are_all_kept_in_one_chain():
    complaint = make_complaint(Status.OPEN)
    first = complaint.head_seq

    at_once(*[lambda number=number: post_customer_message(complaint, body=f"第{number}条") for number in range(10)])

    assert complaint.messages.filter(body__startswith="第").count() == 10
    assert Complaint.objects.get(pk=complaint.pk).head_seq == first + 10 + 1, "ten messages, and one clock for all of them"
    assert_whole(complaint)


def test_two_complaints_of_one_customer_resolved_at_once_ask_once():
    agent = make_user()
    one, other = (make_complaint(Status.OPEN, assignee=agent) for _each in range(2))

    at_once(*[partial(resolve_complaint, each, by=agent, expected_version=None, **SOLVED) for each in (one, other)])

    assert sorted(Survey.objects.values_list("suppressed_by", flat=True)) == ["", "cap"]
