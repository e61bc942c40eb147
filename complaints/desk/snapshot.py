"""What a form saw of a complaint when it was made, so that a stale one can show both versions field by field."""

import json
from dataclasses import dataclass

from django.utils.translation import gettext as _

from complaints.desk import directory
from complaints.emotion.words import name_level
from complaints.models import Complaint
from ui.localize import localized

LONGEST = 600


@dataclass(frozen=True)
class Difference:
    """One field that changed under a form."""

    title: str
    seen: str
    current: str


def snapshot(complaint: Complaint) -> str:
    """The fields that forms of the desk depend on, to travel in a hidden input."""
    return json.dumps(_values(complaint), separators=(",", ":"))


def differences(seen: str | None, complaint: Complaint) -> list[Difference]:
    """The fields that are not what the form saw; an unreadable snapshot counts as one that saw nothing."""
    before, after = _read(seen), _values(complaint)
    return [
        Difference(title, say(before[name]), say(after[name]))
        for name, (title, say) in _fields().items()
        if name in before and before[name] != after[name]
    ]


def _values(complaint: Complaint) -> dict:
    return {
        "status": complaint.status,
        "priority": complaint.priority,
        "risk": complaint.risk_level,
        "assignee": complaint.assignee_id,
        "team": complaint.team_id,
        "category": complaint.category_id,
        "order": complaint.order_id,
    }


def _read(seen: str | None) -> dict:
    try:
        values = json.loads((seen or "")[:LONGEST])
    except ValueError:
        return {}
    plain = isinstance(values, dict) and all(value is None or isinstance(value, str | int) for value in values.values())
    return values if plain else {}


def _fields() -> dict:
    return {
        "status": (_("Status"), lambda value: _choice(Complaint.Status, value)),
        "priority": (_("Priority"), lambda value: _choice(Complaint.Priority, value)),
        "risk": (_("Risk hint"), name_level),
        "assignee": (_("Assignee"), lambda value: str(directory.colleagues.get(value) or "") if value else _("nobody")),
        "team": (_("Team"), lambda value: _row(directory.teams, value)),
        "category": (_("Category"), lambda value: _row(directory.categories, value)),
        "order": (_("Order"), lambda value: _("bound") if value else _("none")),
    }


def _choice(choices, value) -> str:
    return str(choices(value).label) if value in choices.values else ""


def _row(shelf, key) -> str:
    row = shelf.get(key)
    return localized(row, "name") if row else ""
