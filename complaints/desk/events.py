"""Recorded events in words, for the folded lines of the thread."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.desk import directory
from complaints.desk.choices import category_name
from complaints.desk.survey_words import SURVEY_EVENTS, say_survey
from complaints.emotion.words import name_level, name_signals
from complaints.lifecycle import VERBS, Status
from complaints.models import ClockRun, Complaint, FollowUp
from complaints.sla.waivers import COUNTED, WAIVED
from ui.localize import localized
from ui.masking import mask_text

# What the thread shows in full anyway, and what a section beside it adds up for those whom it concerns.
IN_THREAD = frozenset({"message.posted", "evidence.added", "effort.recorded", "effort.corrected"})

TITLES = {
    "complaint.filed": gettext_lazy("Complaint filed"),
    "assigned": gettext_lazy("Assigned"),
    "unassigned": gettext_lazy("Back in the queue"),
    "reminded": gettext_lazy("Reminded of work that is not begun"),
    "taken_back": gettext_lazy("Taken back"),
    "team.changed": gettext_lazy("Moved to another team"),
    "priority.set": gettext_lazy("Priority"),
    "risk.set": gettext_lazy("Risk hint"),
    "message.classified": gettext_lazy("Message read for anger and risk"),
    "category.set": gettext_lazy("Category"),
    "tag.set": gettext_lazy("Tags changed"),
    "order.bound": gettext_lazy("Order bound"),
    "order.unbound": gettext_lazy("Order taken off"),
    "message.retracted": gettext_lazy("Reply taken back"),
    "message.failed": gettext_lazy("A message could not be delivered"),
    "message.copied": gettext_lazy("Message copied from another complaint"),
    "message.joined": gettext_lazy("Message joined"),
    "complaint.merged": gettext_lazy("Joined"),
    "complaint.unmerged": gettext_lazy("Separated again"),
    "complaint.split": gettext_lazy("Split"),
    "complaint.regrouped": gettext_lazy("Joined on"),
    "watchers.set": gettext_lazy("Watched or no longer watched"),
    "linked": gettext_lazy("Linked"),
    "escalated": gettext_lazy("Escalated"),
    "waiting.set": gettext_lazy("Whose turn it is"),
    "snoozed": gettext_lazy("Put aside"),
    "call.logged": gettext_lazy("Call"),
    "contact.added": gettext_lazy("New contact"),
    "chat.queued": gettext_lazy("The customer waits for a person"),
    "chat.offered": gettext_lazy("Conversation offered"),
    "chat.joined": gettext_lazy("Conversation accepted"),
    "chat.left": gettext_lazy("Conversation interrupted"),
    "chat.abandoned": gettext_lazy("The customer left the queue"),
    "chat.ended": gettext_lazy("Conversation ended"),
    "chat.converted": gettext_lazy("Conversation turned into a message or a call"),
    "chat.rated": gettext_lazy("Conversation rated"),
    "callback.requested": gettext_lazy("Call booked"),
    "callback.moved": gettext_lazy("Call moved"),
    "callback.cancelled": gettext_lazy("Call cancelled"),
    "callback.due": gettext_lazy("Call due"),
    "callback.attempted": gettext_lazy("Customer called"),
    "callback.given": gettext_lazy("Call taken over"),
    "callback.done": gettext_lazy("Call done"),
    "excluded.set": gettext_lazy("Agent left out"),
    "cycle.resolved": gettext_lazy("Decision recorded"),
    "cycle.confirmed": gettext_lazy("Confirmed"),
    "cycle.reopened": gettext_lazy("New round"),
    "reason.set": gettext_lazy("Reason recorded"),
    "liability.set": gettext_lazy("Liability recorded"),
    "declined": gettext_lazy("Declined"),
    "reopened": gettext_lazy("Reopened"),
    "withdrawn": gettext_lazy("Withdrawn"),
    "appeal.filed": gettext_lazy("Appeal"),
    "appeal.decided": gettext_lazy("Appeal decided"),
    "survey.invited": gettext_lazy("Survey planned"),
    "survey.delivered": gettext_lazy("Survey delivered"),
    "survey.expired": gettext_lazy("Survey ended"),
    "survey.suppressed": gettext_lazy("No survey"),
    "survey.answered": gettext_lazy("Survey answered"),
    "survey.edited": gettext_lazy("Answer to the survey changed"),
    "contact.proven": gettext_lazy("Contact proven"),
    "contact.corrected": gettext_lazy("Contact corrected"),
    "privacy.asked": gettext_lazy("Asked about personal data"),
    "privacy.decided": gettext_lazy("Decided about personal data"),
    "privacy.copied": gettext_lazy("Copy of the data handed out"),
    "privacy.erased": gettext_lazy("Content erased"),
    "hold.placed": gettext_lazy("Hold placed"),
    "hold.lifted": gettext_lazy("Hold lifted"),
    "clock.started": gettext_lazy("Clock started"),
    "clock.paused": gettext_lazy("Clock paused"),
    "clock.resumed": gettext_lazy("Clock goes on"),
    "clock.recomputed": gettext_lazy("Deadline worked out anew"),
    "clock.warned": gettext_lazy("Time is running out"),
    "clock.missed": gettext_lazy("Promise missed"),
    "clock.escalated": gettext_lazy("Passed on to a lead"),
    "clock.met": gettext_lazy("Promise kept"),
    "clock.cancelled": gettext_lazy("Clock ended"),
    WAIVED: gettext_lazy("Missed clock left out of the figures"),
    COUNTED: gettext_lazy("Missed clock counts again"),
    "promise.moved": gettext_lazy("New time named to the customer"),
    "follow_up.added": gettext_lazy("Follow-up added"),
    "follow_up.done": gettext_lazy("Follow-up done"),
    "external.changed": gettext_lazy("Notice of an authority or a platform"),
}


@dataclass(frozen=True)
class Event:
    """One recorded event in words."""

    seq: int
    at: datetime
    title: str
    detail: str
    by: str


def register_titles(titles: Mapping[str, str]) -> None:
    """The words of a floor above for its own kinds of events."""
    TITLES.update(titles)


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
    payload = event.payload or {}
    said = payload.get("reason") or payload.get("basis") or payload.get("owner") or ""
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


def _why(codes) -> str:
    named = name_signals(" ".join(codes.get("signals", ())))
    return f" · {', '.join(named)}" if named else ""


def _call_words(codes) -> str:
    """Where a call comes from, and what came of it."""
    found = [_label(FollowUp.Callback, codes.get("kind")), _label(FollowUp.Outcome, codes.get("outcome"))]
    return " · ".join(filter(None, found))


def _change(before: str, after: str) -> str:
    return f"{before} → {after}"


# Whom somebody chose is told by their reason, and whom the queue chose by its explanation.
CAUSES = {"escalation": gettext_lazy(", because a promise was missed")}
DETAILS = {
    **{kind: lambda codes: _name(codes.get("agent")) for kind in ("chat.offered", "chat.joined", "chat.left")},
    "status.changed": lambda codes: _change(_label(Status, codes.get("from")), _label(Status, codes.get("to"))),
    "assigned": lambda codes: _name(codes.get("agent")) + CAUSES.get(codes.get("cause"), ""),
    "unassigned": lambda codes: _name(codes.get("agent")),
    "reminded": lambda codes: _name(codes.get("agent")),
    "taken_back": lambda codes: _name(codes.get("agent")),
    "team.changed": lambda codes: _change(_team(codes.get("from")), _team(codes.get("to"))),
    "priority.set": lambda codes: _change(_label(Complaint.Priority, codes.get("from")), _label(Complaint.Priority, codes.get("to"))),
    "risk.set": lambda codes: _change(name_level(codes.get("from")), name_level(codes.get("to"))) + _why(codes),
    "message.classified": lambda codes: name_level(codes.get("level")) + _why(codes),
    "waiting.set": lambda codes: {"us": _("us"), "customer": _("the customer")}.get(
        codes.get("waiting_on"), _label(Complaint.Department, codes.get("waiting_on"))
    ),
    "complaint.split": lambda codes: (_("into %(number)s") if codes.get("role") == "source" else _("from %(number)s")) % codes,
    **{kind: lambda codes: _call_words(codes) for kind in TITLES if kind.startswith("callback.")},
    WAIVED: lambda codes: f"{_label(ClockRun.Kind, codes.get('kind'))} · {_label(ClockRun.Waiver, codes.get('reason'))}",
    COUNTED: lambda codes: _label(ClockRun.Kind, codes.get("kind")),
    **dict.fromkeys(SURVEY_EVENTS, say_survey),
    "reason.set": lambda codes: category_name(codes.get("reason") or ""),
    "category.set": lambda codes: _change(category_name(codes.get("from") or ""), category_name(codes.get("to") or "")),
}
