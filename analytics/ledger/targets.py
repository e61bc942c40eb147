"""Target facts: each obligation with a deadline, kept or missed by the moments that its events name."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics.models import Target

from .entries import Entry, moment
from .history import History


@dataclass
class _Run:
    """A clock as its events leave it. What it missed stays missed, whatever came later; taken back is as if it had not ended."""

    number: int
    kind: str
    due: datetime | None
    met: datetime | None = None
    is_paused: bool = False
    is_missed: bool = False
    is_cancelled: bool = False
    is_waived: bool = False

    @property
    def is_counted(self) -> bool:
        return self.due is not None and (self.is_missed or not (self.is_cancelled or self.is_paused))

    @property
    def was_kept(self) -> bool:
        return self.met is not None and not self.is_missed and self.met <= self.due


def fold_targets(history: History) -> Iterator[Target]:
    if history.excluded:
        return
    runs = [run for run in _runs(history) if run.is_counted]
    decided = [run for run in runs if (run.met or run.is_missed) and not run.is_waived]
    last = max(decided, key=lambda run: (run.due, run.number), default=None)
    for ordinal, run in enumerate(runs):
        row = history.columns_at(run.due, settled=run.met)
        clean = {"decided": 1, "clean": int(all(each.was_kept for each in decided))} if run is last else {}
        yield Target(**row, ordinal=ordinal, kind=run.kind, run_id=run.number, due_at=run.due, met_at=run.met, **_flags(run), **clean)


def _flags(run: _Run) -> dict[str, int]:
    if run.is_waived:
        return {"waived": 1, "waived_met": int(run.was_kept)}
    if run.was_kept:
        return {"due": 1, "met": 1}
    return {"due": 1, "missed": 1} if run.is_missed or run.met else {"pending": 1}


def _runs(history: History) -> list[_Run]:
    """A breach carries the moment of the deadline, which may lie before the clock was started; so the clocks come first."""
    started = (each.codes for each in history.of("clock.started"))
    runs = {codes["run"]: _Run(codes["run"], codes["kind"], moment(codes.get("due_at"))) for codes in started}
    for each in history.group.entries:
        if each.kind.startswith("clock.") and (run := runs.get(each.codes.get("run", 0))):
            CHANGES.get(each.kind, _nothing)(run, each)
    return sorted(runs.values(), key=lambda run: run.number)


def _nothing(run: _Run, entry: Entry) -> None:
    """A warning changes nothing."""


def _meet(run: _Run, entry: Entry) -> None:
    run.met = moment(entry.codes["met_at"])
    if run.is_paused and run.due:  # while it stood still there was nothing to miss
        run.due, run.is_paused = max(run.due, run.met), False


def _miss(run: _Run, entry: Entry) -> None:
    run.is_missed = True


def _cancel(run: _Run, entry: Entry) -> None:
    run.is_cancelled = True


def _pause(run: _Run, entry: Entry) -> None:
    run.is_paused = not run.is_missed


def _move(run: _Run, entry: Entry) -> None:
    run.met, run.is_cancelled = None, False
    if not run.is_missed:
        due = moment(entry.codes.get("due_at"))
        run.due, run.is_paused = due or run.due, due is None


def _waive(run: _Run, entry: Entry) -> None:
    run.is_waived = True


def _count_again(run: _Run, entry: Entry) -> None:
    run.is_waived = False


CHANGES: dict[str, Any] = {
    "clock.met": _meet,
    "clock.missed": _miss,
    "clock.cancelled": _cancel,
    "clock.paused": _pause,
    "clock.resumed": _move,
    "clock.recomputed": _move,
    "clock.excluded": _waive,
    "clock.included": _count_again,
}
