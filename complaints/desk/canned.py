"""What ``/`` offers in the composer: canned replies and macros, filled with this complaint's values."""

from dataclasses import dataclass
from typing import Any

from django.http import JsonResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _

from complaints import access
from complaints.desk import directory
from complaints.desk.doors import desk_view
from complaints.desk.variables import values_for
from complaints.emotion.reading import CALM
from complaints.models import Complaint
from complaints.promised import promised_in, read_moment
from knowledge.reply_search import find_replies
from ui.localize import is_english, localized
from ui.placeholders import fill, missing

MOST = 12
LONGEST_QUERY = 60
COMFORTS = {
    "repeated": "empathy-repeat", "waiting": "empathy-delay", "disappointment": "empathy-disappointed", "anger": "empathy-attitude",
    "sarcasm": "empathy-attitude",
}  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """One choice of the picker: its text is filled, ``actions`` become chips that can be taken off again.

    ``sent_as`` names a macro, or code and version of a canned reply; it travels with the message.
    """

    id: str
    title: str
    text: str
    meta: str
    missing: list[str]
    actions: list[dict[str, Any]]
    sent_as: str


@desk_view(permission="complaints.reply_complaint")
def show_replies(request, number):
    complaint = access.complaint_for(request.user, number, "order", "category", "customer")
    query = request.GET.get("q", "")[:LONGEST_QUERY].replace("\x00", "")
    offers = offers_for(complaint, user=request.user, query=query)
    return JsonResponse({"replies": [vars(offer) for offer in offers]})


def offers_for(complaint: Complaint, *, user, query: str) -> list[Offer]:
    """Canned replies and macros that fit a query, best first, in the customer's language with real values."""
    values = values_for(complaint, agent=user)
    comforts = complaint.risk_level > CALM and not query
    language = "en" if is_english(complaint.language) else "zh"
    replies = find_replies(user, query, language=language, category=complaint.category.code, empathy_first=comforts, limit=MOST)
    if comforts:
        replies.sort(key=lambda reply: _suits(reply.code, complaint.risk_signals.split()))
    found = [_offer_reply(reply, complaint, values) for reply in replies]
    return ([_offer_macro(macro, complaint, values) for macro in _macros(user, query, complaint)] + found if query else found)[:MOST]


def _suits(code: str, signals: list[str]) -> int:
    """0 for words of comfort that are about what the customer hints at; the order of the rest stays."""
    return 0 if code in {COMFORTS.get(signal) for signal in signals} else 1


def _offer_reply(reply, complaint: Complaint, values: dict[str, str]) -> Offer:
    text = localized(reply, "body", complaint.language)
    return Offer(
        id=reply.code,
        title=localized(reply, "title"),
        text=fill(text, values),
        meta=str(reply.get_tier_display()) if reply.tier == reply.Tier.EMPATHY else letters_of(reply),
        missing=missing(text, values),
        actions=_reminder_of(fill(text, values)),
        sent_as=f"{reply.code}@{reply.version}",
    )


def _reminder_of(text: str) -> list[dict[str, Any]]:
    """A text that promises something brings a reminder along, which can be taken off."""
    due = promised_in(text, now())
    action = {"act": "remind", "value": due.isoformat(timespec="minutes")} if due else {}
    return [{"key": action_key(action), "label": say_action(action)}] if action else []


def letters_of(reply) -> str:
    """What an agent types to find a reply, in the agent's own language."""
    chinese, _space, english = reply.initials.partition(" ")
    return (english if is_english() and english else chinese)[:8]


def _macros(user, query: str, complaint: Complaint) -> list:
    asked = query.strip().lower()
    fits = [
        macro
        for macro in directory.macros.all().values()
        if (macro.team_id is None or macro.team_id in user.team_ids) and macro.category_code in ("", complaint.category.code)
    ]
    return [macro for macro in fits if asked in macro.initials or asked in macro.name_zh.lower() or asked in macro.name_en.lower()][:4]


def _offer_macro(macro, complaint: Complaint, values: dict[str, str]) -> Offer:
    text = localized(macro, "body", complaint.language)
    actions = [{"key": action_key(action), "label": say_action(action)} for action in macro.actions]
    return Offer(
        f"macro:{macro.code}",
        localized(macro, "name"),
        fill(text, values),
        _("Macro"),
        missing(text, values),
        actions,
        f"macro:{macro.code}",
    )


def action_key(action: dict[str, Any]) -> str:
    """An act of a macro as the value of a hidden input."""
    return f"{action.get('act')}:{action.get('value')}"


def read_action(key: str) -> dict[str, Any]:
    """The act that a hidden input stands for."""
    act, _colon, value = key[:80].partition(":")
    if act == "set_priority" and value not in map(str, Complaint.Priority.values):
        act = ""  # no macro has it; the service refuses unknown acts
    return {"act": act, "value": value}


def say_action(action: dict[str, Any]) -> str:
    """An act of a macro in words."""
    value = action.get("value")
    if action.get("act") == "set_priority" and str(value).isdigit() and int(value) in Complaint.Priority.values:
        return _("Priority: %(value)s") % {"value": Complaint.Priority(int(value)).label}
    if action.get("act") == "add_tag":
        return _("Tag: %(value)s") % {"value": value}
    if action.get("act") == "set_team":
        team = next((team for team in directory.teams.all().values() if team.code == value), None)
        return _("To team: %(value)s") % {"value": localized(team, "name") if team else value}
    if action.get("act") == "remind" and (due := read_moment(str(value))):
        return _("Remind me: %(moment)s") % {"moment": date_format(localtime(due), "m-d H:i")}
    return str(value)
