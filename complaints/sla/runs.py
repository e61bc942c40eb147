"""The arithmetic of one obligation: start, pause, resume, tighten, end and take up again. Pure but for the calendar's hours.

A run knows how many seconds of its calendar are used (``consumed_s`` up to ``counted_at``) and how many it may use (``target_s``), so
its deadline is one addition, and a pause or another calendar in between changes nothing about what was counted before.
"""

from datetime import datetime

from accounts.calendars import hours_of
from complaints.models import Clock, ClockRun, Complaint
from complaints.sla.policies import Target

State, Rung = ClockRun.State, Clock.Rung
# What the customer was told about these is the category's promise, not the moment at which they are due here.
PROMISED_APART = frozenset({ClockRun.Kind.FIRST, ClockRun.Kind.CONTACT})
LADDER = (Rung.HALF, Rung.SOON, Rung.DUE, Rung.LATE, Rung.VERY_LATE)


def start_run(complaint: Complaint, kind: str, target: Target, *, at: datetime, promise_at: datetime, **fields) -> ClockRun:
    """A new obligation, not yet saved."""
    run = ClockRun(
        complaint=complaint,
        kind=kind,
        cycle=complaint.cycle,
        policy=target.policy,
        calendar_id=target.calendar_id,
        started_at=at,
        counted_at=at,
        target_s=target.seconds,
        due_at=target.due_at,
        promise_at=promise_at,
        **fields,
    )
    run.is_uncovered = not hours_of(run.calendar_id).covers(run.due_at)
    return run


def rung_at(run: ClockRun, rung: int) -> datetime:
    """When a running obligation has used ``rung`` percent of its time; not before it was last taken up."""
    if rung == Rung.DUE and run.missed_at:
        return run.missed_at
    return hours_of(run.calendar_id).add(run.counted_at, max(0, run.target_s * rung // 100 - run.consumed_s))


def next_rung(run: ClockRun) -> int | None:
    return next((rung for rung in LADDER if rung > run.reached), None)


def is_apart(run: ClockRun) -> bool:
    """Whether the customer was told another moment than the one at which a running obligation is due here."""
    return run.due_at is not None and run.promise_at != run.due_at


def left_of(run: ClockRun, at: datetime) -> Target:
    """What is left of an obligation at a moment, as a target for another one."""
    return Target(hours_of(run.calendar_id).between(at, run.due_at), run.due_at, run.policy, run.calendar_id)


def used_seconds(run: ClockRun, at: datetime) -> int:
    """Seconds of the calendar that an obligation has used up to a moment, or up to its end."""
    if run.state == State.PAUSED or (not run.is_open and run.pause_reason):
        return run.consumed_s
    end = min(at, run.ended_at) if run.ended_at else at
    return run.consumed_s + (hours_of(run.calendar_id).between(run.counted_at, end) if end > run.counted_at else 0)


def pause_run(run: ClockRun, *, at: datetime, reason: str) -> None:
    _count(run, at)
    run.state, run.pause_reason, run.due_at = State.PAUSED, reason, None
    # Only these are rationed: what somebody sets by hand takes none of them away.
    run.pauses += reason == ClockRun.Pause.CUSTOMER_INFO


def resume_run(run: ClockRun, *, at: datetime) -> None:
    paused_at = run.counted_at
    run.state, run.pause_reason, run.counted_at = State.RUNNING, "", at
    _date(run)
    _follow_pause(run, paused_at)


def tighten_run(run: ClockRun, target: Target, *, at: datetime) -> bool:
    """Let an obligation follow ``target``, which starts at ``at``, if that is sooner; one that was missed stays as it is.

    A paused one has no more than ``target`` left when it goes on.
    """
    if not run.is_open or run.missed_at or target.due_at >= _due_if_running(run, at):
        return False
    if run.state == State.RUNNING:
        _count(run, at)
    run.policy, run.calendar_id, run.target_s = target.policy, target.calendar_id, run.consumed_s + target.seconds
    if run.state == State.RUNNING:
        _date(run)
        _hold_promise(run)
    return True


def recount_run(run: ClockRun, *, calendar_id: int, at: datetime) -> None:
    """Count the rest of an obligation by another version of its calendar. What the customer was told never moves later."""
    is_running = run.state == State.RUNNING
    if is_running:
        _count(run, at)
    run.calendar_id = calendar_id
    if is_running:
        _date(run)
        _hold_promise(run)


def end_run(run: ClockRun, *, at: datetime, state: str) -> None:
    """End an obligation. One that was missed stays missed, however it ends; one that was joined into another goes on there."""
    run.state = State.MISSED if run.missed_at and state != State.MERGED else state
    run.ended_at = at


def revive_run(run: ClockRun, *, at: datetime) -> None:
    """Take an obligation up again as if it had not ended: what ended it was taken back. A pause does not go on."""
    was_paused, paused_at = bool(run.pause_reason), run.counted_at
    if was_paused:
        run.counted_at = at
    run.state, run.ended_at, run.pause_reason = State.RUNNING, None, ""
    _date(run)
    if was_paused:
        _follow_pause(run, paused_at)


def _count(run: ClockRun, at: datetime) -> None:
    """Bring ``consumed_s`` up to a moment."""
    if at > run.counted_at:
        run.consumed_s += hours_of(run.calendar_id).between(run.counted_at, at)
        run.counted_at = at


def _due_if_running(run: ClockRun, at: datetime) -> datetime:
    """When it is due; a paused one, if it went on at a moment."""
    return run.due_at or hours_of(run.calendar_id).add(at, max(0, run.target_s - run.consumed_s))


def _follow_pause(run: ClockRun, paused_at: datetime) -> None:
    """A pause moves what the customer was told by its own length and no further; what was tightened meanwhile moves it back."""
    hours = hours_of(run.calendar_id)
    kept = hours.add(run.counted_at, hours.between(paused_at, run.promise_at)) if run.promise_at > paused_at else run.due_at
    run.promise_at = min(kept, run.due_at)


def _hold_promise(run: ClockRun) -> None:
    if run.kind not in PROMISED_APART:
        run.promise_at = min(run.promise_at, run.due_at)


def _date(run: ClockRun) -> None:
    run.due_at = rung_at(run, Rung.DUE)
    run.is_uncovered = not hours_of(run.calendar_id).covers(run.due_at)
