"""What policies, published or not, would mean for one complaint that somebody has in mind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Calendar
from complaints.models import ClockRun, Complaint, SlaPolicy
from complaints.sla.drafts import KINDS, PolicyDraft
from complaints.sla.policies import Facts, Target, promise_for, target_for
from orders.models import Customer

PROMISE_HOURS = 24


@dataclass(frozen=True)
class SampleClock:
    """One clock of the sample: when it is due, what the customer is told, and by which policy."""

    kind: ClockRun.Kind
    target: Target
    promise_at: datetime


def sample_of(condition: dict[str, Any]) -> Facts:
    """A complaint that a condition fits."""
    return Facts(
        priority=_one(condition, "priorities", Complaint.Priority.NORMAL),
        tier=_one(condition, "tiers", Customer.Tier.STANDARD),
        is_green=condition.get("is_green", False),
        channel=_one(condition, "channels", Complaint.Channel.WEB),
        origin=_one(condition, "origins", Complaint.Origin.CUSTOMER),
        category=_one(condition, "categories", "other"),
        risk=condition.get("min_risk", 0),
        promise_hours=PROMISE_HOURS,
    )


def clocks_of_sample(facts: Facts, *, at: datetime, policies: Sequence[SlaPolicy]) -> list[SampleClock]:
    """The clocks of such a complaint if it were filed at a moment."""
    targets = [(kind, target_for(kind, facts, at, policies=policies)) for kind in KINDS]
    return [SampleClock(kind, target, promise_for(kind, facts, target, at)) for kind, target in targets]


def with_drafts(policies: Iterable[SlaPolicy], drafts: Iterable[PolicyDraft]) -> list[SlaPolicy]:
    """The policies that would count if these drafts were in force."""
    by_code = {policy.code: policy for policy in policies}
    calendars = {calendar.code: calendar for calendar in Calendar.objects.all()}
    for draft in drafts:
        known = by_code.pop(draft.code, None)
        if draft.is_active:
            by_code[draft.code] = _unsaved(draft, calendars[draft.calendar], known)
    return sorted(by_code.values(), key=lambda policy: (policy.rank, policy.code))


def _unsaved(draft: PolicyDraft, calendar: Calendar, known: SlaPolicy | None) -> SlaPolicy:
    names = ("code", "name_zh", "name_en", "targets", "condition", "rank", "is_overlay", "is_active")
    version = known.version + 1 if known else 1
    return SlaPolicy(calendar=calendar, version=version, **{name: getattr(draft, name) for name in names})


def _one(condition: dict[str, Any], key: str, usual: Any) -> Any:
    return condition[key][0] if condition.get(key) else usual
