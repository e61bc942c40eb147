"""I4: each way in which clocks can disagree with themselves is seen once; whatever the verbs and the sweep do breaks none."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from complaints.lifecycle import Status
from complaints.models import ClockRun, Complaint
from complaints.services import merge_complaints, post_customer_message, post_reply, reopen_complaint, set_priority, unmerge_complaint
from complaints.services.clocks import run_due_clocks
from config.clock_invariants import CLOCK_FAULTS
from tests.factories import make_complaint, make_user

pytestmark = pytest.mark.django_db(transaction=True)
ANY = {"expected_version": None}


def faults() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(CLOCK_FAULTS, {"late": 120})
        return [fault for _about, fault in cursor.fetchall()]


def execute(sql: str) -> None:
    """Past every guard, as a fault would."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET session_replication_role = replica; {sql}; SET session_replication_role = DEFAULT")


def make_late(**hours: float) -> Complaint:
    return make_complaint(filed_at=timezone.now() - timedelta(**hours))


def test_a_life_with_everything_breaks_nothing():
    agent, lead = make_user(), make_user("lead")
    complaint = make_late(days=2)
    run_due_clocks()
    post_reply(complaint, body="您好。", by=agent, confirm=True, **ANY)
    other = make_complaint(Status.OPEN, assignee=agent)
    merge_complaints(complaint, into=other, by=agent, **ANY)
    unmerge_complaint(complaint, by=agent, **ANY)
    set_priority(complaint, priority=3, by=agent, **ANY)
    post_reply(complaint, body="请补充。", by=lead, then="ask_customer", **ANY)
    post_customer_message(complaint, body="补充。")
    post_reply(complaint, body="好了。", by=lead, then="resolve", then_inputs={"reason_code": "x", "liability": {"shop": 100}}, **ANY)
    reopen_complaint(complaint, as_customer=True)
    for status in Status:
        make_complaint(status)
    run_due_clocks()

    assert faults() == []


DAMAGE = {
    "ALTER TABLE complaints_clock DROP CONSTRAINT complaints_clock_rung_once": "may fire a rung twice",
    "UPDATE complaints_clock SET fired_at = NULL WHERE threshold = 100": "rung 100 is due and was not fired",
    "DELETE FROM complaints_clock WHERE fired_at IS NULL": "runs and nobody looks at it",
    "UPDATE complaints_clockrun SET state = 'met', ended_at = now() WHERE kind = 'resolution'": "waits although the clock has ended",
    "UPDATE complaints_event SET codes = jsonb_set(codes, '{rung}', '100') WHERE kind = 'clock.warned'": "rung 100 was noted 3 times",
    "DELETE FROM complaints_event WHERE kind = 'clock.warned'": "rung 50 was fired and not noted",
    "DELETE FROM complaints_clock WHERE threshold = 50 AND fired_at IS NOT NULL": "rung 50 was noted and not fired",
    "UPDATE complaints_clockrun SET missed_at = NULL": "was missed never",
    "DELETE FROM complaints_event WHERE kind = 'clock.missed'": "its event says never",
    "UPDATE complaints_clockrun SET due_at = due_at + interval '1 h' WHERE kind = 'resolution'": "its events say",
    "UPDATE complaints_complaint SET cycle = 2": "owes a solution and no clock says so",
    "UPDATE complaints_clockrun SET kind = 'stage' WHERE kind = 'first'": "owes an answer and no clock says so",
}


@pytest.mark.parametrize(("damage", "fault"), DAMAGE.items(), ids=list(DAMAGE.values()))
def test_each_damage_is_named(damage, fault):
    make_late(hours=25)
    run_due_clocks()
    assert faults() == []
    assert ClockRun.objects.filter(kind="first", missed_at__isnull=False).count() == 1

    if damage.startswith("ALTER"):
        execute(damage)
        found = faults()
        execute("ALTER TABLE complaints_clock ADD CONSTRAINT complaints_clock_rung_once UNIQUE (run_id, threshold)")
    else:
        execute(damage)
        found = faults()

    assert any(fault in each for each in found), found


def test_a_rung_that_was_fired_early_is_named():
    make_late(hours=25)
    run_due_clocks()
    execute("ALTER TABLE complaints_clock DROP CONSTRAINT complaints_clock_never_early")
    try:
        execute("UPDATE complaints_clock SET fired_at = due_at - interval '1 s' WHERE threshold = 100")

        assert "rung 100 was fired early" in faults()
    finally:
        execute("UPDATE complaints_clock SET fired_at = now() WHERE threshold = 100")
        execute(
            "ALTER TABLE complaints_clock ADD CONSTRAINT complaints_clock_never_early"
            " CHECK (fired_at IS NULL OR (due_at IS NOT NULL AND fired_at >= due_at))"
        )
