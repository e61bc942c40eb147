"""The clocks with which a complaint begins, as rows that travel with everything else that filing writes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from complaints.models import Category, Clock, ClockRun, Complaint
from complaints.sla.policies import Facts, promise_for, target_for
from complaints.sla.runs import is_apart, next_rung, rung_at, start_run

Kind, Rung = ClockRun.Kind, Clock.Rung
MOST_RUNS = 2


def open_clocks(complaint: Complaint, ids: Sequence[int]) -> list[ClockRun]:
    """The first answer and the solution, running since the complaint was filed; says on the complaint what is due first.

    What a rule has opened owes the customer a contact before anything else. Needs ``category`` and ``customer`` of the complaint.
    """
    facts, since = Facts.of(complaint), complaint.filed_at
    kinds = (Kind.CONTACT if complaint.origin == Complaint.Origin.RULE else Kind.FIRST, Kind.RESOLUTION)
    targets = [target_for(kind, facts, since) for kind in kinds]
    runs = [
        start_run(complaint, kind, target, at=since, promise_at=promise_for(kind, facts, target, since), pk=pk)
        for kind, target, pk in zip(kinds, targets, ids, strict=False)
    ]
    first = min(runs, key=lambda run: run.due_at)
    complaint.due_at, complaint.due_kind, complaint.due_since = first.due_at, first.kind, since
    complaint.promise_at = min(run.promise_at for run in runs)
    return runs


def rungs_of(run: ClockRun) -> list[Clock]:
    """The rows at which a running obligation is looked at next."""
    moments = [(rung, rung_at(run, rung)) for rung in [next_rung(run)] if rung is not None]
    if is_apart(run):
        moments.append((Rung.PROMISE, run.promise_at))
    return [Clock(run=run, complaint_id=run.complaint_id, kind=run.kind, threshold=rung, due_at=due_at) for rung, due_at in moments]


def promise_to(category: Category, *, at: datetime, channel: str = Complaint.Channel.WEB) -> datetime:
    """By when somebody answers who complains about this now, before anything else is known of them."""
    facts = Facts(
        priority=category.priority,
        tier="",
        is_green=False,
        channel=channel,
        origin=Complaint.Origin.CUSTOMER,
        category=category.code,
        risk=0,
        promise_hours=category.promise_hours,
    )
    return promise_for(Kind.FIRST, facts, target_for(Kind.FIRST, facts, at), at)


def is_by_hours(category: Category, promise: datetime, *, at: datetime) -> bool:
    """Whether a promise is simply the category's hours from now, and not later because nobody works in between."""
    return promise == at + timedelta(hours=category.promise_hours)
