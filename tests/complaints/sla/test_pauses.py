"""When time stands still: while the customer has the turn, for the solution alone, at most twice."""

from datetime import timedelta

import pytest
from django.db import connection

from complaints.lifecycle import Status
from complaints.models import ClockRun, Complaint
from complaints.services import (
    answer_complaint,
    ask_customer,
    miss_answer,
    post_customer_message,
    post_reply,
    reopen_complaint,
    resolve_complaint,
    retract_message,
    set_priority,
)
from complaints.services.pauses import pause_clock, resume_clock
from complaints.services.timers import run_timers
from config.clock_invariants import CLOCK_FAULTS
from tests.complaints.builders import codes, fresh
from tests.complaints.sla.builders import ANY, moment, notes, pending, run_of
from tests.factories import make_complaint, make_user
from tests.journeys import SOLVED

Kind, State = ClockRun.Kind, ClockRun.State


def test_the_customers_turn_pauses_the_solution_alone(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    post_customer_message(complaint, body="外箱破了。")
    day.later(hours=2)
    ask_customer(complaint, body="请补充外箱照片。", by=agent, **ANY)
    day.later(hours=5)
    post_customer_message(complaint, body="照片在这里。")

    run = run_of(complaint, Kind.RESOLUTION)
    assert (run.state, run.consumed_s, run.due_at) == (State.RUNNING, 2 * 3600, moment("2026-03-13 15:00"))
    assert run.promise_at == run.due_at  # the time was the customer's own
    assert run_of(complaint, Kind.NEXT).started_at == moment("2026-03-10 17:00")


def test_while_it_is_paused_nothing_of_it_is_due(day, agent):
    complaint = make_complaint(Status.WAITING_CUSTOMER, assignee=agent)
    run = run_of(complaint, Kind.RESOLUTION)

    assert (run.state, run.pause_reason, run.due_at) == (State.PAUSED, ClockRun.Pause.CUSTOMER_INFO, None)
    assert pending(complaint) == []
    day.later(days=60)
    assert day.sweep() == 0


def test_after_three_days_without_an_answer_time_goes_on(day, agent):
    complaint = make_complaint(Status.WAITING_CUSTOMER, assignee=agent)
    day.later(hours=72)

    run_timers()

    run = run_of(complaint, Kind.RESOLUTION)
    assert (run.state, run.due_at) == (State.RUNNING, moment("2026-03-16 10:00"))


def test_the_third_question_of_a_cycle_pauses_nothing(day):
    lead = make_user("lead")
    complaint = make_complaint(Status.OPEN, assignee=lead)
    paused = []
    for _question in range(3):
        ask_customer(complaint, body="请补充。", by=lead, **ANY)
        paused.append(run_of(complaint, Kind.RESOLUTION).state)
        day.later(minutes=30)
        post_customer_message(complaint, body="补充。")

    assert paused == [State.PAUSED, State.PAUSED, State.RUNNING]
    assert run_of(complaint, Kind.RESOLUTION).due_at == moment("2026-03-13 11:00")


def test_a_pause_after_the_end_takes_nothing_back(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    day.go(moment("2026-03-13 10:30"))
    ask_customer(complaint, body="请补充。", by=agent, **ANY)
    day.later(hours=1)
    post_customer_message(complaint, body="补充。")

    run = run_of(complaint, Kind.RESOLUTION)
    assert (run.state, run.missed_at, run.due_at) == (State.RUNNING, moment("2026-03-13 10:00"), moment("2026-03-13 10:00"))
    assert len(notes(complaint, "clock.missed")) == 1


@pytest.mark.parametrize("status", [Status.WAITING_INTERNAL, Status.SNOOZED])
def test_other_departments_and_putting_it_aside_pause_nothing(day, agent, status):
    complaint = make_complaint(status, assignee=agent)

    assert run_of(complaint, Kind.RESOLUTION).state == State.RUNNING


def test_a_correction_of_a_result_that_was_given_while_the_customer_had_the_turn_goes_on_from_there(day, agent):
    complaint = make_complaint(Status.WAITING_CUSTOMER, assignee=agent)
    day.later(hours=4)
    resolve_complaint(complaint, by=agent, **ANY, **SOLVED)
    day.later(minutes=5)
    reopen_complaint(complaint, by=agent, **ANY)

    run = run_of(complaint, Kind.RESOLUTION)
    assert (run.due_at, run.promise_at, run.consumed_s) == (moment("2026-03-13 14:05"), moment("2026-03-13 14:05"), 0)


def test_an_answer_by_telephone_ends_the_customers_turn(day, agent):
    complaint = make_complaint(Status.WAITING_CUSTOMER, assignee=agent)
    day.later(hours=1)
    answer_complaint(complaint, summary="电话里说清楚了。", by=agent, **ANY)

    assert run_of(complaint, Kind.RESOLUTION).due_at == moment("2026-03-13 11:00")


def test_nobody_but_the_timer_misses_an_answer_and_the_pause_ends_with_it(day, agent):
    complaint = make_complaint(Status.WAITING_CUSTOMER, assignee=agent)
    day.later(hours=72)
    miss_answer(complaint)

    assert run_of(complaint, Kind.RESOLUTION).state == State.RUNNING


def test_taking_back_another_message_does_not_end_the_customers_turn(day, agent):
    complaint = make_complaint(Status.WAITING_CUSTOMER, assignee=agent)
    day.later(minutes=1)
    retract_message(post_reply(complaint, body="补充一句。", by=agent, **ANY), by=agent)

    assert (fresh(complaint).status, fresh(complaint).asked_count) == (Status.WAITING_CUSTOMER, 1)
    assert run_of(complaint, Kind.RESOLUTION).state == State.PAUSED


@pytest.mark.parametrize("reason", ["customer_info", "regulator"])
def test_what_is_raised_while_time_stands_still_has_less_left_when_it_goes_on(day, agent, reason):
    lead = make_user("lead")
    complaint = make_complaint(Status.WAITING_CUSTOMER if reason == "customer_info" else Status.OPEN, assignee=agent)
    if reason == "regulator":
        pause_clock(complaint, reason=reason, until=day.at + timedelta(days=2), by=lead)
    day.later(hours=1)
    set_priority(complaint, priority=Complaint.Priority.URGENT, by=lead, **ANY)
    raised = run_of(complaint, Kind.RESOLUTION)
    day.later(hours=1)
    resume_clock(complaint, by=lead) if reason == "regulator" else post_customer_message(complaint, body="补充。")

    run = run_of(complaint, Kind.RESOLUTION)
    assert (raised.state, raised.due_at, codes(complaint, "clock.recomputed")["reason"]) == (State.PAUSED, None, "tightened")
    assert run.due_at == run.promise_at == moment("2026-03-11 12:00")  # 15 hours of the longer day from noon on
    assert fresh(complaint).promise_at <= run.promise_at
    assert list(clock_faults()) == []


def test_what_is_lowered_or_missed_while_time_stands_still_stays_as_it_was(day, agent):
    lead = make_user("lead")
    lowered, missed = make_complaint(Status.WAITING_CUSTOMER, assignee=agent), make_complaint(Status.OPEN, assignee=agent)
    day.go(moment("2026-03-13 10:30"))
    day.sweep()
    ask_customer(missed, body="请补充。", by=agent, **ANY)
    set_priority(lowered, priority=Complaint.Priority.LOW, by=lead, **ANY)
    set_priority(missed, priority=Complaint.Priority.URGENT, by=lead, **ANY)

    targets = [run_of(each, Kind.RESOLUTION).target_s for each in (lowered, missed)]
    assert targets == [36 * 3600, 36 * 3600]


def test_a_pause_by_hand_takes_none_of_the_two_for_missing_answers(day):
    lead = make_user("lead")
    complaint = make_complaint(Status.OPEN, assignee=lead)
    for _time in range(3):
        pause_clock(complaint, reason="regulator", until=day.at + timedelta(days=1), by=lead)
        resume_clock(complaint, by=lead)
    paused = []
    for _question in range(3):
        ask_customer(complaint, body="请补充。", by=lead, **ANY)
        paused.append(run_of(complaint, Kind.RESOLUTION).state)
        post_customer_message(complaint, body="补充。")

    assert paused == [State.PAUSED, State.PAUSED, State.RUNNING]


def clock_faults() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(CLOCK_FAULTS, {"late": 3600})
        return cursor.fetchall()
