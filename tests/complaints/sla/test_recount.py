"""Clocks that run into days whose holidays nobody knew, and what happens when they become known."""

from datetime import date, timedelta

import pytest

from accounts.calendars import forget_calendars
from accounts.models import Calendar, CalendarVersion
from complaints.lifecycle import Status
from complaints.models import ClockRun
from complaints.services import ask_customer, post_customer_message
from complaints.services.clocks import recount_uncovered
from complaints.sla.policies import forget_policies
from tests.complaints.builders import codes, fresh, kinds
from tests.complaints.sla.builders import ANY, moment, notes, run_of
from tests.factories import make_complaint

Kind, State = ClockRun.Kind, ClockRun.State


def know_until(last: date, *, closed: tuple[date, ...] = (), open_late: tuple[date, ...] = ()) -> CalendarVersion:
    """A version of the service calendar with what is known now."""
    calendar = Calendar.objects.get(code="service")
    version = CalendarVersion.objects.create(
        calendar=calendar,
        version=calendar.versions.count() + 1,
        week=[[[540, 1260]]] * 7,
        days={**{each.isoformat(): [] for each in closed}, **{each.isoformat(): [[480, 1440]] for each in open_late}},
        covered_until=last,
    )
    forget_calendars()
    forget_policies()
    return version


@pytest.fixture
def unknown(day):
    """Nobody knows the public days after the eleventh of March."""
    know_until(date(2026, 3, 11))
    return day


def test_what_runs_beyond_known_days_says_so(unknown):
    complaint = make_complaint()

    assert (run_of(complaint, Kind.FIRST).is_uncovered, run_of(complaint, Kind.RESOLUTION).is_uncovered) == (False, True)


def test_a_holiday_that_becomes_known_gives_us_time_and_takes_none_of_the_promise(unknown):
    complaint = make_complaint()
    before = run_of(complaint, Kind.RESOLUTION)
    version = know_until(date(2026, 12, 31), closed=(date(2026, 3, 12),))

    assert recount_uncovered() == 1

    after = run_of(complaint, Kind.RESOLUTION)
    assert (after.due_at, after.is_uncovered, after.calendar) == (before.due_at + timedelta(days=1), False, version)
    assert after.promise_at == before.promise_at
    assert codes(complaint, "clock.recomputed")["reason"] == "calendar"


def test_a_day_that_is_worked_longer_moves_the_promise_earlier(unknown):
    complaint = make_complaint()
    know_until(date(2026, 12, 31), open_late=(date(2026, 3, 12),))
    recount_uncovered()

    run = run_of(complaint, Kind.RESOLUTION)
    assert (run.due_at, run.promise_at) == (moment("2026-03-12 21:00"), moment("2026-03-12 21:00"))
    assert fresh(complaint).promise_at == min(run.promise_at, run_of(complaint, Kind.FIRST).promise_at)


def test_what_was_within_known_days_is_left_alone(unknown):
    complaint = make_complaint()
    before = run_of(complaint, Kind.FIRST)
    know_until(date(2026, 12, 31), closed=(date(2026, 3, 10), date(2026, 3, 12)))
    recount_uncovered()

    after = run_of(complaint, Kind.FIRST)
    assert (after.due_at, after.calendar_id) == (before.due_at, before.calendar_id)


def test_time_that_was_used_stays_used(unknown):
    complaint = make_complaint()
    unknown.go(moment("2026-03-11 21:00"))  # 23 of 36 hours
    know_until(date(2026, 12, 31), closed=(date(2026, 3, 11), date(2026, 3, 12)))  # the notice came late
    recount_uncovered()

    assert run_of(complaint, Kind.RESOLUTION).due_at == moment("2026-03-14 10:00")


def test_what_had_passed_before_the_notice_is_missed(unknown):
    complaint = make_complaint()
    unknown.go(moment("2026-03-13 11:00"))
    know_until(date(2026, 12, 31), closed=(date(2026, 3, 12),))
    recount_uncovered()

    assert ("clock.missed", Kind.RESOLUTION, moment("2026-03-13 10:00")) in notes(complaint)


def test_what_is_paused_is_counted_anew_when_it_goes_on(unknown, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    ask_customer(complaint, body="请补充。", by=agent, **ANY)
    unknown.later(minutes=30)
    know_until(date(2026, 12, 31), closed=(date(2026, 3, 12),))
    counted = recount_uncovered()
    unknown.later(minutes=30)
    post_customer_message(complaint, body="补充。")

    run = run_of(complaint, Kind.RESOLUTION)
    assert (counted, run.due_at, run.is_uncovered) == (1, moment("2026-03-14 11:00"), False)


def test_a_pause_after_that_moves_the_promise_by_its_own_length_only(unknown, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    told = run_of(complaint, Kind.RESOLUTION).promise_at
    know_until(date(2026, 12, 31), closed=(date(2026, 3, 12),))
    recount_uncovered()
    ask_customer(fresh(complaint), body="请补充。", by=agent, **ANY)
    unknown.later(hours=1)
    post_customer_message(fresh(complaint), body="补充。")

    run = run_of(complaint, Kind.RESOLUTION)
    assert (run.promise_at, run.due_at) == (told + timedelta(hours=1), moment("2026-03-14 11:00"))


def test_nothing_is_counted_twice(unknown):
    complaint = make_complaint()
    know_until(date(2026, 3, 12))  # known a day further, and not far enough
    counted = [recount_uncovered(), recount_uncovered()]

    assert counted == [1, 0]
    assert run_of(complaint, Kind.RESOLUTION).is_uncovered
    assert kinds(complaint).count("clock.recomputed") == 1


def test_another_calendar_is_not_asked(unknown):
    make_complaint()
    know_until(date(2026, 12, 31), closed=(date(2026, 3, 12),))

    assert recount_uncovered(Calendar.objects.get(code="extended").pk) == 0
    assert recount_uncovered(Calendar.objects.get(code="service").pk) == 1


def test_many_are_counted_in_rounds(unknown):
    first = make_complaint()
    make_complaint(category=first.category)
    know_until(date(2026, 12, 31), closed=(date(2026, 3, 12),))

    assert [recount_uncovered(limit=1) for _round in range(3)] == [1, 1, 0]
