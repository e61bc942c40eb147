"""Conversations on the desk: what is offered to an agent, with whom they talk, and who waits. A page, and the dock of every page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from complaints.chat.access import own_chat, own_chats, waiting_chats
from complaints.chat.reading import note_agent_reading
from complaints.chat.sessions import accept_chat, decline_offer, end_chat
from complaints.chat.timers import SLOT_KEPT
from complaints.chat.typing import is_typing, note_typing
from complaints.desk.doors import SeeOther, desk_view, new_request_id, number_in
from complaints.desk.effort import beacon_address
from complaints.models import ChatSession
from ui.masking import mask_name, mask_text

REPLY = "complaints.reply_complaint"
MOST_WAITING = 50
# From here on a clock calls: a minute of the three that an answer in a conversation may take has passed.
CALLS_AT = timedelta(minutes=2)
LONGEST_CLOCK = timedelta(hours=1)
State = ChatSession.State


@dataclass(frozen=True)
class Talk:
    """One conversation as a row or a card."""

    id: int
    number: str
    subject: str
    name: str
    state: str
    since: datetime
    until: datetime | None
    left: int | None
    is_unread: bool
    is_away: bool
    is_typing: bool
    customer_got: int
    customer_read: int

    @property
    def is_offer(self) -> bool:
        return self.state == State.OFFERED

    @property
    def calls(self) -> bool:
        """Whether the customer has waited for more than a minute."""
        return self.left is not None and self.left <= CALLS_AT.total_seconds()

    @property
    def left_words(self) -> str:
        """Minutes and seconds, below nought once it is late; scripts count on from there."""
        late, left = ("−" if (self.left or 0) < 0 else ""), min(abs(self.left or 0), 3599)
        return f"{late}{left // 60:02}:{left % 60:02}"

    @property
    def url(self) -> str:
        return f"{reverse('admin:desk-complaint', args=[self.number])}?view=mine"


@desk_view(permission=REPLY)
def show_chats(request):
    """Everything at once; it works as a plain page that is loaded again."""
    waiting = waiting_chats(request.user)
    context = dock_context(request) | {
        "waiting": [_draw(session, is_own=False) for session in waiting[:MOST_WAITING]],
        "count": waiting.count(),
        "effort_url": beacon_address(),
    }
    return render(request, "complaints/desk/chats.html", context)


@desk_view(permission=REPLY)
def show_dock(request):
    """What stands in the corner of every page of the desk: offers, and conversations with their news."""
    return render(request, "complaints/desk/_chat_dock.html", dock_context(request))


@desk_view("POST", permission=REPLY)
def do_chat(request, session_id, verb):
    """Accept, decline or end a conversation; or say that one types in it, or has read it."""
    if verb not in ACTS:
        raise Http404
    return ACTS[verb](request, own_chat(request.user, session_id))


def dock_context(request: HttpRequest) -> dict:
    talks = [_draw(session) for session in own_chats(request.user)]
    return {
        "calls_at": int(CALLS_AT.total_seconds()),
        "offers": [talk for talk in talks if talk.is_offer],
        "talks": [talk for talk in talks if not talk.is_offer],
        "request_id": new_request_id(),
    }


def _draw(session: ChatSession, *, is_own: bool = True) -> Talk:
    complaint = session.complaint
    at = timezone.now()
    is_active = session.state == State.ACTIVE
    due_at = session.answer_due_at if is_own and is_active else None
    return Talk(
        id=session.pk,
        number=complaint.number,
        subject=mask_text(complaint.subject),
        name=mask_name(complaint.contact_name) or complaint.number,
        state=session.state,
        since=session.accepted_at if is_active else session.queued_at,
        until=session.timer_at if session.state == State.OFFERED else None,
        left=int((due_at - at).total_seconds()) if due_at and due_at - at < LONGEST_CLOCK else None,
        is_unread=is_active and complaint.needs_reply,
        is_away=at - session.customer_seen_at > SLOT_KEPT / 2,
        is_typing=is_own and is_active and is_typing(complaint.pk, "customer"),
        customer_got=session.customer_got,
        customer_read=session.customer_read,
    )


def _accept(request: HttpRequest, session: ChatSession) -> HttpResponse:
    accept_chat(session, by=request.user, request_id=request.POST.get("request_id"))
    return SeeOther(f"{reverse('admin:desk-complaint', args=[session.complaint.number])}?view=mine#composer")


def _decline(request: HttpRequest, session: ChatSession) -> HttpResponse:
    decline_offer(session, by=request.user, request_id=request.POST.get("request_id"))
    return SeeOther(reverse("admin:desk-chats"))


def _end(request: HttpRequest, session: ChatSession) -> HttpResponse:
    """What is left to do about the complaint is done there."""
    end_chat(session, by=request.user, request_id=request.POST.get("request_id"))
    return SeeOther(f"{reverse('admin:desk-complaint', args=[session.complaint.number])}?view=mine")


def _type(request: HttpRequest, session: ChatSession) -> HttpResponse:
    if session.state == State.ACTIVE and session.agent_id == request.user.pk:
        note_typing(session, "team")
    return HttpResponse(status=204)


def _read(request: HttpRequest, session: ChatSession) -> HttpResponse:
    note_agent_reading(session, by=request.user, read=number_in(request.POST.get("read")) or 0)
    return HttpResponse(status=204)


ACTS = {"accept": _accept, "decline": _decline, "end": _end, "typing": _type, "read": _read}
