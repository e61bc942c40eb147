"""Promises that fall due while whoever should notice dies, comes twice, or has the wrong time. Each is recorded once, never early."""

import os
import random
from datetime import date, timedelta

import psycopg2
import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import CalendarVersion
from complaints.models import Clock, ClockRun, Complaint, Event
from complaints.services import post_reply
from complaints.services.clocks import Begun, _suspect, _together, recount_uncovered, run_due_clocks
from config.clock_invariants import CLOCK_FAULTS
from foundation.verbs import lock
from tests.complaints.test_concurrency import assert_whole, at_once
from tests.factories import make_calendar, make_complaint, make_user
from tests.faults.test_crash_points import die_at
from tests.faults.test_nemesis import flush_all, kill_pool_child, kill_postgres, kill_sweeper, kill_workers

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
FIRE = "from complaints.services.clocks import run_due_clocks; run_due_clocks()"


def make_late(**hours: float) -> Complaint:
    """Its first answer was due 24 hours after it was filed: no policy is published here."""
    return make_complaint(filed_at=timezone.now() - timedelta(**hours))


def missed(complaint: Complaint) -> list[str]:
    return list(Event.objects.filter(complaint=complaint, kind="clock.missed").values_list("codes__kind", flat=True))


def assert_clocks_agree() -> None:
    with connection.cursor() as cursor:
        cursor.execute(CLOCK_FAULTS, {"late": 120})
        assert cursor.fetchall() == []


def test_whoever_dies_before_the_commit_has_fired_nothing_and_the_next_one_does():
    late = make_late(hours=25)

    die_at("clock.before_commit", FIRE)
    after_death = missed(late)
    run_due_clocks()

    assert (after_death, missed(late)) == ([], ["first"])
    assert_whole(late)
    assert_clocks_agree()


def test_many_sweepers_at_once_fire_each_rung_once():
    late = [make_late(hours=25 + number) for number in range(12)]

    outcomes = at_once(*[lambda: [run_due_clocks(limit=5) for _round in range(8)]] * 6)

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert [missed(each) for each in late] == [["first"]] * 12
    assert_whole(*late)
    assert_clocks_agree()


def test_a_sweep_leaves_alone_what_somebody_works_on_and_waits_for_nobody():
    late = make_late(hours=25)

    def sweep() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '3 s'")
        return run_due_clocks()

    with transaction.atomic():
        lock(late)
        [worked] = at_once(sweep)

    assert worked == 0
    assert run_due_clocks() == 1


def test_a_recount_leaves_alone_what_somebody_works_on_and_waits_for_nobody():
    first = make_calendar().versions.get()
    newest = CalendarVersion.objects.create(calendar=first.calendar, version=2, week=first.week, covered_until=date(2099, 12, 31))
    busy, free = make_complaint(), make_complaint()
    ClockRun.objects.filter(kind="resolution").update(calendar=first, is_uncovered=True)

    def recount() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '3 s'")
        return recount_uncovered()

    with transaction.atomic():
        lock(busy)
        [counted] = at_once(recount)
    counted_then = list(ClockRun.objects.filter(calendar=newest).values_list("complaint", flat=True))

    assert (counted, counted_then) == (1, [free.pk])
    assert recount_uncovered() == 1


def test_an_answer_and_the_sweep_at_once_record_one_missed_promise():
    agent = make_user()
    late = [make_late(hours=25) for _each in range(6)]
    outcomes = at_once(
        *[lambda each=each: post_reply(each, body="抱歉久等。", by=agent, expected_version=None) for each in late],
        *[lambda: [run_due_clocks(limit=2) for _round in range(6)]] * 2,
    )

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert [missed(each) for each in late] == [["first"]] * 6
    assert_clocks_agree()


def test_an_answer_whose_transaction_began_before_the_deadline_and_came_after_it_is_late():
    agent, complaint = make_user(), make_late(hours=23)
    run_due_clocks()

    with transaction.atomic():
        execute("SELECT now()")
        execute(
            "UPDATE complaints_clockrun r SET due_at = t.at, counted_at = t.at - target_s * interval '1 s', reached = 80"
            " FROM (SELECT clock_timestamp() AS at) t WHERE kind = 'first'"
        )
        post_reply(complaint, body="您好。", by=agent, expected_version=None)

    assert missed(complaint) == ["first"]


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["+1h", "-1h"])
def test_the_clock_of_the_application_decides_nothing(jump):
    early, late = make_late(hours=23, minutes=30), make_late(hours=24, minutes=30)

    with time_machine.travel(timezone.now() + jump, tick=False):
        while run_due_clocks():
            pass

    assert (missed(early), missed(late)) == ([], ["first"])
    assert Clock.objects.filter(fired_at__lt=timezone.now() - timedelta(minutes=5)).count() == 0
    assert_whole(early, late)
    assert_clocks_agree()


def test_a_deadlock_parks_nothing():
    late = make_late(hours=25)
    execute(DEADLOCK)
    try:
        run_due_clocks()
    finally:
        execute("DROP FUNCTION lose_a_deadlock CASCADE")

    assert (missed(late), Clock.objects.filter(parked_at__isnull=False).count()) == ([], 0)
    assert (run_due_clocks(), missed(late)) == (1, ["first"])


def attempts(complaint: Complaint) -> int:
    return max(Clock.objects.filter(complaint=complaint, fired_at__isnull=True).values_list("attempts", flat=True))


def test_a_complaint_that_kills_its_worker_is_parked_after_five_crashes_and_takes_nobody_with_it(caplog):
    """F23: counted in the database before the work; those who died with it once go on without it."""
    poison, whole = make_late(hours=26), make_late(hours=25)
    deadly = {"FAILPOINTS": f"clock.before_fire=kill:{poison.pk}"}

    die_at("clock.before_fire", FIRE, **deadly)
    first = (attempts(poison), attempts(whole), missed(whole))
    for _crash in range(2):
        die_at("clock.before_fire", FIRE, **deadly)
    third = (attempts(poison), missed(whole))
    Clock.objects.filter(complaint=poison, attempts=3).update(attempts=5)
    worked = [run_due_clocks(), run_due_clocks()]

    assert (first, third, worked) == ((1, 1, []), (3, ["first"]), [1, 0])
    assert (missed(poison), Clock.objects.filter(complaint=poison, parked_at__isnull=False).count()) == ([], 1)
    assert "have ended 5 workers" in caplog.text
    assert_whole(poison, whole)


def test_four_crashes_are_no_reason_to_park():
    late = make_late(hours=25)
    Clock.objects.filter(complaint=late).update(attempts=4)

    assert (run_due_clocks(), missed(late)) == (1, ["first"])


def test_what_somebody_takes_between_the_record_and_the_work_is_no_crash():
    late, suspect = make_late(hours=25), make_late(hours=26)
    Clock.objects.filter(complaint=late).update(attempts=1)
    Clock.objects.filter(complaint=suspect).update(attempts=3)
    begun = [Begun(each.pk, list(Clock.objects.filter(complaint=each).values_list("pk", flat=True)), 3) for each in (late, suspect)]

    with transaction.atomic():
        lock(late), lock(suspect)
        worked = at_once(lambda: _together(begun[:1]), lambda: _suspect(begun[1]))

    assert (worked, attempts(late), attempts(suspect)) == ([0, 0], 0, 0)


def test_promises_that_fall_due_while_everybody_dies_are_recorded_once(proving):
    """F1, F2, F7, F20: sweeper and workers die in turns and Valkey forgets, while forty answers fall due within ten seconds."""
    fall_due(proving, "due soon", 40)

    dice = random.Random(int(os.environ["BIHUAN_SEED"]))
    while (before := recorded(proving, "due soon")) < 40:
        dice.choice([kill_sweeper, kill_workers, kill_pool_child, flush_all])(proving, dice)
        proving.wait(lambda before=before: recorded(proving, "due soon") > before)

    proving.wait_until_whole()
    assert proving.rows(TWICE_OR_EARLY, "due soon%") == []
    proving.check_invariants()


def test_promises_that_fall_due_while_the_database_is_killed_are_recorded_once(proving):
    """F10: the postmaster dies twice while twenty answers fall due and customers write; everybody connects again by themselves."""
    fall_due(proving, "due in the dark", 20)

    dice = random.Random(int(os.environ["BIHUAN_SEED"]))
    with proving.load(clients=2):
        for _time in range(2):
            before = recorded(proving, "due in the dark")
            kill_postgres(proving, dice)
            proving.wait_until_whole()
            proving.wait(lambda before=before: recorded(proving, "due in the dark") > before or before == 20)
        proving.wait_for_confirmed(2)

    proving.wait(lambda: recorded(proving, "due in the dark") == 20)
    assert proving.rows(TWICE_OR_EARLY, "due in the dark%") == []
    proving.check_invariants()


def fall_due(proving, words: str, number: int) -> None:
    made = proving.stack.manage("shell", "-c", DUE_SOON.format(words=words, number=number))
    assert made.returncode == 0, made.stderr


def recorded(proving, words: str) -> int:
    """How many were recorded as missed; -1 while the database is away."""
    try:
        return proving.value(RECORDED, f"{words}%")
    except psycopg2.OperationalError:
        return -1


# The green channel answers within an hour, day and night.
DUE_SOON = """
from datetime import timedelta
from django.utils import timezone
from complaints.models import Category
from complaints.services import Filing, file_complaint
from orders.models import Customer, Merchant
category = Category.objects.get(code="logistics.stalled")
merchant = Merchant.objects.first()
customer, _ = Customer.objects.get_or_create(merchant=merchant, external_id="green", defaults={{"is_green": True}})
hour_ago = timezone.now() - timedelta(hours=1)
for number in range({number}):
    file_complaint(Filing(merchant=merchant, category=category, form=category.forms.first(), customer=customer,
        description=f"{words} {{number}}", filed_at=hour_ago + timedelta(seconds=8 + number / 4)))
"""
MISSED = """
    FROM complaints_event e JOIN complaints_complaint c ON c.id = e.complaint_id
    WHERE c.description LIKE %s AND e.kind = 'clock.missed' AND e.codes ->> 'kind' = 'first'
"""
RECORDED = f"SELECT count(DISTINCT c.id) {MISSED}"
TWICE_OR_EARLY = f"""
    SELECT c.number, count(*) {MISSED} GROUP BY c.number
    HAVING count(*) > 1 OR bool_or(e.recorded_at < e.at) OR bool_or(e.at <> (e.codes ->> 'due_at')::timestamptz)
"""

DEADLOCK = """
    CREATE FUNCTION lose_a_deadlock() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE deadlock_detected; END $$;
    CREATE TRIGGER lose_a_deadlock BEFORE INSERT ON complaints_event EXECUTE FUNCTION lose_a_deadlock();
"""
