"""Clocks of cases that are due: found by one index, each case under its own lock, each clock fired once."""

import logging

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Reason, RefusedError
from foundation.leases import MAX_CRASHES
from foundation.verbs import require, require_version
from workflows.machines.spine import SPINE
from workflows.machines.table import Role
from workflows.models import Case, CaseClock
from workflows.services.act import lock_act
from workflows.services.approvals import ask_next_level
from workflows.services.flow_steps import LEADS, against_roles
from workflows.services.intake import take_in
from workflows.services.returning import report_parcel_problem, time_out_return
from workflows.services.review import time_out_evidence
from workflows.services.settling import archive_case

logger = logging.getLogger(__name__)
ROUND = 50
# Attempts are counted before the work, so that a case that kills its worker is found out. The case is the lock.
BEGIN = """
    WITH due AS (
        SELECT k.id, k.case_id FROM workflows_caseclock k JOIN workflows_case c ON c.id = k.case_id
        WHERE k.fired_at IS NULL AND k.parked_at IS NULL AND k.state = 'running' AND k.due_at <= now()
        ORDER BY k.due_at, k.id LIMIT %s FOR NO KEY UPDATE OF c SKIP LOCKED
    )
    UPDATE workflows_caseclock k SET attempts = k.attempts + 1 FROM due WHERE k.id = due.id RETURNING k.id, k.attempts
"""
ON_TIME = {
    "C3": take_in,
    "C6": time_out_evidence,
    "C14": time_out_return,
    "C16": lambda case: report_parcel_problem(case, problem="lost", by=None),
    "C26": archive_case,
}
# Who hears of a state that lasts too long.
NEXT_AFTER = {Role.AGENT: Role.LEAD, Role.WAREHOUSE: Role.LEAD, Role.LEAD: Role.MANAGER, Role.FINANCE: Role.MANAGER}

NOT_PARKED = Reason("not_parked", _("This time has not stopped."), _("Nothing has to be done."))


def run_due_case_clocks(*, limit: int = ROUND) -> int:
    """Fire what is due; returns how many clocks were looked at. One that fails again and again is parked with an alarm."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BEGIN, [limit])
        begun = cursor.fetchall()
    for clock_id, attempts in begun:
        _apart(clock_id, attempts)
    return len(begun)


def _apart(clock_id: int, attempts: int) -> None:
    if attempts > MAX_CRASHES:
        CaseClock.objects.filter(pk=clock_id).update(parked_at=timezone.now())
        logger.error("clock %d of a case is parked after %d attempts", clock_id, attempts)
        return
    try:
        fire_clock(clock_id)
    except Exception:  # one broken clock must not stop the others
        logger.exception("clock %d of a case failed", clock_id)


def fire_clock(clock_id: int) -> None:
    """Do what follows when this time is over. A legal clock alarms; that of a state moves the case, or tells somebody higher."""
    clock = CaseClock.objects.select_related("case").get(pk=clock_id)
    with transaction.atomic():
        act = lock_act(clock.case, "clock", by=None)
        fresh = CaseClock.objects.select_for_update(no_key=True).get(pk=clock_id)
        if fresh.fired_at is not None or fresh.state != CaseClock.State.RUNNING or fresh.due_at is None or fresh.due_at > act.at:
            return
        CaseClock.objects.filter(pk=clock_id).update(fired_at=act.at, attempts=0)
        act.note("case.clock_over", codes={"case": act.case.pk, "clock": clock_id, "code": fresh.code, "due_at": fresh.due_at.isoformat()})
        verb = SPINE.state(act.case.state).expiry_verb if fresh.kind == CaseClock.Kind.SERVICE else ""
        if not verb:
            _tell_higher(act, fresh)
        act.finish()
    if verb:
        _move_on(clock.case, verb)
    elif fresh.kind == CaseClock.Kind.SERVICE and act.case.state == "pending_approval":
        ask_next_level(clock.case)


def _move_on(case: Case, verb: str) -> None:
    """The verb that time brings. What the guard still refuses opens a task: nothing is forgotten because it could not be done."""
    try:
        ON_TIME[verb](case)
    except RefusedError as refusal:
        with transaction.atomic():
            act = lock_act(case, "clock", by=None)
            act.open_task("overdue", role=Role.LEAD, codes={"verb": verb, "reasons": [reason.code for reason in refusal.reasons]})
            act.finish()


def _tell_higher(act, clock: CaseClock) -> None:
    if clock.kind == CaseClock.Kind.LEGAL:
        act.open_task("legal_deadline", role=Role.MANAGER, key=f"legal-{clock.code}", codes={"clock": clock.pk})
        return
    owners = SPINE.state(act.case.state).owners
    role = next((NEXT_AFTER[owner] for owner in owners if owner in NEXT_AFTER), Role.LEAD)
    act.open_task("overdue", role=role, key=f"overdue-{clock.pk}", codes={"clock": clock.pk})


@transaction.atomic
def retry_parked(clock: CaseClock, *, by: User, expected_version: int | None = None, request_id: str | None = None) -> CaseClock:
    """Try a parked clock again, for a lead who mended what was wrong. ``expected_version`` is that of the case."""
    act = lock_act(clock.case, f"clock.retry.{clock.pk}", by=by, request_id=request_id)
    if act.is_replay:
        return clock
    require_version(act.case, expected_version)
    fresh = CaseClock.objects.select_for_update(no_key=True).get(pk=clock.pk)
    require(against_retrying(fresh, act.case, act.roles))
    CaseClock.objects.filter(pk=clock.pk).update(parked_at=None, attempts=0)
    act.note("case.clock_retried", codes={"case": act.case.pk, "clock": clock.pk, "code": clock.code})
    act.finish()
    return fresh


def against_retrying(clock: CaseClock, case: Case, roles: frozenset[str]) -> list[Reason]:
    """A lead tries again what stopped; nothing else has to be tried again."""
    is_parked = clock.parked_at is not None and clock.fired_at is None
    return against_roles(case, roles, LEADS) or ([] if is_parked else [NOT_PARKED])
