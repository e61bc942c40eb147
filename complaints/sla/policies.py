"""How soon what is owed: the policies in force, kept in memory, and what they say about one complaint.

Changed a few times a year and asked at every act, so each process reads them again every half minute and not per act.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.functions import Now

from accounts.calendars import current_version, hours_of
from complaints.models import ClockRun, Complaint, SlaPolicy

FRESH_SECONDS = 30.0
Kind = ClockRun.Kind
# Minutes around the clock where no policy is published: the category's own promise, and what is usual after it.
NEXT_MINUTES = (8 * 60, 8 * 60, 4 * 60, 60)
RESOLUTION_MINUTES = 3 * 24 * 60


@dataclass(frozen=True)
class Facts:
    """What policies look at. ``channel`` is how the customer came this time."""

    priority: int
    tier: str
    is_green: bool
    channel: str
    origin: str
    category: str
    risk: int
    promise_hours: int

    @classmethod
    def of(cls, complaint: Complaint, *, channel: str = "") -> "Facts":
        """The facts of a complaint as it is now. Needs its category and customer."""
        customer = complaint.customer if complaint.customer_id else None
        return cls(
            priority=complaint.priority,
            tier=customer.tier if customer else "",
            is_green=bool(customer and customer.is_green),
            channel=channel or complaint.channel,
            origin=complaint.origin,
            category=complaint.category.code,
            risk=complaint.risk_level,
            promise_hours=complaint.category.promise_hours,
        )


CONDITIONS: dict[str, Callable[[Facts, Any], bool]] = {
    "priorities": lambda facts, wanted: facts.priority in wanted,
    "tiers": lambda facts, wanted: facts.tier in wanted,
    "is_green": lambda facts, wanted: facts.is_green == wanted,
    "channels": lambda facts, wanted: facts.channel in wanted,
    "origins": lambda facts, wanted: facts.origin in wanted,
    "categories": lambda facts, wanted: any(facts.category == code or facts.category.startswith(f"{code}.") for code in wanted),
    "min_risk": lambda facts, wanted: facts.risk >= wanted,
}


@dataclass(frozen=True)
class Target:
    """When something is due, by which policy and calendar: ``seconds`` of the calendar version, around the clock without one."""

    seconds: int
    due_at: datetime
    policy: SlaPolicy | None = None
    calendar_id: int | None = None


def fits(policy: SlaPolicy, facts: Facts) -> bool:
    return all(CONDITIONS[key](facts, wanted) for key, wanted in policy.condition.items())


def target_for(kind: str, facts: Facts, start: datetime, *, percent: int = 100, policies: Sequence[SlaPolicy] | None = None) -> Target:
    """The target that counts: of the first base policy that fits, or of an overlay whose moment is earlier.

    ``percent`` of the minutes (a reopened complaint is resolved in half the time). ``policies``: others than those in force.
    """
    minutes_of = Kind.FIRST if kind == Kind.CONTACT else kind
    fitting = [policy for policy in (in_force() if policies is None else policies) if fits(policy, facts)]
    counting = [*[policy for policy in fitting if not policy.is_overlay][:1], *[policy for policy in fitting if policy.is_overlay]]
    targets = [_target(policy, policy.targets[minutes_of] * percent, start) for policy in counting if policy.targets.get(minutes_of)]
    return min(targets, key=lambda target: target.due_at, default=None) or _usual(minutes_of, facts, start, percent)


def promise_for(kind: str, facts: Facts, target: Target, start: datetime) -> datetime:
    """What the customer is told: the category's hours for a first answer, but never earlier than it is due here."""
    if kind not in (Kind.FIRST, Kind.CONTACT):
        return target.due_at
    return max(target.due_at, hours_of(None).add(start, facts.promise_hours * 3600))


def in_force() -> Sequence[SlaPolicy]:
    """The newest version of every active policy by rank; costs a query only when the last reading is older than half a minute."""
    global _current
    if _current is None or time.monotonic() - _current[0] > FRESH_SECONDS:
        _current = (time.monotonic(), read_policies())
    return _current[1]


def forget_policies() -> None:
    """Make the next reader ask the database."""
    global _current
    _current = None


_current: tuple[float, list[SlaPolicy]] | None = None


def read_policies() -> list[SlaPolicy]:
    """The policies in force now, from the database."""
    newest = SlaPolicy.objects.filter(effective_from__lte=Now()).order_by("code", "-version").distinct("code").select_related("calendar")
    return sorted((policy for policy in newest if policy.is_active), key=lambda policy: (policy.rank, policy.code))


def _target(policy: SlaPolicy, percents: int, start: datetime) -> Target:
    version = current_version(policy.calendar.code)
    seconds = percents * 60 // 100
    return Target(seconds, hours_of(version.pk).add(start, seconds), policy, version.pk)


def _usual(kind: str, facts: Facts, start: datetime, percent: int) -> Target:
    minutes = {Kind.FIRST: facts.promise_hours * 60, Kind.NEXT: NEXT_MINUTES[facts.priority], Kind.RESOLUTION: RESOLUTION_MINUTES}[kind]
    seconds = minutes * percent * 60 // 100
    return Target(seconds, hours_of(None).add(start, seconds))
