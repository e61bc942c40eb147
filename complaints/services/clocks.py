"""Clocks that are due: found by one indexed query on the database's clock, each complaint under its own lock, every rung once."""

import logging
from datetime import datetime
from typing import NamedTuple

from django.db import OperationalError, connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Membership, User
from complaints.assignment.agents import Agent, read_agents
from complaints.assignment.candidates import Need, Verdict, bars_against, rows_of
from complaints.models import Clock, ClockRun, Complaint, Decision
from complaints.services.act import RELATED, Act, finish_acts
from complaints.services.routing import give
from complaints.sla.book import runs_of
from complaints.sla.ladder import miss_promise
from foundation.failpoints import failpoint
from foundation.leases import MAX_CRASHES

logger = logging.getLogger(__name__)
ROUND = 50
Rung = Clock.Rung
BARS_OF_LEADS = frozenset({"inactive", "role", "named"})
# The parent is the lock, as for every other timer; whoever has it is at work on this complaint and fires what has passed. That somebody
# begins is on record before the work: what kills its worker is then found out. Rungs that were begun and not heard of go alone.
BEGIN = """
    WITH due AS (
        SELECT c.id, c.complaint_id, c.attempts FROM complaints_clock c JOIN complaints_complaint p ON p.id = c.complaint_id
        WHERE c.fired_at IS NULL AND c.parked_at IS NULL AND c.due_at <= now()
        ORDER BY c.due_at, c.id LIMIT {limit} FOR NO KEY UPDATE OF p SKIP LOCKED
    ), begun AS (UPDATE complaints_clock c SET attempts = 1 FROM due WHERE c.id = due.id AND due.attempts = 0)
    SELECT complaint_id, array_agg(id), max(attempts) FROM due GROUP BY complaint_id ORDER BY max(attempts), complaint_id
"""
DUE = """
    SELECT p.id, now() FROM complaints_clock c JOIN complaints_complaint p ON p.id = c.complaint_id
    WHERE c.id = ANY(%s) AND c.fired_at IS NULL AND c.parked_at IS NULL AND c.due_at <= now()
    ORDER BY p.id FOR NO KEY UPDATE OF p SKIP LOCKED
"""


class Begun(NamedTuple):
    """A complaint with rungs that are due, and how often somebody began with one of them and was not heard of again."""

    complaint_id: int
    clock_ids: list[int]
    attempts: int


# What was counted beyond the public days that were known, and by a version of its calendar that is not the newest any more.
UNCOVERED = """
    WITH newest AS (SELECT DISTINCT ON (calendar_id) id, calendar_id FROM accounts_calendarversion ORDER BY calendar_id, version DESC)
    SELECT p.id, r.id, newest.id FROM complaints_clockrun r JOIN complaints_complaint p ON p.id = r.complaint_id
    JOIN accounts_calendarversion counted ON counted.id = r.calendar_id JOIN newest ON newest.calendar_id = counted.calendar_id
    WHERE r.is_uncovered AND r.ended_at IS NULL AND newest.id <> r.calendar_id
        AND (%(calendar)s::bigint IS NULL OR newest.calendar_id = %(calendar)s::bigint)
    ORDER BY r.due_at, r.id LIMIT %(limit)s FOR NO KEY UPDATE OF p SKIP LOCKED
"""


def run_due_clocks(*, limit: int = ROUND) -> int:
    """Fire what is due on up to ``limit`` rungs; returns how many complaints were looked at.

    A batch that fails is taken apart, so one broken complaint is parked with an alarm and keeps no other from being in time. One that
    kills its worker takes the batch with it once; from then on it is tried alone, after the others, and parked after five crashes.
    """
    begun = _begin(limit)
    fresh, suspects = [each for each in begun if not each.attempts], [each for each in begun if each.attempts]
    done = _together(fresh) if fresh else 0
    return done + sum(map(_suspect, suspects))


@transaction.atomic
def recount_uncovered(calendar_id: int | None = None, *, limit: int = ROUND) -> int:
    """Count what ran into days that nobody knew by the newest version of its calendar, up to ``limit`` clocks of this calendar or of any.

    What was told to a customer may move earlier by it and never later; each recount is an event. Returns how many clocks were counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(UNCOVERED, {"calendar": calendar_id, "limit": limit})
        rows = cursor.fetchall()
    versions = {run_id: version_id for _complaint_id, run_id, version_id in rows}
    acts = _acts_on(sorted({row[0] for row in rows}), at=timezone.now()) if rows else []
    for act in acts:
        for run in act.clocks.open_runs:
            if run.pk in versions:
                act.clocks.recount(run, calendar_id=versions[run.pk])
    finish_acts(acts)
    return len(rows)


def _begin(limit: int) -> list[Begun]:
    """Put on record that somebody looks at what is due; those that were begun before come last, the most often ones at the very end."""
    with connection.cursor() as cursor:
        cursor.execute(BEGIN.format(limit=int(limit)))
        return [Begun(*row) for row in cursor.fetchall()]


def _together(begun: list[Begun]) -> int:
    try:
        with transaction.atomic():
            fired = _fire(begun)
            failpoint("clock.before_commit")
    except Exception:  # whatever it is: the others of the batch are still to be in time
        logger.exception("a batch of due clocks failed and is tried one by one")
        return sum(map(_alone, begun))
    _forget([each for each in begun if each.complaint_id not in fired])
    return len(fired)


def _suspect(begun: Begun) -> int:
    if begun.attempts >= MAX_CRASHES:
        logger.error("the clocks of complaint %d have ended %d workers and are parked", begun.complaint_id, begun.attempts)
        return _park(begun)
    _clocks_of([begun]).update(attempts=F("attempts") + 1)
    return _alone(begun)


def _alone(begun: Begun) -> int:
    try:
        with transaction.atomic():
            fired = _fire([begun])
    except OperationalError:
        # Not this complaint's fault: a lock, a session that was ended. The next sweep finds it again.
        logger.warning("the clocks of complaint %d wait for the next sweep", begun.complaint_id, exc_info=True)
        fired = set()
    except Exception:  # whatever it is: the next round must not meet it again
        logger.exception("the clocks of complaint %d are parked", begun.complaint_id)
        return _park(begun)
    if not fired:
        _forget([begun])
    return len(fired)


def _park(begun: Begun) -> int:
    _clocks_of([begun]).update(parked_at=Now())
    return 1


def _forget(begun: list[Begun]) -> None:
    """Whatever is no crash leaves no attempt behind: somebody else is at work on these."""
    if begun:
        _clocks_of(begun).update(attempts=0)


def _clocks_of(begun: list[Begun]) -> QuerySet[Clock]:
    return Clock.objects.filter(pk__in=[pk for each in begun for pk in each.clock_ids], fired_at__isnull=True)


def _fire(begun: list[Begun]) -> set[int]:
    """Fire what is due on those of these complaints that nobody else is working on; returns which."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, [[pk for each in begun for pk in each.clock_ids]])
        rows = cursor.fetchall()
    ids = sorted({row[0] for row in rows})
    if ids:
        finish_acts([_fire_of(act) for act in _acts_on(ids, at=rows[0][1])])
    return set(ids)


def _acts_on(ids: list[int], *, at: datetime) -> list[Act]:
    """An act on each of these locked complaints, with its clocks."""
    runs: dict[int, list[ClockRun]] = {pk: [] for pk in ids}
    for run in runs_of(*ids):
        runs[run.complaint_id].append(run)
    acts = [Act(complaint, by=None, at=at) for complaint in Complaint.objects.filter(pk__in=ids).select_related(*RELATED).order_by("pk")]
    for act in acts:
        act.clocks.bring(runs[act.complaint.pk])
    return acts


def _fire_of(act: Act) -> Act:
    failpoint("clock.before_fire", act.complaint.pk)
    fired = sum(_fire_run(act, run) for run in act.clocks.open_runs)
    if not fired:
        logger.warning("clocks of complaint %d were due and had nothing to do; they are set anew", act.complaint.pk)
        act.clocks.set_anew()
    return act


def _fire_run(act: Act, run: ClockRun) -> int:
    before = run.reached
    fired = act.clocks.fire_past(run, act.at)
    if run.state == ClockRun.State.PAUSED and act.clocks.fire_resume(run):
        fired += 1
    if run.promise_at <= act.at and act.clocks.fire_promise(run):
        miss_promise(act, run)
        fired += 1
    if run.is_promised and before < Rung.VERY_LATE <= run.reached:
        _hand_to_lead(act)
    return fired


def _hand_to_lead(act: Act) -> None:
    """Twice the time is gone: a lead of the team has it from now on, however full their hands are."""
    need = Need.of(act.complaint)
    leads = _leads_of(act.complaint, need)
    if not leads or act.complaint.assignee_id in {lead.id for lead in leads}:
        return
    lead = min(leads, key=lambda agent: (agent.used, agent.id))
    give(
        act,
        User(pk=lead.id, name=lead.name, username=lead.username),
        cause=Decision.Cause.ESCALATION,
        candidates=rows_of([Verdict(lead, "")], need),
        is_beyond=True,
    )
    act.tell("assigned")


def _leads_of(complaint: Complaint, need: Need) -> list[Agent]:
    ids = Membership.objects.filter(team=complaint.team_id, is_lead=True).values_list("user_id", flat=True)
    return [agent for agent in read_agents(user_ids=list(ids)) if not bars_against(agent, need, among=BARS_OF_LEADS)]
