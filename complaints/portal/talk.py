"""A live conversation told to its customer: its lines, what happened between them, and where it stands."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from complaints.access import events_of, files_of, thread_of
from complaints.cards import words_beside, words_of
from complaints.chat.queue import Outlook
from complaints.chat.waiting import Range
from complaints.models import ChatSession, Complaint, FollowUp, Message
from complaints.portal.story import FILE_FIELDS, MESSAGE_FIELDS, VERB_WORDS
from ui.timefmt import absolute

MOST_LINES = 200
SHOWN_VERBS = {"resolve", "decline", "give_up", "reopen", "confirm", "withdraw", "resume"}
# What a customer reads of an event, by its kind and cause; {agent} is whoever it is about.
EVENT_WORDS: dict[tuple[str, str], str | Promise] = {
    ("chat.joined", ""): gettext_lazy("%(agent)s is here."),
    ("chat.joined", "resumed"): gettext_lazy("You are talking with %(agent)s again."),
    ("chat.left", "agent_lost"): gettext_lazy("The line to %(agent)s broke. You are at the front of the queue again."),
    ("chat.left", "transferred"): gettext_lazy("%(agent)s passes you on to a colleague, who reads everything above."),
    ("chat.left", "released"): gettext_lazy("%(agent)s had to leave. You are at the front of the queue again."),
    ("chat.ended", ""): gettext_lazy("The conversation has ended."),
    ("chat.ended", "silent"): gettext_lazy("We did not hear from you for ten minutes, so the conversation has ended."),
    ("chat.abandoned", ""): gettext_lazy("You left the queue. We answer here in writing."),
    ("chat.abandoned", "silent"): gettext_lazy("We did not hear from you for ten minutes. We answer here in writing."),
    **{
        (kind, cause): words
        for kind in ("chat.ended", "chat.abandoned")
        for cause, words in {
            "withdrawn": gettext_lazy("The complaint was withdrawn, so the conversation has ended."),
            "merged": gettext_lazy("This complaint was joined with another one. We go on there."),
            "spam": gettext_lazy("The conversation has ended."),
            "complaint_over": gettext_lazy("The conversation has ended."),
        }.items()
    },
    ("chat.converted", "message"): gettext_lazy("You need not wait. We answer here in writing."),
    ("chat.converted", "callback"): gettext_lazy("You need not wait. We call you."),
    ("callback.requested", ""): gettext_lazy("A call is booked."),
    ("callback.moved", ""): gettext_lazy("The call was moved."),
    ("callback.cancelled", ""): gettext_lazy("The call was cancelled."),
}
KINDS = sorted({kind for kind, _cause in EVENT_WORDS} | {"status.changed"})


@dataclass
class Line:
    """One line of a conversation. ``key`` names it on the page: m and the message's number, or e and the event's."""

    key: str
    side: str
    at: datetime
    author: str = ""
    body: str = ""
    is_plain: bool = True
    files: list[dict] = field(default_factory=list)
    card: dict | None = None

    @property
    def number(self) -> int:
        return int(self.key[1:])


def lines_of(complaint: Complaint, *, after: int = 0, since: int = 0, leaving_since: datetime | None = None) -> list[Line]:
    """What was said after a message and what happened after an event, oldest first.

    A reply that was taken back for ten seconds shows later than its number says; ``leaving_since`` brings those that left since then
    once more, and the page knows which ones it has.
    """
    said = thread_of(complaint, is_staff=False).filter(pk__gt=after)
    if leaving_since is not None:
        said |= thread_of(complaint, is_staff=False).filter(leaves_at__gt=leaving_since)
    messages = list(said.order_by("-created_at", "-id").values_list(*MESSAGE_FIELDS)[:MOST_LINES])
    files = _files_by_message(complaint, [message[0] for message in messages])
    told = events_of(complaint).filter(kind__in=KINDS, seq__gt=since).values_list("seq", "kind", "at", "codes")[:MOST_LINES]
    lines = [_say(files, *message) for message in messages] + _tell(list(told))
    return sorted(lines, key=lambda line: (line.at, line.side != "system"))


def _files_by_message(complaint: Complaint, message_ids: list[int]) -> dict[int, list[dict]]:
    found: dict[int, list[dict]] = {}
    if message_ids:
        for file in files_of(complaint, is_staff=False).filter(message__in=message_ids).values(*FILE_FIELDS):
            found.setdefault(file["message_id"], []).append(file)
    return found


def _say(files: dict, pk: int, author_kind: str, author: str | None, body: str, at: datetime, card: dict | None) -> Line:
    mine = files.get(pk, [])
    if author_kind == Message.Author.CUSTOMER:
        return Line(f"m{pk}", "customer", at, _("You"), words_beside(body, card), files=mine, card=card)
    return Line(f"m{pk}", "team", at, author or _("Automatic message"), body, is_plain=False, files=mine)


def _tell(events: list[tuple]) -> list[Line]:
    names = _names(codes.get("agent") for _seq, _kind, _at, codes in events)
    lines = []
    for seq, kind, at, codes in events:
        words = _event_words(kind, codes)
        if words:
            lines.append(Line(f"e{seq}", "system", at, body=words % {"agent": names.get(codes.get("agent"), _("our colleague"))}))
    return lines


def _event_words(kind: str, codes: dict[str, Any]) -> str:
    if kind == "status.changed":
        verb = codes.get("verb")
        return str(VERB_WORDS[verb]).replace("%", "%%") if verb in SHOWN_VERBS else ""
    if kind == "callback.cancelled" and codes.get("kind") == FollowUp.Callback.AFTER_RESOLUTION:
        return ""  # of this one they were never told
    # An end without a cause of its own is told in general words; a place kept for a silent customer is not told at all.
    plain = "" if kind in ("chat.left", "chat.converted") else EVENT_WORDS.get((kind, ""), "")
    return str(EVENT_WORDS.get((kind, codes.get("cause", "")), plain))


def _names(user_ids: Iterable[int | None]) -> dict[int, str]:
    wanted = set(user_ids) - {None}
    return dict(User.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def transcript_of(complaint: Complaint, lines: Iterable[Line]) -> str:
    """The conversation as plain text."""
    blocks = [f"{complaint.number} {complaint.subject}"]
    for line in lines:
        names = [f"[{file['name']}]" for file in line.files]
        item = words_of(line.card) if line.card else ""
        blocks.append("\n".join(filter(None, [f"{absolute(line.at)} {line.author or '·'}", line.body, item, *names])))
    return "\n\n".join(blocks) + "\n"


def place_words(outlook: Outlook) -> str:
    """The place in the queue."""
    if outlook.place <= 1:
        return _("You are next.")
    ahead = outlook.place - 1
    return ngettext("%(count)s person is before you.", "%(count)s people are before you.", ahead) % {"count": ahead}


def wait_words(outlook: Outlook) -> str:
    """How long it takes, or honestly that this cannot be said."""
    if not outlook.present:
        return _("Nobody is at the desk right now.")
    if outlook.is_free:
        return _("Somebody is free now.")
    return range_words(outlook.wait) or _("How long it takes cannot be estimated yet.")


def range_words(wait: Range | None) -> str:
    """A range in minutes; "" for none."""
    if wait is None:
        return ""
    low, high = wait.minutes
    if low == high:
        return ngettext("About %(high)s minute.", "About %(high)s minutes.", high) % {"high": high}
    return _("Probably %(low)s to %(high)s minutes.") % {"low": low, "high": high}


def is_resting(session: ChatSession) -> bool:
    """The customer was away for a while: their place is kept, and they go on as soon as the page is heard of."""
    return session.state == ChatSession.State.QUEUED and session.agent_id is not None
