"""Recorded events in words, for the folded lines of the thread."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.desk import directory
from complaints.lifecycle import VERBS, Status
from complaints.models import Complaint
from ui.localize import localized
from ui.masking import mask_text

# What the thread shows in full anyway.
IN_THREAD = frozenset({"message.posted", "evidence.added"})

TITLES = {
    "complaint.filed": gettext_lazy("Filed"),
    "assigned": gettext_lazy("Assigned"),
    "unassigned": gettext_lazy("Back in the queue"),
    "team.changed": gettext_lazy("Moved to another team"),
    "priority.set": gettext_lazy("Priority"),
    "category.set": gettext_lazy("Category"),
    "tag.set": gettext_lazy("Tags changed"),
    "order.bound": gettext_lazy("Order bound"),
    "order.unbound": gettext_lazy("Order taken off"),
    "message.retracted": gettext_lazy("Reply taken back"),
    "complaint.merged": gettext_lazy("Joined"),
    "complaint.unmerged": gettext_lazy("Separated again"),
    "complaint.escalated": gettext_lazy("Escalated"),
    "cycle.resolved": gettext_lazy("Decision recorded"),
    "cycle.opened": gettext_lazy("New round"),
    "survey.invited": gettext_lazy("Survey"),
    "survey.answered": gettext_lazy("Survey answered"),
    "appeal.filed": gettext_lazy("Appeal"),
    "call.logged": gettext_lazy("Call"),
}


@dataclass(frozen=True)
class Event:
    """One recorded event in words."""

    seq: int
    at: datetime
    title: str
    detail: str
    by: str


def say_event(event) -> Event:
    """Put an event into words; one of a kind that is not known here keeps its code name."""
    return Event(event.seq, event.at, _title(event), _detail(event), _actor(event))


def _title(event) -> str:
    verb = VERBS.get(event.codes.get("verb", ""))
    if event.kind == "status.changed" and verb:
        return str(verb.label)
    return str(TITLES.get(event.kind, event.kind))


def _detail(event) -> str:
    codes = event.codes
    say = DETAILS.get(event.kind)
    words = say(codes) if say else ""
    said = (event.payload or {}).get("reason") or (event.payload or {}).get("note") or ""
    return " · ".join(filter(None, [words, mask_text(str(said))[:200]]))


def _actor(event) -> str:
    if event.author_kind == "customer":
        return _("Customer")
    return _name(event.actor_id) if event.actor_id else _("System")


def _name(user_id) -> str:
    colleague = directory.colleagues.get(user_id) if user_id else None
    return str(colleague) if colleague else ""


def _label(choices, value) -> str:
    try:
        return str(choices(value).label)
    except ValueError:
        return ""


def _team(team_id) -> str:
    team = directory.teams.get(team_id)
    return localized(team, "name") if team else ""


def _category(code) -> str:
    return next((localized(each, "name") for each in directory.categories.all().values() if each.code == code), code or "")


def _change(before: str, after: str) -> str:
    return f"{before} → {after}"


DETAILS = {
    "status.changed": lambda codes: _change(_label(Status, codes.get("from")), _label(Status, codes.get("to"))),
    "assigned": lambda codes: _name(codes.get("agent")),
    "unassigned": lambda codes: _name(codes.get("agent")),
    "team.changed": lambda codes: _change(_team(codes.get("from")), _team(codes.get("to"))),
    "priority.set": lambda codes: _change(_label(Complaint.Priority, codes.get("from")), _label(Complaint.Priority, codes.get("to"))),
    "category.set": lambda codes: _change(_category(codes.get("from")), _category(codes.get("to"))),
}
