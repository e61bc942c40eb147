"""What each rung sets in motion."""

from datetime import timedelta

import pytest

from complaints.assignment.demand import BAND_LEAD, NEARLY_DUE
from complaints.lifecycle import Status
from complaints.models import AssignmentRequest, ClockRun, Complaint, FollowUp
from complaints.services import post_customer_message, post_reply, snooze_complaint
from complaints.services.act import Act
from foundation.verbs import lock
from tests.complaints.builders import codes, fresh, kinds, nodes
from tests.complaints.sla.builders import ANY, moment, run_of
from tests.factories import make_category, make_complaint

Kind = ClockRun.Kind


def swept(day, text: str) -> None:
    day.go(moment(text))
    day.sweep()


def follow_ups(complaint) -> list[tuple]:
    rows = FollowUp.objects.filter(complaint=complaint, done_at__isnull=True).exclude(kind="callback").order_by("threshold")
    return [(row.role, row.threshold, row.due_at) for row in rows]


def test_half_of_the_time_changes_nothing_but_the_record(day):
    complaint = make_complaint()
    swept(day, "2026-03-10 12:00")

    assert kinds(complaint)[-1] == "clock.warned"
    assert (fresh(complaint).priority, follow_ups(complaint)) == (Complaint.Priority.NORMAL, [])


def test_the_last_fifth_wakes_what_was_put_aside(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    post_customer_message(complaint, body="什么时候到？")  # due at 18:00
    snooze_complaint(complaint, until=moment("2026-03-10 17:30"), reason="等回电", by=agent, **ANY)
    swept(day, "2026-03-10 14:00")
    at_half = fresh(complaint).status
    swept(day, "2026-03-10 16:24")

    assert (at_half, fresh(complaint).status, fresh(complaint).timer_at) == (Status.SNOOZED, Status.OPEN, None)


def test_the_last_fifth_brings_whoever_waits_for_an_agent_further_forward(day):
    complaint = make_complaint()
    before = AssignmentRequest.objects.get(complaint=complaint)
    swept(day, "2026-03-10 12:00")
    at_half = AssignmentRequest.objects.get(complaint=complaint)
    swept(day, "2026-03-10 13:12")

    request = AssignmentRequest.objects.get(complaint=complaint)
    assert (at_half.band, request.band) == (before.band, NEARLY_DUE)
    assert request.rank_at == before.enqueued_at - NEARLY_DUE * BAND_LEAD


def test_a_missed_clock_raises_priority_and_place_and_calls_a_lead(day):
    complaint = make_complaint()
    before = AssignmentRequest.objects.get(complaint=complaint).rank_at
    swept(day, "2026-03-10 14:00")

    assert fresh(complaint).priority == Complaint.Priority.HIGH
    assert AssignmentRequest.objects.get(complaint=complaint).rank_at < before
    assert follow_ups(complaint) == [(FollowUp.Role.LEAD, 100, day.at + timedelta(minutes=30))]


def test_what_is_urgent_stays_urgent(day):
    complaint = make_complaint(priority=3)
    swept(day, "2026-03-10 10:30")

    assert fresh(complaint).priority == Complaint.Priority.URGENT


def test_half_as_long_again_calls_the_manager_and_twice_as_long_calls_again(day):
    complaint = make_complaint()
    swept(day, "2026-03-10 16:00")
    late = follow_ups(complaint)
    swept(day, "2026-03-10 18:00")

    assert [each[:2] for each in late] == [(FollowUp.Role.LEAD, 100), (FollowUp.Role.MANAGER, 150)]
    assert follow_ups(complaint)[-1] == (FollowUp.Role.MANAGER, 200, day.at + timedelta(minutes=30))


def test_an_inner_deadline_that_is_missed_tells_the_customer_nothing_yet(day):
    complaint = make_complaint(category=make_category(promise_hours=24))
    swept(day, "2026-03-10 14:00")

    assert "late" not in nodes(complaint)
    assert fresh(complaint).new_promise_at is None


def test_a_promise_that_passed_is_followed_by_one_apology_with_a_new_time(day):
    complaint = make_complaint(category=make_category(promise_hours=24))
    swept(day, "2026-03-11 09:59")
    before = nodes(complaint)
    swept(day, "2026-03-11 10:00")
    swept(day, "2026-03-11 10:10")

    assert "late" not in before
    assert nodes(complaint).count("late") == 1
    assert fresh(complaint).new_promise_at > day.at
    assert codes(complaint, "promise.moved")["new_promise_at"] == fresh(complaint).new_promise_at.isoformat()


def test_a_deadline_that_was_the_promise_brings_the_apology_itself(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    post_customer_message(complaint, body="什么时候到？")
    swept(day, "2026-03-10 18:00")

    assert nodes(complaint).count("late") == 1
    assert fresh(complaint).new_promise_at == moment("2026-03-11 10:00")  # half as long again


def test_while_a_new_time_stands_another_missed_promise_is_no_second_apology(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent, priority=3)
    day.go(moment("2026-03-10 22:00"))
    post_customer_message(complaint, body="什么时候到？")
    swept(day, "2026-03-11 09:55")  # the answer was due at 23:00; the new time is half an hour from now
    swept(day, "2026-03-11 10:00")  # and here the solution

    assert run_of(complaint, Kind.RESOLUTION).missed_at == day.at
    assert nodes(complaint).count("late") == 1


@pytest.mark.parametrize("hour", ["18:00", "20:59"])
def test_a_new_time_is_never_in_the_past_or_at_once(day, agent, hour):
    complaint = make_complaint(Status.OPEN, assignee=agent, priority=2)
    post_customer_message(complaint, body="什么时候到？")  # due at 14:00, half as long again at 16:00
    swept(day, f"2026-03-10 {hour}")

    assert fresh(complaint).new_promise_at >= day.at + timedelta(minutes=30)


def test_the_new_time_goes_with_what_was_missed(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    post_customer_message(complaint, body="什么时候到？")
    swept(day, "2026-03-10 18:00")
    post_reply(complaint, body="抱歉久等。", by=agent, **ANY)

    assert fresh(complaint).new_promise_at is None
    assert fresh(complaint).promise_at == run_of(complaint, Kind.RESOLUTION).promise_at


def test_a_promise_that_is_sooner_than_a_recounted_deadline_is_not_passed_over_in_silence(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    post_customer_message(complaint, body="什么时候到？")
    run = run_of(complaint, Kind.NEXT)
    act = Act(lock(complaint, "category", "customer"), by=None)
    moved = next(each for each in act.clocks.open_runs if each.pk == run.pk)
    moved.target_s += 3600
    moved.due_at += timedelta(hours=1)
    act.clocks.recomputed(moved, "calendar")
    act.finish()
    swept(day, "2026-03-10 18:00")

    assert nodes(complaint).count("late") == 1
    assert run_of(complaint, Kind.NEXT).missed_at is None


def test_what_is_to_be_done_ends_with_the_complaint(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    post_customer_message(complaint, body="什么时候到？")
    swept(day, "2026-03-10 18:00")
    post_reply(
        complaint, body="已补发。", by=agent, then="resolve", then_inputs={"reason_code": "delay", "liability": {"carrier": 100}}, **ANY
    )

    assert follow_ups(complaint) == []
    looks = FollowUp.objects.filter(complaint=complaint, kind__in=FollowUp.OF_OPEN)
    assert set(looks.values_list("outcome", flat=True)) == {FollowUp.Outcome.CANCELLED}
