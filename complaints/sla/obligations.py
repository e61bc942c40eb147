"""What a complaint owes in its present state, read from its row alone. Clocks are brought in line with this at the end of every act."""

from dataclasses import dataclass
from datetime import datetime

from complaints.lifecycle import LIVE, Status
from complaints.models import ClockRun, Complaint

Kind, State = ClockRun.Kind, ClockRun.State
ENDINGS = {Status.WITHDRAWN: State.CANCELLED, Status.SPAM: State.CANCELLED, Status.MERGED: State.MERGED}
# Nobody is waiting for a call about these any more.
DROPPED = frozenset({Status.WITHDRAWN, Status.SPAM})
# Started and ended by a verb of their own, not by the state of the complaint.
APART = ClockRun.STATUTORY | {Kind.CALLBACK}
HALF, WHOLE = 50, 100


@dataclass(frozen=True)
class Obligation:
    """One thing owed: since when (None: since this act) and, where the state says so itself, by when."""

    kind: str
    since: datetime | None = None
    due_at: datetime | None = None
    percent: int = WHOLE

    def is_run(self, run: ClockRun, cycle: int) -> bool:
        """Whether a run is this obligation, running or ended."""
        if run.kind != self.kind or (run.cycle != cycle and self.kind != Kind.REVIEW):
            return False
        if self.due_at is not None:
            return run.promise_at == self.due_at
        return self.kind != Kind.NEXT or run.is_open or self.since in (None, run.started_at)


def owed_by(complaint: Complaint, *, review_until: datetime | None, stage_until: datetime | None) -> list[Obligation]:
    """The obligations of a complaint; ``review_until`` and ``stage_until`` are the ends of an open appeal and of a department's day."""
    owed = [Obligation(Kind.REVIEW, complaint.appealed_at, review_until)] if complaint.has_open_appeal else []
    if complaint.status not in LIVE:
        return owed
    is_new_cycle = complaint.cycle > 1
    if complaint.first_reply_at is None and not is_new_cycle:
        owed.append(Obligation(Kind.CONTACT if complaint.origin == Complaint.Origin.RULE else Kind.FIRST, complaint.filed_at))
    elif complaint.first_reply_at is None or complaint.needs_reply:
        owed.append(Obligation(Kind.NEXT, complaint.unanswered_since))
    if stage_until and _is_elsewhere(complaint):
        owed.append(Obligation(Kind.STAGE, None, stage_until))
    since = None if is_new_cycle else complaint.filed_at
    return [*owed, Obligation(Kind.RESOLUTION, since, percent=HALF if is_new_cycle else WHOLE)]


def _is_elsewhere(complaint: Complaint) -> bool:
    """Whether a department has it, also while it is put aside meanwhile."""
    return Status.WAITING_INTERNAL in (complaint.status, complaint.status_before if complaint.status == Status.SNOOZED else "")


def ending_of(complaint: Complaint) -> str:
    """How an obligation ends that is no longer owed."""
    return ENDINGS.get(complaint.status, State.MET)


def pauses(complaint: Complaint, run: ClockRun, *, most: int) -> bool:
    """Whether the customer's turn pauses an obligation: only the solution waits for what is missing, at most ``most`` times a cycle."""
    if run.kind != Kind.RESOLUTION or complaint.status != Status.WAITING_CUSTOMER:
        return False
    return run.state == State.PAUSED or run.pauses < most
