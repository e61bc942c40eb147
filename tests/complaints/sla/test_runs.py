"""Which clocks run after which verb, and how they end."""

from datetime import timedelta

import pytest

from complaints.lifecycle import Status
from complaints.models import Clock, ClockRun, Complaint
from complaints.services import (
    appeal_complaint,
    decide_appeal,
    decline_complaint,
    hand_back,
    hand_over,
    mark_spam,
    post_customer_message,
    post_note,
    post_reply,
    reopen_complaint,
    resolve_complaint,
    restore_complaint,
    resume_complaint,
    retract_message,
    set_category,
    set_priority,
    snooze_complaint,
    transfer_complaint,
    wake_complaint,
    withdraw_complaint,
)
from tests.complaints.builders import fresh, kinds
from tests.complaints.sla.builders import ANY, moment, notes, pending, run_of, rungs, runs_of, states
from tests.factories import make_category, make_complaint, make_team, make_user
from tests.journeys import SOLVED

Kind, State = ClockRun.Kind, ClockRun.State


def test_filing_owes_an_answer_and_a_solution(day):
    complaint = make_complaint()

    assert states(complaint) == {Kind.FIRST: State.RUNNING, Kind.RESOLUTION: State.RUNNING}
    assert run_of(complaint, Kind.FIRST).due_at == moment("2026-03-10 14:00")
    assert run_of(complaint, Kind.RESOLUTION).due_at == moment("2026-03-13 10:00")  # 36 hours of 12 a day
    assert fresh(complaint).due_at == moment("2026-03-10 14:00")


def test_the_customer_is_told_the_category_hours_and_not_the_inner_target(day):
    complaint = make_complaint(category=make_category(promise_hours=24))

    assert run_of(complaint, Kind.FIRST).promise_at == moment("2026-03-11 10:00")
    assert fresh(complaint).promise_at == moment("2026-03-11 10:00")


def test_a_promise_is_never_sooner_than_what_is_due_here(day):
    day.go(moment("2026-03-10 20:00"))

    complaint = make_complaint(category=make_category(promise_hours=2))

    assert run_of(complaint, Kind.FIRST).due_at == moment("2026-03-11 12:00")
    assert run_of(complaint, Kind.FIRST).promise_at == moment("2026-03-11 12:00")


def test_what_a_rule_opened_owes_a_contact(day):
    complaint = make_complaint(origin=Complaint.Origin.RULE)

    assert set(states(complaint)) == {Kind.CONTACT, Kind.RESOLUTION}
    assert run_of(complaint, Kind.CONTACT).due_at == moment("2026-03-10 11:00")


def test_an_answer_is_kept_at_the_second_of_its_message(day, agent):
    complaint = make_complaint()
    day.later(minutes=90, seconds=7)

    message = post_reply(complaint, body="您好。", by=agent, **ANY)

    run = run_of(complaint, Kind.FIRST)
    assert (run.state, run.ended_at) == (State.MET, message.created_at)
    assert notes(complaint, "clock.met") == [("clock.met", Kind.FIRST, message.created_at)]
    assert rungs(run, fired_at__isnull=True, due_at__isnull=False) == {}


@pytest.mark.parametrize(("seconds", "state"), [(-1, State.MET), (0, State.MET), (1, State.MISSED)])
def test_an_answer_in_the_very_moment_is_in_time(day, agent, seconds, state):
    complaint = make_complaint()
    day.go(moment("2026-03-10 14:00") + timedelta(seconds=seconds))

    post_reply(complaint, body="您好。", by=agent, **ANY)

    assert run_of(complaint, Kind.FIRST).state == state
    assert [each[2] for each in notes(complaint, "clock.missed")] == ([moment("2026-03-10 14:00")] if state == State.MISSED else [])


def test_an_answer_that_is_late_rouses_nobody_any_more(day, agent):
    complaint = make_complaint()
    day.go(moment("2026-03-10 15:00"))

    post_reply(complaint, body="抱歉久等。", by=agent, **ANY)

    assert complaint.follow_ups.count() == 0
    assert fresh(complaint).priority == Complaint.Priority.NORMAL


def test_notes_start_and_end_nothing(day, agent):
    complaint = make_complaint()
    before = kinds(complaint)

    post_note(complaint, body="问过仓库了。", by=agent)

    assert kinds(complaint) == [*before, "message.posted"]
    assert states(complaint)[Kind.FIRST] == State.RUNNING


def test_every_word_of_the_customer_after_the_answer_is_owed_one_answer(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    day.later(hours=1)
    post_customer_message(complaint, body="什么时候到？")
    day.later(minutes=10)
    post_customer_message(complaint, body="在吗？")

    run = run_of(complaint, Kind.NEXT)
    assert len(runs_of(complaint, Kind.NEXT)) == 1
    assert (run.started_at, run.due_at) == (moment("2026-03-10 11:00"), moment("2026-03-10 19:00"))
    assert fresh(complaint).due_at == run.due_at


def test_a_second_question_is_another_obligation(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    post_customer_message(complaint, body="什么时候到？")
    day.later(minutes=10)
    post_reply(complaint, body="明天。", by=agent, **ANY)
    day.later(minutes=10)
    post_customer_message(complaint, body="几点？")

    assert [run.state for run in runs_of(complaint, Kind.NEXT)] == [State.MET, State.RUNNING]


def test_a_department_has_until_the_end_of_its_day(day, agent):
    complaint = make_complaint(Status.WAITING_INTERNAL, assignee=agent)
    run = run_of(complaint, Kind.STAGE)
    day.later(hours=3)
    hand_back(complaint, summary="已找到。", by=agent, **ANY)

    assert (run.due_at, run_of(complaint, Kind.STAGE).state) == (moment("2026-03-11 23:59"), State.MET)


def test_putting_aside_what_a_department_has_does_not_end_its_day(day, agent):
    complaint = make_complaint(Status.WAITING_INTERNAL, assignee=agent)
    snooze_complaint(complaint, until=day.at + timedelta(hours=2), reason="等回电", by=agent, **ANY)
    while_aside = states(complaint)[Kind.STAGE]
    day.later(hours=1)
    wake_complaint(complaint, by=agent, **ANY)

    assert while_aside == State.RUNNING
    assert [run.state for run in runs_of(complaint, Kind.STAGE)] == [State.RUNNING]
    assert "clock.recomputed" not in kinds(complaint)


def test_another_day_for_the_department_is_another_obligation(day, agent):
    complaint = make_complaint(Status.WAITING_INTERNAL, assignee=agent)
    hand_back(complaint, summary="不在我们这里。", by=agent, **ANY)
    day.later(minutes=1)
    hand_over(complaint, department="finance", owner="小陈", expected_on=(day.at + timedelta(days=3)).date(), by=agent, **ANY)

    assert [(run.state, run.due_at) for run in runs_of(complaint, Kind.STAGE)] == [
        (State.MET, moment("2026-03-11 23:59")),
        (State.RUNNING, moment("2026-03-13 23:59")),
    ]


def test_a_result_ends_every_clock(day, agent):
    complaint = make_complaint(Status.RESOLVED, assignee=agent)

    assert states(complaint) == {Kind.FIRST: State.MET, Kind.RESOLUTION: State.MET}
    assert pending(complaint) == []


@pytest.mark.parametrize("how", ["withdraw", "spam"])
def test_what_ends_without_us_is_cancelled(day, agent, how):
    complaint = make_complaint(Status.WITHDRAWN if how == "withdraw" else Status.SPAM, assignee=agent if how == "withdraw" else None)

    assert set(states(complaint).values()) == {State.CANCELLED}
    assert pending(complaint) == []


def test_what_was_missed_stays_missed_however_it_ends(day, agent):
    complaint = make_complaint()
    day.later(hours=6)
    withdraw_complaint(complaint, as_customer=True)

    assert states(complaint) == {Kind.FIRST: State.MISSED, Kind.RESOLUTION: State.CANCELLED}


def test_out_of_spam_the_same_clocks_run_from_the_first_arrival(day, agent):
    complaint = make_complaint()
    before = [(run.pk, run.due_at) for run in runs_of(complaint)]
    mark_spam(complaint, by=agent, reason="广告", **ANY)
    day.later(hours=1)
    restore_complaint(complaint, by=agent, **ANY)

    assert [(run.pk, run.due_at) for run in runs_of(complaint)] == before
    assert set(states(complaint).values()) == {State.RUNNING}


def test_resuming_begins_a_cycle_with_new_clocks(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    withdraw_complaint(complaint, as_customer=True)
    day.later(hours=1)
    resume_complaint(complaint, as_customer=True)

    assert [(run.kind, run.cycle, run.started_at) for run in runs_of(complaint) if run.is_open] == [
        (Kind.NEXT, 2, day.at),
        (Kind.RESOLUTION, 2, day.at),
    ]


def test_reopening_owes_a_next_answer_and_half_the_time_for_the_solution(day, agent):
    complaint = make_complaint(Status.RESOLVED, assignee=agent)
    day.later(hours=1)
    reopen_complaint(complaint, as_customer=True)

    assert run_of(complaint, Kind.NEXT).due_at == moment("2026-03-10 19:00")
    assert run_of(complaint, Kind.RESOLUTION).due_at == moment("2026-03-11 17:00")  # 18 of 36 hours
    assert [run.cycle for run in runs_of(complaint, Kind.FIRST, Kind.RESOLUTION)] == [1, 1, 2]


def test_a_lead_who_reopens_owes_the_customer_word_as_well(day, agent):
    complaint = make_complaint(Status.RESOLVED, assignee=agent)
    day.later(minutes=30)
    reopen_complaint(complaint, by=make_user("lead"), reason="算错了", **ANY)
    owed = states(complaint)
    post_reply(complaint, body="更正如下。", by=agent, **ANY)

    assert (owed[Kind.NEXT], states(complaint)[Kind.NEXT]) == (State.RUNNING, State.MET)


@pytest.mark.parametrize("then", ["", "resolve", "ask_customer"])
def test_what_is_taken_back_runs_on_as_if_it_had_not_ended(day, agent, then):
    complaint = make_complaint()
    before = [(run.pk, run.due_at) for run in runs_of(complaint)]
    day.later(minutes=20)
    inputs = {"reason_code": "carrier_delay", "liability": {"carrier": 100}} if then == "resolve" else {}
    message = post_reply(complaint, body="请看附件。", by=agent, then=then, then_inputs=inputs, **ANY)
    retract_message(message, by=agent)

    assert [(run.pk, run.due_at) for run in runs_of(complaint)] == before
    assert {run.state for run in runs_of(complaint)} == {State.RUNNING}
    assert {clock.due_at for clock in pending(complaint)} >= {moment("2026-03-10 12:00")}


def test_taking_a_next_answer_back_revives_the_obligation_it_had_ended(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    day.later(minutes=5)
    post_customer_message(complaint, body="什么时候到？")
    before = run_of(complaint, Kind.NEXT)
    day.later(minutes=30)
    retract_message(post_reply(complaint, body="明天。", by=agent, **ANY), by=agent)

    again = run_of(complaint, Kind.NEXT)
    assert (again.pk, again.state, again.due_at) == (before.pk, State.RUNNING, before.due_at)


def test_a_correction_keeps_the_deadline(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    due_at = run_of(complaint, Kind.RESOLUTION).due_at
    day.later(hours=1)
    resolve_complaint(complaint, by=agent, **ANY, **SOLVED)
    day.later(minutes=5)
    reopen_complaint(complaint, by=agent, **ANY)

    assert (run_of(complaint, Kind.RESOLUTION).due_at, fresh(complaint).cycle) == (due_at, 1)
    assert len(runs_of(complaint, Kind.RESOLUTION)) == 1


def test_an_appeal_is_reviewed_within_two_days_by_the_clock_on_the_wall(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=make_user("lead"))
    lead = complaint.assignee
    decline_complaint(complaint, facts="超过期限。", reason_code="expired", basis="售后规则 v1", by=lead, **ANY)
    day.later(hours=1)
    appeal_complaint(complaint, reason="没有超过。")
    run = run_of(complaint, Kind.REVIEW)
    day.later(hours=2)
    decide_appeal(complaint, is_upheld=False, answer="维持。", by=make_user("lead"), **ANY)

    assert run.due_at == moment("2026-03-12 11:00")
    assert run_of(complaint, Kind.REVIEW).state == State.MET


@pytest.mark.parametrize("change", ["team", "category", "lower"])
def test_what_loosens_moves_nothing(day, agent, change):
    complaint = make_complaint(priority=2)
    before = [(run.pk, run.due_at, run.policy_id) for run in runs_of(complaint)]
    day.later(minutes=30)
    if change == "team":
        transfer_complaint(complaint, team=make_team("quality"), reason="质量问题", by=agent, **ANY)
    elif change == "category":
        set_category(complaint, category=make_category("quality.broken", priority=0), by=agent, **ANY)
    else:
        set_priority(complaint, priority=0, by=agent, **ANY)

    assert [(run.pk, run.due_at, run.policy_id) for run in runs_of(complaint)] == before


def test_the_rows_of_an_ended_clock_are_out_of_the_sweeps_way(day, agent):
    complaint = make_complaint(Status.RESOLVED, assignee=agent, contact_phone="", contact_email="")
    day.later(days=30)

    assert Clock.objects.filter(complaint=complaint, fired_at__isnull=True, due_at__isnull=False).count() == 0
    assert day.sweep() == 0
