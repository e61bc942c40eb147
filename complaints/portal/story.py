"""A complaint told to its customer: one sentence, the steps behind and ahead, and who wrote what when."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints import timing
from complaints.cards import words_beside
from complaints.lifecycle import LIVE, Status
from complaints.models import Complaint, Message
from ui.timefmt import in_words, relative

STEPS = 5
DONE = {
    Status.NEW: 1,
    Status.OPEN: 2,
    Status.WAITING_CUSTOMER: 2,
    Status.WAITING_INTERNAL: 2,
    Status.SNOOZED: 2,
    Status.RESOLVED: 4,
    Status.CLOSED: 5,
}
OURS = LIVE - {Status.WAITING_CUSTOMER}

VERB_WORDS = {
    "begin": gettext_lazy("Work has begun"),
    "ask_customer": gettext_lazy("We asked you for something"),
    "answer": gettext_lazy("Your answer arrived"),
    "no_answer": gettext_lazy("No answer came, so we go on with what we have"),
    "hand_over": gettext_lazy("Passed to another department"),
    "hand_back": gettext_lazy("The department has answered"),
    "resolve": gettext_lazy("A result was given"),
    "decline": gettext_lazy("Not upheld, with reasons"),
    "give_up": gettext_lazy("We could not reach you"),
    "confirm": gettext_lazy("Closed"),
    "reopen": gettext_lazy("Reopened"),
    "withdraw": gettext_lazy("Withdrawn"),
    "resume": gettext_lazy("Resumed"),
    "merge": gettext_lazy("Joined with another complaint"),
    "unmerge": gettext_lazy("Separate again"),
    "mark_spam": gettext_lazy("Not accepted"),
    "restore": gettext_lazy("Accepted"),
}
KIND_WORDS = {
    "complaint.filed": gettext_lazy("Complaint received"),
    "assigned": gettext_lazy("A person was assigned"),
    "escalated": gettext_lazy("A supervisor was called in"),
    "appeal.filed": gettext_lazy("Appeal received"),
    "order.bound": gettext_lazy("Your order was found"),
    "message.retracted": gettext_lazy("A message was taken back"),
}


@dataclass
class Entry:
    """One line of the conversation; ``side`` is customer, team or system."""

    side: str
    at: datetime
    author: str = ""
    body: str = ""
    is_plain: bool = True
    files: list[dict] = field(default_factory=list)
    card: dict | None = None


class Happening(NamedTuple):
    """An event as far as the customer's page needs it."""

    kind: str
    at: datetime
    verb: str | None


@dataclass(frozen=True)
class Step:
    """One of the promised steps; ``state`` is done, now or next."""

    title: str
    state: str
    stage: str
    at: datetime | None = None
    text: str = ""


def is_late(complaint: Complaint) -> bool:
    return complaint.status in OURS and complaint.promise_at < timezone.now()


def new_time(complaint: Complaint) -> datetime | None:
    """The later moment that was named after a broken promise; None when that has passed as well."""
    later = complaint.new_promise_at
    return later if later and later > timezone.now() else None


def sentence(complaint: Complaint) -> str:
    """Where the complaint stands, in the customer's words."""
    if is_late(complaint):
        later = new_time(complaint)
        if later is None:
            return _("We are late, and we are sorry. You can call in a supervisor below.")
        return _("We are late, and we are sorry. New time: %(moment)s") % {"moment": relative(later)}
    words = SENTENCES[Status(complaint.status)](complaint)
    return words % {
        "agent": complaint.assignee.name if complaint.assignee else _("our team"),
        "moment": relative(complaint.promise_at),
        "number": complaint.merged_into.number if complaint.merged_into else "",
        "department": complaint.get_waiting_on_display(),
        "expected": complaint.waiting_until.isoformat() if complaint.waiting_until else relative(complaint.promise_at),
        "deadline": relative(deadline) if (deadline := own_deadline(complaint)) else "",
    }


SENTENCES = {
    Status.NEW: lambda complaint: (
        _("Received. A person answers by %(moment)s")
        if complaint.assignee_id is None
        else _("%(agent)s has your complaint and answers by %(moment)s")
    ),
    Status.OPEN: lambda complaint: _("%(agent)s is on it and answers by %(moment)s"),
    Status.WAITING_CUSTOMER: lambda complaint: _("We need something from you. See the last message"),
    Status.WAITING_INTERNAL: lambda complaint: _("With the %(department)s, %(agent)s follows up. Expected %(expected)s"),
    Status.SNOOZED: lambda complaint: _("%(agent)s follows up by %(moment)s"),
    Status.RESOLVED: lambda complaint: (
        _("Not upheld. You can appeal or reopen until %(deadline)s")
        if complaint.outcome == Complaint.Outcome.DECLINED
        else _("We gave you a result. Not solved? Reopen with one tap until %(deadline)s")
    ),
    Status.CLOSED: lambda complaint: _("Closed. Thank you for your patience"),
    Status.WITHDRAWN: lambda complaint: _("You withdrew it. You can resume until %(deadline)s"),
    Status.MERGED: lambda complaint: _("Joined with %(number)s. Progress stands there"),
    Status.SPAM: lambda complaint: _("Not accepted. If this is wrong, talk to a person"),
}


def own_deadline(complaint: Complaint) -> datetime | None:
    """Until when the customer can still act in an ended state."""
    if complaint.status == Status.RESOLVED and complaint.resolved_at:
        return complaint.resolved_at + timing.REOPEN_WINDOW
    if complaint.status == Status.WITHDRAWN and complaint.closed_at:
        return complaint.closed_at + timing.RESUME_WINDOW
    return None


def turn(complaint: Complaint) -> str:
    """Whose turn it is now."""
    if complaint.status in (Status.WAITING_CUSTOMER, Status.RESOLVED):
        return _("You")
    if complaint.status == Status.WAITING_INTERNAL:
        return complaint.get_waiting_on_display().capitalize()
    if complaint.status in OURS:
        return complaint.assignee.name if complaint.assignee else _("Our team is choosing a person")
    return ""


def dial_of(complaint: Complaint) -> dict | None:
    """Label, value and steps of the dial; None where a ring says it better (withdrawn, joined, not accepted)."""
    done = DONE.get(complaint.status)
    if done is None:
        return None
    label, value = _countdown(complaint)
    return {"steps": STEPS, "done": done, "label": label, "value": value}


def _countdown(complaint: Complaint) -> tuple[str, str]:
    now = timezone.now()
    if complaint.status in OURS:
        late = complaint.promise_at < now
        return (_("late by") if late else _("answer within")), in_words(complaint.promise_at - now)
    if complaint.status == Status.WAITING_CUSTOMER:
        return _("your turn"), in_words(complaint.timer_at - now) if complaint.timer_at else ""
    return (_("result"), _("given")) if complaint.status == Status.RESOLVED else ("", _("closed"))


def steps_of(complaint: Complaint, events: Iterable[Happening]) -> list[Step]:
    """The five steps, with their times as far as they have happened in this cycle."""
    done = DONE.get(complaint.status)
    if done is None:
        return []
    begun = next((event.at for event in events if event.kind == "assigned" or event.verb == "begin"), None)
    rows = [
        (_("Received"), complaint.filed_at, ""),
        (_("A person has it"), begun if done > 1 else None, complaint.assignee.name if complaint.assignee else ""),
        (_working_title(complaint), complaint.first_reply_at if done > 2 else None, ""),
        (_("Result"), complaint.resolved_at if done > 3 else None, ""),
        (_("Closed"), complaint.closed_at if done > 4 else None, ""),
    ]
    return [
        Step(title, _state(number, done), _stage(number, done, complaint), at if number < done else None, text)
        for number, (title, at, text) in enumerate(rows)
    ]


def _working_title(complaint: Complaint) -> str:
    if complaint.status == Status.WAITING_CUSTOMER:
        return _("Waiting for your answer")
    if complaint.status == Status.WAITING_INTERNAL:
        return _("With the %(department)s") % {"department": complaint.get_waiting_on_display()}
    return _("Being worked on")


def _state(number: int, done: int) -> str:
    return "done" if number < done else "now" if number == done else "next"


def _stage(number: int, done: int, complaint: Complaint) -> str:
    """The ring of a step; a step still to come has none."""
    return "closed" if number < done else complaint.stage if number == done else ""


def filed(complaint: Complaint) -> Happening:
    """The first event, which is the same for all."""
    return Happening("complaint.filed", complaint.filed_at, None)


def first_words(complaint: Complaint) -> tuple:
    """The first message, which says what the complaint itself says; as long as nothing else has happened it is the only one."""
    return 0, Message.Author.CUSTOMER, None, complaint.description, complaint.filed_at, None


def read_events(complaint: Complaint) -> list[Happening]:
    """What happened so far that the customer may read, oldest first."""
    events = complaint.events.filter(kind__in=["status.changed", *KIND_WORDS]).order_by("seq")
    return [Happening(kind, at, codes.get("verb")) for kind, at, codes in events.values_list("kind", "at", "codes")[:MOST_EVENTS]]


MOST_EVENTS = 200
FILE_FIELDS = ("key", "name", "thumb_path", "message_id", "created_at")
MESSAGE_FIELDS = ("id", "author_kind", "author__name", "body", "created_at", "card")


def conversation(messages: Iterable[tuple], files: list[dict], events: Iterable[Happening]) -> list[Entry]:
    """Messages with their files, and what happened between them, oldest first."""
    of_message: dict[int | None, list[dict]] = {}
    for file in files:
        of_message.setdefault(file["message_id"], []).append(file)
    entries = [_said(of_message, *message) for message in messages]
    entries += [Entry("customer", loose[0]["created_at"], _("You"), files=loose) for loose in [of_message.get(None, [])] if loose]
    entries += [Entry("system", event.at, body=words) for event in events if (words := _event_words(event))]
    return sorted(
        (entry for entry in entries if entry.body or entry.files or entry.card), key=lambda entry: (entry.at, entry.side != "system")
    )


def _said(of_message: dict, pk: int, author_kind: str, author: str | None, body: str, at: datetime, card: dict | None) -> Entry:
    files = of_message.get(pk, [])
    if author_kind == Message.Author.CUSTOMER:
        return Entry("customer", at, _("You"), words_beside(body, card), files=files, card=card)
    return Entry("team", at, author or _("Automatic message"), body, is_plain=False, files=files)


def _event_words(event: Happening) -> str:
    if event.kind == "status.changed":
        return str(VERB_WORDS.get(event.verb, ""))
    return str(KIND_WORDS.get(event.kind, ""))
