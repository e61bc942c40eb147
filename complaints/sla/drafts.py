"""A promise policy before it is published, and everything that speaks against it, field by field. Knows no database."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from complaints.models import ClockRun, Complaint, SlaPolicy
from foundation.exceptions import Reason
from orders.models import Customer

Kind = ClockRun.Kind
KINDS = (Kind.FIRST, Kind.NEXT, Kind.RESOLUTION)
LONGEST_MINUTES = 365 * 24 * 60
LARGEST_RANK = 9999
LONGEST_NAME, LONGEST_REASON = 60, 200
CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
CATEGORY = re.compile(r"[a-z0-9_-]{1,40}(\.[a-z0-9_-]{1,40})?")


@dataclass(frozen=True)
class PolicyDraft:
    """What a version of a policy says. ``targets`` are minutes of the calendar with this code."""

    code: str
    name_zh: str
    name_en: str
    calendar: str
    targets: dict[str, int] = field(default_factory=dict)
    condition: dict[str, Any] = field(default_factory=dict)
    rank: int | None = None
    is_overlay: bool = False
    is_active: bool = True

    @classmethod
    def of(cls, policy: SlaPolicy) -> "PolicyDraft":
        names = ("code", "name_zh", "name_en", "targets", "condition", "rank", "is_overlay", "is_active")
        return cls(calendar=policy.calendar.code, **{name: getattr(policy, name) for name in names})

    def retired(self) -> "PolicyDraft":
        return replace(self, is_active=False)


def faults_in(draft: PolicyDraft, *, calendars: Iterable[str], others: Sequence[PolicyDraft]) -> list[Reason]:
    """What is wrong with a draft; the code of each reason is the field that it is about. ``others`` would stand beside it."""
    found = [*_in_names(draft), *_in_condition(draft.condition), *_in_targets(draft), *_in_rank(draft, others)]
    if draft.calendar not in set(calendars):
        found.append(Reason("calendar", _("Choose a calendar: minutes are counted in its hours.")))
    if not any(_is_ground(each) for each in [draft, *others]):
        found.append(Reason("is_active", _("One policy without conditions must remain, so that nobody is left without a promise.")))
    return found


def _in_names(draft: PolicyDraft) -> Iterator[Reason]:
    if not CODE.fullmatch(draft.code):
        yield Reason("code", _("Small letters, digits and hyphens, at most 40."))
    for name in ("name_zh", "name_en"):
        if not 0 < len(getattr(draft, name).strip()) <= LONGEST_NAME:
            yield Reason(name, _("Give it a name of at most 60 characters in both languages."))


def _in_targets(draft: PolicyDraft) -> Iterator[Reason]:
    if unknown := set(draft.targets) - set(KINDS):
        yield Reason("targets", _("Unknown kind of clock: %(names)s.") % {"names": ", ".join(sorted(unknown))})
    for kind, minutes in draft.targets.items():
        if type(minutes) is not int or not 0 < minutes <= LONGEST_MINUTES:
            yield Reason(str(kind), _("More than nothing, and at most a year."))
    if not draft.is_overlay:
        for kind in KINDS:
            if kind not in draft.targets:
                yield Reason(str(kind), _("A policy that is no overlay says this for everybody whom it fits."))
    elif not draft.targets:
        yield Reason("targets", _("An overlay tightens at least one clock."))


def _in_rank(draft: PolicyDraft, others: Sequence[PolicyDraft]) -> Iterator[Reason]:
    if type(draft.rank) is not int or not 0 <= draft.rank <= LARGEST_RANK:
        yield Reason("rank", _("A whole number: the policy with the smallest that fits counts."))
    elif draft.is_active and not draft.is_overlay:
        bases = [each for each in others if each.is_active and not each.is_overlay and each.code != draft.code]
        if any(each.rank == draft.rank for each in bases):
            yield Reason("rank", _("Another policy has this rank already; which of them counts must be clear."))
        elif any(_hides(before, after) for before, after in [*((draft, each) for each in bases), *((each, draft) for each in bases)]):
            yield Reason("rank", _("A policy without conditions comes last; none that follows it would ever count."))


def _hides(before: PolicyDraft, after: PolicyDraft) -> bool:
    return not before.condition and before.rank < after.rank


def _is_ground(draft: PolicyDraft) -> bool:
    return draft.is_active and not draft.is_overlay and not draft.condition


def _in_condition(condition: dict[str, Any]) -> Iterator[Reason]:
    for key, wanted in condition.items():
        if key not in VALUES:
            yield Reason("condition", _("Unknown condition: %(name)s.") % {"name": key})
        elif not VALUES[key](wanted):
            yield Reason(key, _("This condition can never be met as it is written."))


def _some_of(allowed: Iterable[Any]) -> Callable[[Any], bool]:
    known = set(allowed)
    return lambda wanted: isinstance(wanted, list) and bool(wanted) and all(each in known for each in wanted)


VALUES: dict[str, Callable[[Any], bool]] = {
    "priorities": _some_of(Complaint.Priority.values),
    "tiers": _some_of(Customer.Tier.values),
    "channels": _some_of(Complaint.Channel.values),
    "origins": _some_of(Complaint.Origin.values),
    "categories": lambda wanted: (
        isinstance(wanted, list) and bool(wanted) and all(isinstance(each, str) and CATEGORY.fullmatch(each) for each in wanted)
    ),
    "is_green": lambda wanted: isinstance(wanted, bool),
    "min_risk": lambda wanted: type(wanted) is int and 1 <= wanted <= 4,
}
