"""Promise policies in words: whom they fit, how soon what is due, what changes, and where several fit at once."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.desk.choices import category_name
from complaints.models import Category, Clock, Complaint
from complaints.sla.drafts import KINDS, PolicyDraft
from complaints.sla.words import say_minutes
from orders.models import Customer
from ui.localize import localized

KIND_WORDS = {
    KINDS[0]: gettext_lazy("First reply"),
    KINDS[1]: gettext_lazy("Every further reply"),
    KINDS[2]: gettext_lazy("Solution"),
}
MOST_OVERLAPS = 40
# Where one condition names several values it fits those of either.
LISTS = ("priorities", "tiers", "channels", "origins", "categories")


def say_condition(condition: dict[str, Any]) -> str:
    """Whom a policy fits, in one line."""
    parts = [SAY[key](wanted) for key, wanted in condition.items() if key in SAY]
    return " · ".join(parts) if parts else _("everybody whom no other one fits")


def say_targets(targets: dict[str, int]) -> str:
    return " · ".join(f"{KIND_WORDS[kind]} {say_minutes(targets[kind])}" for kind in KINDS if kind in targets)


def say_difference(before: PolicyDraft | None, after: PolicyDraft) -> list[tuple[str, str, str]]:
    """What a version changes: field, what stood there, what will."""
    fields = list(_FIELDS)
    if before is None:
        return [(str(label), "–", say(after)) for label, say in fields]
    pairs = [(str(label), say(before), say(after)) for label, say in fields]
    return [pair for pair in pairs if pair[1] != pair[2]]


def overlaps(policies: Sequence[PolicyDraft]) -> Iterator[tuple[str, str]]:
    """Pairs of overlays that can fit the same complaint, with what counts then where both say something."""
    active = [policy for policy in policies if policy.is_overlay and policy.is_active]
    pairs = [pair for pair in combinations(active, 2) if can_meet(pair[0].condition, pair[1].condition)]
    for first, second in pairs[:MOST_OVERLAPS]:
        targets = dict(second.targets)
        for kind, minutes in first.targets.items():
            targets[kind] = min(minutes, targets.get(kind, minutes))
        yield f"{localized(first, 'name')} + {localized(second, 'name')}", say_targets(targets)


def can_meet(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether one complaint can meet both conditions."""
    for key in first.keys() & second.keys():
        if key == "categories":
            if not any(_touch(one, other) for one in first[key] for other in second[key]):
                return False
        elif key in LISTS and not set(first[key]) & set(second[key]) or key == "is_green" and first[key] != second[key]:
            return False
    return True


def _touch(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def say_category(code: str) -> str:
    """A category by its name, a whole group by that of the group."""
    if code in Category.Root:
        return _("all of %(root)s") % {"root": Category.Root(code).label}
    return category_name(code)


def _labels(choices: type) -> Callable[[Sequence], str]:
    return lambda wanted: " / ".join(str(choices(each).label) for each in wanted)


SAY: dict[str, Callable[[Any], str]] = {
    "priorities": lambda wanted: _("priority %(names)s") % {"names": _labels(Complaint.Priority)(wanted)},
    "tiers": _labels(Customer.Tier),
    "channels": _labels(Complaint.Channel),
    "origins": lambda wanted: _("filed by %(names)s") % {"names": _labels(Complaint.Origin)(wanted)},
    "categories": lambda wanted: _("category %(names)s") % {"names": " / ".join(map(say_category, wanted))},
    "is_green": lambda wanted: _("green channel") if wanted else _("not the green channel"),
    "min_risk": lambda wanted: _("risk %(level)d or more") % {"level": wanted},
}
_FIELDS: tuple[tuple[Any, Callable[[PolicyDraft], str]], ...] = (
    (gettext_lazy("Name"), lambda draft: f"{draft.name_zh} / {draft.name_en}"),
    (gettext_lazy("Fits"), lambda draft: say_condition(draft.condition)),
    (gettext_lazy("Kind"), lambda draft: _("overlay, only tightens") if draft.is_overlay else _("base")),
    (gettext_lazy("Rank"), lambda draft: str(draft.rank)),
    *((label, lambda draft, kind=kind: say_minutes(draft.targets.get(kind))) for kind, label in KIND_WORDS.items()),
    (gettext_lazy("Calendar"), lambda draft: draft.calendar),
    (gettext_lazy("In force"), lambda draft: _("yes") if draft.is_active else _("no")),
)
LADDER = (
    (Clock.Rung.HALF, gettext_lazy("the assignee is reminded")),
    (Clock.Rung.SOON, gettext_lazy("the assignee and the team see it in “Due soon”; what was put aside comes back")),
    (
        Clock.Rung.DUE,
        gettext_lazy("missed for good: priority at least high, first in line, a follow-up for a lead; the customer is told a new time"),
    ),
    (Clock.Rung.LATE, gettext_lazy("a follow-up for a manager")),
    (Clock.Rung.VERY_LATE, gettext_lazy("a lead takes it over, a manager calls")),
)
PAUSES = (
    (gettext_lazy("We wait for the customer"), gettext_lazy("by itself, at most 72 hours, twice in a round")),
    (gettext_lazy("The customer asked for a later day"), gettext_lazy("by the assignee, until that day")),
    (gettext_lazy("Mediation is running"), gettext_lazy("by a lead")),
    (gettext_lazy("Force majeure in a region"), gettext_lazy("by a lead or a manager, at most 7 days")),
)
