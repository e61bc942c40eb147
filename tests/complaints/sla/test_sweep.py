"""What is due is found, fired once, never early, and recorded at its deadline."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from complaints.lifecycle import Status
from complaints.models import Clock, ClockRun, Complaint, FollowUp
from complaints.services import ask_customer, post_customer_message, post_reply, retract_message
from complaints.services.act import Act
from complaints.services.clocks import ROUND, run_due_clocks
from complaints.sla.runs import pause_run
from complaints.tasks import sweep_clocks
from foundation.events import find_break
from foundation.verbs import lock
from tests.complaints.builders import codes, fresh, kinds
from tests.complaints.sla.builders import ANY, moment, notes, pending, run_of, rungs, states
from tests.factories import make_complaint, make_user

Kind, State, Rung = ClockRun.Kind, ClockRun.State, Clock.Rung
FIRED = ("clock.warned", "clock.missed", "clock.escalated")


def test_nothing_is_fired_before_its_moment(day):
    complaint = make_complaint()
    day.go(moment("2026-03-10 12:00") - timedelta(microseconds=1))

    assert day.sweep() == 0
    assert notes(complaint, *FIRED) == []


def test_each_rung_is_recorded_at_its_own_moment_however_late_the_sweep_comes(day):
    complaint = make_complaint()
    day.go(moment("2026-03-10 20:30"))
    day.sweep()

    assert notes(complaint, *FIRED) == [
        ("clock.warned", Kind.FIRST, moment("2026-03-10 12:00")),
        ("clock.warned", Kind.FIRST, moment("2026-03-10 13:12")),
        ("clock.missed", Kind.FIRST, moment("2026-03-10 14:00")),
        ("clock.escalated", Kind.FIRST, moment("2026-03-10 16:00")),
        ("clock.escalated", Kind.FIRST, moment("2026-03-10 18:00")),
    ]
    assert run_of(complaint, Kind.FIRST).missed_at == moment("2026-03-10 14:00")


def test_each_rung_fires_once_however_often_it_is_swept(day):
    complaint = make_complaint()
    for _hour in range(30):
        day.later(minutes=30)
        day.sweep()
        day.sweep()

    fired = Clock.objects.filter(run=run_of(complaint, Kind.FIRST), fired_at__isnull=False)
    assert sorted(fired.values_list("threshold", flat=True)) == [50, 80, 100, 150, 200]
    assert len([each for each in notes(complaint, *FIRED) if each[1] == Kind.FIRST]) == 5
    assert find_break(complaint.events.order_by("seq"), head_seq=fresh(complaint).head_seq, head_hash=fresh(complaint).head_hash) is None


def test_a_rung_is_recorded_once_whatever_its_run_says(day):
    complaint = make_complaint()
    day.go(moment("2026-03-10 13:30"))
    day.sweep()
    before = notes(complaint, *FIRED)
    ClockRun.objects.filter(complaint=complaint).update(reached=0)
    day.go(moment("2026-03-10 14:00"))
    day.sweep()

    assert (notes(complaint, *FIRED), len(before)) == (before, 2)


def test_what_nobody_swept_for_two_months_is_recorded_all_the_same(day):
    complaint = make_complaint()
    day.later(days=62)

    assert day.sweep() > 0
    assert [each[2] for each in notes(complaint, *FIRED) if each[1] == Kind.FIRST] == [
        moment(f"2026-03-10 {clock}") for clock in ("12:00", "13:12", "14:00", "16:00", "18:00")
    ]


def test_the_row_of_a_rung_is_made_when_the_one_before_it_has_fired(day):
    complaint = make_complaint()
    run = run_of(complaint, Kind.FIRST)
    first = rungs(run, fired_at=None)
    day.go(moment("2026-03-10 12:00"))
    day.sweep()

    assert list(first) == [Rung.PROMISE, Rung.HALF]
    assert rungs(run, fired_at=None) == {Rung.PROMISE: run.promise_at, Rung.SOON: moment("2026-03-10 13:12")}


def test_an_empty_sweep_is_one_statement(day, django_assert_num_queries):
    make_complaint()

    with CaptureQueriesContext(connection) as asked:
        run_due_clocks()

    assert len([each for each in asked if "SAVEPOINT" not in each["sql"]]) == 1


def test_more_than_a_round_is_worked_in_rounds(day):
    first = make_complaint()
    for _each in range(4):
        make_complaint(category=first.category)
    day.later(hours=5)

    assert [run_due_clocks(limit=2) for _round in range(4)] == [2, 2, 1, 0]


def test_one_sweep_works_through_more_than_two_rounds(day):
    first = make_complaint()
    for _each in range(2 * ROUND):
        make_complaint(category=first.category)
    day.later(hours=5)

    assert sweep_clocks() == 2 * ROUND + 1
    assert ClockRun.objects.filter(kind=Kind.FIRST, missed_at=moment("2026-03-10 14:00")).count() == 2 * ROUND + 1


def test_one_that_fails_is_parked_and_holds_up_nobody(day, caplog):
    broken, whole = make_complaint(), make_complaint()
    Complaint.objects.filter(pk=broken.pk).update(head_seq=0)  # its next event collides
    day.later(hours=5)
    day.sweep()

    assert Clock.objects.filter(complaint=broken, parked_at__isnull=False).exists()
    assert states(whole)[Kind.FIRST] == State.RUNNING
    assert "clock.missed" in kinds(whole)
    assert "are parked" in caplog.text


def test_what_is_parked_is_not_swept_again_and_comes_back_with_the_next_act(day, agent):
    complaint = make_complaint()
    Clock.objects.filter(complaint=complaint).update(parked_at=day.at)
    day.later(hours=5)
    swept = day.sweep()
    act = Act(lock(complaint, "category", "customer"), by=None, at=day.at)
    act.clocks.set_anew()
    act.finish()

    assert swept == 0
    assert Clock.objects.filter(complaint=complaint, parked_at__isnull=False).count() == 0
    assert day.sweep() == 1
    assert "clock.missed" in kinds(complaint)


def test_what_is_parked_is_missed_all_the_same_when_the_answer_comes_late(day, agent):
    complaint = make_complaint()
    Clock.objects.filter(complaint=complaint).update(parked_at=day.at)
    day.later(hours=5)

    post_reply(complaint, body="抱歉久等。", by=agent, **ANY)

    assert run_of(complaint, Kind.FIRST).state == State.MISSED


def test_a_clock_of_the_application_that_is_ahead_fires_nothing_early(day, agent):
    complaint = make_complaint()
    day.go(moment("2026-03-10 13:30"))
    act = Act(lock(complaint, "category", "customer"), by=None, at=day.at + timedelta(hours=1))

    fired = act.clocks.fire_past(act.clocks.open_runs[0], act.at)

    assert (fired, run_of(complaint, Kind.FIRST).missed_at) == (2, None)


def test_a_row_that_is_due_for_nothing_is_set_anew(day, agent):
    complaint = make_complaint(Status.RESOLVED, assignee=agent, contact_phone="", contact_email="")
    stray = Clock.objects.filter(complaint=complaint, fired_at__isnull=True)
    stray.update(due_at=day.at - timedelta(minutes=1))

    assert run_due_clocks() == 1
    assert pending(complaint) == []
    assert run_due_clocks() == 0


def pause_until(complaint: Complaint, until) -> None:
    act = Act(lock(complaint, "category", "customer"), by=None)
    run = next(run for run in act.clocks.open_runs if run.kind == Kind.RESOLUTION)
    act.clocks.pause(run, ClockRun.Pause.CUSTOMER_DATE, until=until)
    act.finish()


def test_a_pause_with_an_end_ends_by_itself(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    pause_until(complaint, moment("2026-03-12 10:00"))
    day.go(moment("2026-03-12 10:00") - timedelta(seconds=1))
    early = day.sweep()
    day.later(seconds=1)
    day.sweep()

    run = run_of(complaint, Kind.RESOLUTION)
    assert early == 0
    assert (run.state, run.due_at) == (State.RUNNING, moment("2026-03-15 10:00"))


def test_the_end_of_a_pause_outlives_what_else_happens(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    pause_until(complaint, moment("2026-03-12 10:00"))
    act = Act(lock(complaint, "category", "customer"), by=None)
    act.clocks.set_anew()
    act.finish()
    day.go(moment("2026-03-12 10:00"))
    day.sweep()

    assert run_of(complaint, Kind.RESOLUTION).state == State.RUNNING


def test_a_second_pause_sets_its_end_anew(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    for until in ("2026-03-11 10:00", "2026-03-12 10:00"):
        pause_until(complaint, moment(until))
        day.go(moment(until))
        day.sweep()

    assert [each[2] for each in notes(complaint, "clock.resumed")] == [moment("2026-03-11 10:00"), moment("2026-03-12 10:00")]


@pytest.mark.parametrize("kind", [Kind.FIRST, Kind.NEXT, Kind.CONTACT, Kind.CALLBACK, Kind.LEGAL, Kind.PLATFORM, Kind.STAGE])
def test_the_database_lets_only_the_solution_pause(day, kind):
    complaint = make_complaint()
    run = run_of(complaint, Kind.FIRST)
    run.kind = kind
    pause_run(run, at=day.at, reason=ClockRun.Pause.DISASTER)

    with pytest.raises(IntegrityError), transaction.atomic():
        run.save()


def test_the_database_lets_no_rung_fire_early_or_twice(day):
    clock = Clock.objects.filter(complaint=make_complaint()).first()

    with pytest.raises(IntegrityError), transaction.atomic():
        Clock.objects.filter(pk=clock.pk).update(fired_at=clock.due_at - timedelta(seconds=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Clock.objects.create(run=clock.run, complaint=clock.complaint, kind=clock.kind, threshold=clock.threshold, due_at=clock.due_at)


def test_what_is_taken_back_fires_no_rung_a_second_time(day, agent):
    complaint = make_complaint()
    day.go(moment("2026-03-10 15:00"))
    day.sweep()
    retract_message(post_reply(complaint, body="您好。", by=agent, **ANY), by=agent)
    day.go(moment("2026-03-10 16:00"))
    day.sweep()

    assert [each[2] for each in notes(complaint, "clock.missed")] == [moment("2026-03-10 14:00")]
    assert run_of(complaint, Kind.FIRST).reached == Rung.LATE


def test_the_moment_of_a_missed_clock_is_in_its_codes(day):
    complaint = make_complaint()
    day.later(hours=5)
    day.sweep()

    assert codes(complaint, "clock.missed")["due_at"] == run_of(complaint, Kind.FIRST).missed_at.isoformat()


def test_a_solution_that_passed_its_half_before_the_customers_turn_has_fired_it(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    day.go(moment("2026-03-11 18:00"))  # 20 of 36 hours, and nobody swept
    ask_customer(complaint, body="请补充。", by=agent, **ANY)
    day.later(hours=1)
    post_customer_message(complaint, body="补充。")

    assert notes(complaint, *FIRED) == [("clock.warned", Kind.RESOLUTION, moment("2026-03-11 16:00"))]
    assert rungs(run_of(complaint, Kind.RESOLUTION), fired_at=None, due_at__isnull=False) == {
        Rung.SOON: moment("2026-03-12 14:48") + timedelta(hours=1)
    }


def test_a_lead_takes_over_what_is_twice_too_late(day, agent):
    lead = make_user("lead")
    complaint = make_complaint()
    day.go(moment("2026-03-10 18:00"))
    day.sweep()

    assert fresh(complaint).assignee == lead
    assert complaint.decisions.get().cause == "escalation"
    assert FollowUp.objects.filter(complaint=complaint, threshold=Rung.VERY_LATE).count() == 1
