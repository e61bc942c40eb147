"""The clocks of one complaint within an act: read once, brought in line with its state at the end, written together.

Whatever an act changes, its clocks follow from what the complaint then owes (``obligations``): nobody starts or stops them verb by
verb, so none can be forgotten. Rungs that have passed are fired before an obligation ends, so a promise that was missed by a second
is missed for good, whether or not the sweep was there first.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from accounts.calendars import hours_of
from complaints import timing
from complaints.models import Clock, ClockRun, Complaint
from complaints.sla.obligations import APART, DROPPED, Obligation, ending_of, owed_by, pauses
from complaints.sla.policies import Facts, Target, promise_for, target_for
from complaints.sla.runs import (
    end_run,
    is_apart,
    left_of,
    next_rung,
    pause_run,
    recount_run,
    resume_run,
    revive_run,
    rung_at,
    start_run,
    tighten_run,
)
from foundation.batch import Batch, take_ids
from foundation.prepared import Prepared, Statement, Value

Kind, State, Pause, Rung = ClockRun.Kind, ClockRun.State, ClockRun.Pause, Clock.Rung
# What an act must have changed for its clocks to be looked at.
TOUCHING = frozenset(
    {
        "status", "cycle", "first_reply_at", "needs_reply", "unanswered_since", "priority", "risk_level", "waiting_until", "appealed_at",
        "appeal_decided_at", "resolved_at", "merged_into", "customer", "timer_at",
    }
)  # fmt: skip
TIGHTENING = frozenset({"priority", "risk_level", "customer"})
MOST_PAUSES = 2
INSTANT = timedelta(microseconds=1)
SAVED = (
    "complaint", "state", "policy", "calendar", "started_at", "target_s", "consumed_s", "counted_at", "due_at", "promise_at", "reached",
    "pause_reason", "pauses", "ended_at", "missed_at", "is_uncovered",
)  # fmt: skip

# Kinds that stand for each other when two complaints become one.
SAME = {Kind.FIRST: "answer", Kind.CONTACT: "answer", Kind.NEXT: "answer", Kind.RESOLUTION: "solution"}

Effect = Callable[[ClockRun, int, datetime], None]

ARM = Statement.named("""
    INSERT INTO complaints_clock AS c (run_id, complaint_id, kind, threshold, due_at)
    VALUES (%(run)s, %(complaint)s, %(kind)s, %(rung)s, %(due_at)s)
    ON CONFLICT (run_id, threshold) DO UPDATE SET due_at = EXCLUDED.due_at, complaint_id = EXCLUDED.complaint_id, parked_at = NULL,
        attempts = 0, fired_at = CASE WHEN c.threshold = 1 THEN NULL ELSE c.fired_at END
    WHERE c.fired_at IS NULL OR c.threshold = 1
""")
# The end of a pause stays armed until the pause is over.
DISARM = Statement.named("""
    UPDATE complaints_clock SET due_at = NULL
    WHERE run_id = %(run)s AND fired_at IS NULL AND due_at IS NOT NULL AND NOT (%(is_paused)s::bool AND threshold = 1)
""")
# The database's own clock decides, and the row decides that it happens once. A rung that nobody armed yet is fired as it is made.
# Not its now(): whoever waited for the lock began before, and what passed meanwhile has passed.
FIRE = Statement.named("""
    INSERT INTO complaints_clock AS c (run_id, complaint_id, kind, threshold, due_at, fired_at)
    SELECT %(run)s::bigint, %(complaint)s::bigint, %(kind)s, %(rung)s::smallint, %(due_at)s::timestamptz, statement_timestamp()
    WHERE %(due_at)s::timestamptz <= statement_timestamp()
    ON CONFLICT (run_id, threshold) DO UPDATE SET due_at = EXCLUDED.due_at, fired_at = EXCLUDED.fired_at
    WHERE c.fired_at IS NULL AND (c.parked_at IS NULL OR %(is_quiet)s::bool)
    RETURNING c.id
""")
RESUMABLE = Statement.named("""
    UPDATE complaints_clock SET fired_at = now()
    WHERE run_id = %(run)s AND threshold = 1 AND fired_at IS NULL AND parked_at IS NULL AND due_at <= now() RETURNING id
""")


@cache
def _runs() -> Prepared:
    wanted = {"complaint__any": Value("complaints")}
    return Prepared(lambda: ClockRun.objects.filter(**wanted).select_related("policy", "external").order_by("id"))


def runs_of(*complaint_ids: int) -> list[ClockRun]:
    """Every run of these complaints."""
    return _runs().all(complaints=list(complaint_ids))


class ClockBook:
    """The runs of a complaint and what an act does to them. ``note`` writes an event, ``effect`` carries out a rung that has passed.

    ``channel`` is how the customer came this time, where that is not how the complaint came.
    """

    def __init__(self, complaint: Complaint, *, at: datetime, note: Callable[..., None], effect: Effect | None = None) -> None:
        self.complaint, self.at, self._note, self.effect = complaint, at, note, effect
        self.channel = ""
        self._limits: dict[str, ClockRun] = {}
        self._has_joined = self._is_open = False
        self._read: list[ClockRun] | None = None
        self._changed: dict[int, ClockRun] = {}
        self._new: list[ClockRun] = []
        self._until: dict[int, datetime | None] = {}

    @property
    def runs(self) -> list[ClockRun]:
        """Every run of the complaint, those included that this act starts."""
        if self._read is None:
            self._is_open, self._read = True, runs_of(self.complaint.pk)
        return self._read

    def bring(self, runs: Sequence[ClockRun]) -> None:
        """Give the runs that somebody has read together with those of other complaints."""
        self._is_open, self._read = True, list(runs)

    @property
    def open_runs(self) -> list[ClockRun]:
        return [run for run in self.runs if run.is_open]

    @property
    def is_open(self) -> bool:
        """Whether this act has had to do with clocks."""
        return self._is_open

    def settle(self, changed: Collection[str]) -> None:
        """Bring the runs in line with what the complaint owes now."""
        is_tightening = bool(TIGHTENING & changed) or self.channel not in ("", self.complaint.channel)
        if not (self.is_open or is_tightening or TOUCHING & changed):
            return
        owed = owed_by(self.complaint, review_until=self._review_until(), stage_until=self._stage_until())
        for run in self.open_runs:
            is_owed = run.kind in APART or any(each.is_run(run, self.complaint.cycle) for each in owed)
            if not is_owed or (run.kind == Kind.CALLBACK and self.complaint.status in DROPPED):
                self.end(run, ending_of(self.complaint))
        for each in owed:
            self._keep(each, is_tightening=is_tightening)
        self._keep_limits()

    def start(self, kind: str, *, due_at: datetime, since: datetime | None = None, **fields: Any) -> ClockRun:
        """Start an obligation whose moment was set by somebody: a call that was booked, a notice of an authority."""
        return self._start(kind, since or self.at, Target(_seconds(since or self.at, due_at), due_at), due_at, **fields)

    def end(self, run: ClockRun, state: str = State.MET) -> None:
        """End an obligation. What it missed is recorded first."""
        moment = self._kept_at(run) if state == State.MET else self.at
        if run.state == State.RUNNING:
            # An answer in the very moment is in time. What was missed is on record; nobody need be roused any more.
            self.fire_past(run, moment - INSTANT, is_quiet=True)
        end_run(run, at=moment, state=state)
        self._change(run)
        if state == State.MET:
            self._note("clock.met", codes=self._codes(run, met_at=moment.isoformat(), late=run.missed_at is not None))
        else:
            self._note("clock.cancelled", codes=self._codes(run, cause=str(state)))

    def take_over(self, other: "ClockBook") -> None:
        """Answer for another complaint that is joined into this one: whichever was due sooner counts; calls and the law's clocks move here.

        What the other one has missed already is on record there, so nothing begins here that would be missed at once.
        """
        self._has_joined = True
        for run in other.open_runs:
            if run.kind in SAME and run.due_at and run.due_at > self.at:
                self._limits[SAME[run.kind]] = min(run, self._limits.get(SAME[run.kind], run), key=lambda each: each.due_at)
        self.adopt([run for run in other.open_runs if run.kind in APART], of=other)

    def adopt(self, runs: Sequence[ClockRun], *, of: "ClockBook") -> None:
        """Take runs of another complaint over as they are."""
        for run in runs:
            of.runs.remove(run)
            run.complaint = self.complaint
            self.runs.append(run)
            self._change(run)

    def pause(self, run: ClockRun, reason: str, *, until: datetime | None = None, **about: Any) -> None:
        """Stop the time of an obligation; ``until`` it goes on by itself. ``about`` are further codes of the event."""
        self.fire_past(run, self.at)
        pause_run(run, at=self.at, reason=reason)
        self._change(run)
        self._until[run.pk] = until
        codes = about | ({"until": until.isoformat()} if until else {})
        self._note("clock.paused", codes=self._codes(run, reason=reason, consumed_s=run.consumed_s, **codes))

    def resume(self, run: ClockRun, **about: Any) -> None:
        resume_run(run, at=self.at)
        self._change(run)
        self._note("clock.resumed", codes=self._codes(run, due_at=run.due_at.isoformat(), promise_at=run.promise_at.isoformat(), **about))

    def take_back(self, run: ClockRun) -> None:
        """What ended an obligation was taken back: it goes on as if it had not ended."""
        revive_run(run, at=self.at)
        self.recomputed(run, "taken_back")

    def recount(self, run: ClockRun, *, calendar_id: int) -> None:
        """Count the rest of an obligation by another version of its calendar."""
        self.fire_past(run, self.at)
        recount_run(run, calendar_id=calendar_id, at=self.at)
        self.recomputed(run, "calendar")

    def recomputed(self, run: ClockRun, reason: str) -> None:
        """Note that the deadline of a run was worked out anew."""
        self._change(run)
        due = run.due_at and run.due_at.isoformat()
        self._note("clock.recomputed", codes=self._codes(run, reason=reason, due_at=due, target_s=run.target_s, **_basis(run)))

    def fire_past(self, run: ClockRun, until: datetime, *, is_quiet: bool = False) -> int:
        """Fire every rung of a running obligation that was due by a moment, each once; returns how many there were.

        ``is_quiet``: it goes on record, and nobody is roused.
        """
        fired = 0
        while run.state == State.RUNNING and (rung := next_rung(run)) is not None:
            due_at = rung_at(run, rung)
            if due_at > until or not self._fire(run, rung, due_at, is_quiet=is_quiet):
                break
            run.reached, fired = rung, fired + 1
            if rung == Rung.DUE:
                run.missed_at = due_at
            self._change(run)
            self._tell_rung(run, rung, due_at)
            if self.effect is not None and not is_quiet:
                self.effect(run, rung, due_at)
        return fired

    def fire_promise(self, run: ClockRun) -> bool:
        """Note that the moment has passed that the customer was told; False when it is noted already, or is a rung itself."""
        return is_apart(run) and self._fire(run, Rung.PROMISE, run.promise_at)

    def fire_resume(self, run: ClockRun) -> bool:
        """Go on with a paused obligation if its pause has ended by now."""
        ended = RESUMABLE.rows(run=run.pk)
        if ended:
            self.resume(run)
        return bool(ended)

    def set_anew(self) -> None:
        """Write every run again, so that what is looked at next follows from the runs alone."""
        self._changed = {run.pk: run for run in self.runs}

    def nearest(self) -> ClockRun | None:
        """The running obligation that is due first."""
        return min((run for run in self.open_runs if run.due_at), key=lambda run: (run.due_at, run.pk), default=None)

    def promise(self) -> datetime | None:
        """What the customer was told of the obligations that run; None when none does."""
        told = [run for run in self.open_runs if run.kind in ClockRun.SERVICE and run.is_promised]
        return min((run.promise_at for run in told if run.due_at), default=None)

    def write(self) -> None:
        """Save what changed, and arm the next rung of every run."""
        batch = Batch()
        self.put(batch)
        batch.run()

    def put(self, batch: Batch) -> None:
        """Add what changed to a batch; what is asked of the runs after that is read anew."""
        for run in self._new:
            batch.insert(run)
        for run in self._changed.values():
            batch.update(run, *SAVED)
            batch.execute(DISARM, run=run.pk, is_paused=run.state == State.PAUSED)
        for run in [*self._new, *self._changed.values()]:
            for rung, due_at in self._rungs(run):
                batch.execute(ARM, run=run.pk, complaint=run.complaint_id, kind=run.kind, rung=int(rung), due_at=due_at)
        self._read, self._new, self._changed = None, [], {}

    def _keep(self, obligation: Obligation, *, is_tightening: bool) -> None:
        """Have a run for an obligation, in the state that the complaint asks for."""
        complaint = self.complaint
        found = [run for run in self.runs if obligation.is_run(run, complaint.cycle)]
        run = found[-1] if found else self._begin(obligation)
        if not run.is_open:
            self.take_back(run)
        is_held = run.state == State.PAUSED and run.pause_reason != Pause.CUSTOMER_INFO
        if pauses(complaint, run, most=MOST_PAUSES):
            if run.state == State.RUNNING:
                self.pause(run, Pause.CUSTOMER_INFO)
        elif run.state == State.PAUSED and not is_held:
            self.resume(run)
        if is_tightening and obligation.due_at is None and run not in self._new:
            self._tighten(run, obligation)

    def _begin(self, obligation: Obligation) -> ClockRun:
        since = obligation.since or self.at
        if obligation.due_at is not None:
            return self.start(obligation.kind, due_at=obligation.due_at, since=since)
        facts = Facts.of(self.complaint, channel=self.channel)
        target = target_for(obligation.kind, facts, since, percent=obligation.percent)
        if self._has_joined and target.due_at <= self.at:
            since, target = self.at, target_for(obligation.kind, facts, self.at, percent=obligation.percent)
        return self._start(obligation.kind, since, target, promise_for(obligation.kind, facts, target, since))

    def _start(self, kind: str, since: datetime, target: Target, promise_at: datetime, **fields: Any) -> ClockRun:
        run = start_run(self.complaint, kind, target, at=since, promise_at=promise_at, pk=take_ids(ClockRun)[0], **fields)
        self.runs.append(run)
        self._new.append(run)
        self._note("clock.started", codes=started_codes(run))
        return run

    def _tighten(self, run: ClockRun, obligation: Obligation) -> None:
        facts = Facts.of(self.complaint, channel=self.channel)
        if tighten_run(run, target_for(obligation.kind, facts, self.at, percent=obligation.percent), at=self.at):
            self.recomputed(run, "tightened")

    def _keep_limits(self) -> None:
        """Nobody who was joined waits longer for it."""
        for run in self.open_runs:
            limit = self._limits.get(SAME.get(run.kind, ""))
            if limit is not None and tighten_run(run, left_of(limit, self.at), at=self.at):
                self.recomputed(run, "merged")

    def _kept_at(self, run: ClockRun) -> datetime:
        """When an obligation was kept: a first answer by the message itself, the others by this act."""
        first_reply_at = self.complaint.first_reply_at
        return first_reply_at if run.kind in (Kind.FIRST, Kind.CONTACT) and first_reply_at else self.at

    def _fire(self, run: ClockRun, rung: int, due_at: datetime, *, is_quiet: bool = False) -> bool:
        """Whether this is the one time that a rung fires. What is parked fires only where nothing follows from it."""
        about = {"run": run.pk, "complaint": run.complaint_id, "kind": run.kind, "rung": int(rung)}
        return bool(FIRE.rows(**about, due_at=due_at, is_quiet=is_quiet))

    def _tell_rung(self, run: ClockRun, rung: int, due_at: datetime) -> None:
        kind = "clock.warned" if rung < Rung.DUE else "clock.missed" if rung == Rung.DUE else "clock.escalated"
        # The moment is the deadline, not that of whoever noticed.
        self._note(kind, codes=self._codes(run, rung=int(rung), due_at=due_at.isoformat()), at=due_at)

    def _rungs(self, run: ClockRun) -> list[tuple[int, datetime]]:
        """The rungs of a run that are to be looked at: the next of its ladder, a promise for another moment, the end of a pause."""
        if run.state == State.PAUSED:
            until = self._until.get(run.pk)
            return [(Rung.RESUME, until)] if until else []
        if run.state != State.RUNNING:
            return []
        rung = next_rung(run)
        found = [] if rung is None else [(rung, rung_at(run, rung))]
        return [*found, (Rung.PROMISE, run.promise_at)] if is_apart(run) else found

    def _change(self, run: ClockRun) -> None:
        if run not in self._new:
            self._changed[run.pk] = run

    def _codes(self, run: ClockRun, **codes: Any) -> dict[str, Any]:
        return {"run": run.pk, "kind": run.kind, "cycle": run.cycle, **codes}

    def _review_until(self) -> datetime | None:
        return self.complaint.appealed_at + timing.APPEAL_ANSWER if self.complaint.has_open_appeal else None

    def _stage_until(self) -> datetime | None:
        return timing.end_of_day(self.complaint.waiting_until) if self.complaint.waiting_until else None


def started_codes(run: ClockRun) -> dict[str, Any]:
    """What the event of a started clock keeps."""
    return {
        "run": run.pk,
        "kind": run.kind,
        "cycle": run.cycle,
        "target_s": run.target_s,
        "since": run.started_at.isoformat(),
        "due_at": run.due_at.isoformat(),
        "promise_at": run.promise_at.isoformat(),
        **_basis(run),
    }


def _basis(run: ClockRun) -> dict[str, Any]:
    policy = run.policy
    return {"policy": policy.code if policy else "", "policy_version": policy.version if policy else 0, "calendar": run.calendar_id}


def _seconds(start: datetime, end: datetime) -> int:
    return hours_of(None).between(start, end) if end > start else 0
