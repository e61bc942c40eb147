"""What happened on a complaint in one line of time: messages, notes, files, and the recorded events folded between them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from django.db.models import QuerySet
from django.template.defaultfilters import linebreaks_filter
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext as _

from complaints import access
from complaints.cards import words_beside
from complaints.desk import directory
from complaints.desk.events import IN_THREAD, say_event
from complaints.desk.hints import Hint, draw_marked, hints_of
from complaints.models import Attachment, Complaint, Event, Message
from foundation.events import find_break
from foundation.prepared import Prepared, Value
from ui.markdown import render_markdown
from ui.masking import mask_text

MOST_MESSAGES = 60
MOST_EVENTS = 150
LAST = 2**63 - 1
# Text without any of these means the same as Markdown and as plain paragraphs, and the latter cost a hundredth.
MARKS = re.compile(r"[*_`#>\[\]|~\\<&]|^\s*(?:[-+]|\d+[.)])\s|^\s*[-=]{2,}\s*$|^ {4}", re.M)


@dataclass
class Said:
    """A message as the thread shows it."""

    id: int
    kind: str
    author: str
    at: datetime
    body: SafeString
    is_masked: bool
    is_own: bool
    leaves_at: datetime | None
    is_retracted: bool
    joined_from: str
    canned: list[str]
    files: list = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    card: dict | None = None
    template: str = "message"


@dataclass
class Told:
    """Recorded events between two messages, folded into one line."""

    events: list
    template: str = "events"


@dataclass
class Thread:
    """The items to show, whether there are earlier ones, and whether the chain of events holds."""

    items: list
    earlier: int | None
    newest_id: int
    chain: str
    files: list


def build_thread(complaint: Complaint, *, user, before: int | None = None) -> Thread:
    """Read a complaint's thread: three queries, whatever its length, and one more for joined complaints."""
    newest = _messages.all(complaint=complaint.pk, before=before or LAST)
    shown = newest[:MOST_MESSAGES][::-1]
    files = _files.all(complaint=complaint.pk) if user.has_perm("complaints.view_evidence") else []
    events = _events.all(complaint=complaint.pk)[::-1]
    children = _numbers_of({message.complaint_id for message in shown} - {complaint.pk}, user)
    said = [_say(message, children.get(message.complaint_id, ""), user) for message in shown]
    _hang_files(said, files)
    start = said[0].at if len(newest) > MOST_MESSAGES and said else None
    told = [event for event in events if event.kind not in IN_THREAD and (start is None or event.at >= start)]
    return Thread(
        items=_in_time(said, told if before is None else []),
        earlier=shown[0].pk if len(newest) > MOST_MESSAGES else None,
        newest_id=shown[-1].pk if shown else 0,
        chain=_check_chain(complaint, events),
        files=files,
    )


@Prepared
def _messages() -> QuerySet[Message]:
    return access.thread_of(Value("complaint"), is_staff=True).filter(pk__lt=Value("before")).reverse()[: MOST_MESSAGES + 1]


@Prepared
def _files() -> QuerySet[Attachment]:
    return access.files_of(Value("complaint"), is_staff=True)


@Prepared
def _events() -> QuerySet[Event]:
    return access.events_of(Value("complaint")).reverse()[:MOST_EVENTS]


def _check_chain(complaint: Complaint, events: list) -> str:
    """The badge: "holds", "broken", or "long" where the check is a page of its own."""
    if complaint.head_seq > MOST_EVENTS:
        return "long"
    return "broken" if find_break(events, head_seq=complaint.head_seq, head_hash=complaint.head_hash) else "holds"


def _numbers_of(ids: set[int], user) -> dict[int, str]:
    """Numbers of complaints that were joined into this one; a query only where there are any."""
    return dict(access.visible_to(user).filter(pk__in=ids).values_list("pk", "number")) if ids else {}


def _say(message: Message, joined_from: str, user) -> Said:
    is_note = message.kind == Message.Kind.NOTE
    is_customer = message.author_kind == Message.Author.CUSTOMER
    body = words_beside(message.body, message.card)
    shown = mask_text(body)
    hints = hints_of(message, shown) if is_customer and message.risk_marks else []
    return Said(
        id=message.pk,
        kind="note" if is_note else "customer" if is_customer else "auto" if message.author_kind == Message.Author.AUTO else "team",
        author=_author(message),
        at=message.created_at,
        body=draw_marked(message, shown) if hints else draw_text(shown, is_plain=is_customer),
        is_masked=shown != body,
        is_own=message.author_id == user.pk,
        leaves_at=message.leaves_at if message.leaves_at and message.leaves_at > now() and not message.retracted_at else None,
        is_retracted=message.retracted_at is not None,
        joined_from=joined_from,
        canned=message.canned_codes,
        hints=hints,
        card=message.card,
    )


def _author(message: Message) -> str:
    if message.author_kind == Message.Author.CUSTOMER:
        return _("Customer")
    colleague = directory.colleagues.get(message.author_id) if message.author_id else None
    return str(colleague) if colleague else _("Automatic")


@lru_cache(maxsize=4096)
def draw_text(text: str, *, is_plain: bool) -> SafeString:
    """A message as HTML: customers write plain text, staff a little Markdown."""
    if is_plain or not MARKS.search(text):
        return linebreaks_filter(text)
    return render_markdown(text)


def _hang_files(said: list[Said], files: Iterable[Attachment]) -> None:
    """Files hang on their message; those without one on the first message, which is the filing itself."""
    by_id = {each.id: each for each in said}
    for file in files:
        place = by_id.get(file.message_id) if file.message_id else said[0] if said else None
        if place:
            place.files.append(file)


def _in_time(said: list[Said], told: list) -> list:
    items: list = []
    marked = sorted(
        [(each.at, 0, each.id, each) for each in said] + [(event.at, 1, event.seq, event) for event in told], key=lambda part: part[:3]
    )
    for _at, is_event, _order, part in marked:
        if not is_event:
            items.append(part)
        elif items and isinstance(items[-1], Told):
            items[-1].events.append(say_event(part))
        else:
            items.append(Told([say_event(part)]))
    return items
