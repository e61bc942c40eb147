"""One live conversation from the customer's first message to its end: one function per verb.

The complaint is locked first, then the session. A conversation is about its complaint all the time: its lines are messages there, whoever
talks is the assignee, and what happens to it are events of the complaint's chain.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.assignment.load import CHAT, shift_load
from complaints.chat.access import latest_chat, live_chat
from complaints.chat.demand import ask_for_agent, ask_for_another, missed_by, stop_asking
from complaints.clauses import against_touching
from complaints.lifecycle import Status
from complaints.models import ChatSession, Complaint
from complaints.services.act import Act, lock_act
from complaints.services.conversations import tell_desk
from complaints.services.filing import Filing, file_complaint
from complaints.services.incoming import is_too_late, post_customer_message
from complaints.services.writing import add_contact
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import lock, require

OFFER = timedelta(seconds=20)
SLOT_KEPT = timedelta(minutes=2)
GRACE = timedelta(minutes=10)
LOOK_AGAIN = timedelta(seconds=30)
State = ChatSession.State
WITH_AGENT = frozenset({State.OFFERED, State.ACTIVE})


@transaction.atomic
def file_chat(filing: Filing) -> ChatSession:
    """File a complaint by its first line to a person and queue the customer for one. The same token twice is one conversation."""
    complaint = file_complaint(filing)
    act = lock_act(complaint, "start_chat", by=None, as_customer=True)
    existing = latest_chat(act.complaint)
    if existing is not None:
        return existing
    session = _queue_up(act)
    act.finish(raises_version=False)
    return session


@transaction.atomic
def start_chat(
    complaint: Complaint, *, body: str, attachments: Collection[int] = (), order_line: int | None = None, request_id: str | None = None
) -> tuple[Complaint, ChatSession | None]:
    """Go on with a complaint in a live conversation, opened by its first line. One that is open already takes the line.

    Returns what the conversation is about: a complaint past reopening is followed by a new one. No conversation comes of mere thanks
    for a result. ``RefusedError`` on a complaint that was withdrawn or joined into another.
    """
    act = lock_act(complaint, "start_chat", by=None, as_customer=True, request_id=request_id)
    is_open = act.is_replay or live_chat(act.complaint) is not None
    require([] if is_open else _against_starting(act.complaint))
    if not (is_open or is_too_late(act)):
        add_contact(act, channel=Complaint.Channel.CHAT, origin=Complaint.Origin.CUSTOMER)
        act.finish(raises_version=False)
    line = {"body": body, "attachments": attachments, "order_line": order_line, "request_id": request_id}
    about = post_customer_message(complaint, channel=Complaint.Channel.CHAT, **line).complaint
    if is_open or not about.is_live:
        return about, live_chat(about)
    return about, _begin_on(about)


def offer(act: Act, session: ChatSession, to: User, at: Any = None) -> ChatSession:
    """Offer a conversation to who has just been made the assignee, within the act of assignment; they have 20 s to accept.

    The room for it (``load.CHAT``) was taken by whoever calls this, together with the room for the complaint.
    """
    session = lock(session)
    session.state, session.agent = State.OFFERED, to
    session.offered_at = at or act.at
    session.timer_at = session.offered_at + OFFER
    session.save(update_fields=["state", "agent", "offered_at", "timer_at"])
    act.note("chat.offered", codes={"session": session.pk, "agent": to.pk})
    tell_desk(to.pk)
    return session


@transaction.atomic
def accept_chat(session: ChatSession, *, by: User, request_id: str | None = None) -> ChatSession:
    """Take the offered conversation. ``RefusedError`` when the offer has gone on to somebody else."""
    act, session = take_up(session, "chat_accept", by=by, request_id=request_id)
    if act.is_replay or (session.state == State.ACTIVE and session.agent_id == by.pk):
        return session
    require(_against_taking(session, by, {State.OFFERED}))
    session.freed_gap_ms = _gap_before(session, act)
    session.state, session.accepted_at = State.ACTIVE, act.at
    session.timer_at = act.at + SLOT_KEPT
    session.save(update_fields=["state", "accepted_at", "timer_at", "freed_gap_ms"])
    waited = int((act.at - session.queued_at).total_seconds())
    act.note("chat.joined", codes={"session": session.pk, "agent": by.pk, "waited_s": waited})
    act.finish(raises_version=False)
    tell_desk(by.pk)
    return session


@transaction.atomic
def decline_offer(session: ChatSession, *, by: User | None = None, request_id: str | None = None) -> ChatSession:
    """Let an offer go to the next agent; ``by`` None when its 20 s are over. Whoever lets it pass is not asked again for it."""
    act, session = take_up(session, "chat_decline", by=by, request_id=request_id)
    if act.is_replay or session.state != State.OFFERED:
        return session
    require(_against_taking(session, by, {State.OFFERED}) if by else [])
    return hand_on(act, session, cause="declined" if by else "unanswered", excluding={session.agent_id})


@transaction.atomic
def end_chat(
    session: ChatSession, *, by: User | None = None, as_customer: bool = False, cause: str = "", request_id: str | None = None
) -> ChatSession:
    """End a conversation; the complaint goes on in its own state, and what the customer writes later is a message as any other."""
    act, session = take_up(session, "chat_end", by=by, as_customer=as_customer, request_id=request_id)
    if act.is_replay or not session.is_live:
        return session
    require(_against_taking(session, by, {State.ACTIVE}) if by else [])
    cause = cause or ("customer" if as_customer else "agent" if by else "silent")
    return conclude(act, session, State.ENDED, "chat.ended", cause=cause)


@transaction.atomic
def leave_queue(session: ChatSession, *, cause: str = "customer", request_id: str | None = None) -> ChatSession:
    """Stop waiting. What was written stays a complaint that gets its answer."""
    act, session = take_up(session, "chat_leave", by=None, as_customer=True, request_id=request_id)
    if act.is_replay or session.state not in (State.QUEUED, State.OFFERED):
        return session
    return conclude(act, session, State.ABANDONED, "chat.abandoned", cause=cause)


@transaction.atomic
def turn_into_message(session: ChatSession, *, request_id: str | None = None) -> ChatSession:
    """The customer need not wait: what was written is answered like a letter."""
    act, session = take_up(session, "chat_message", by=None, as_customer=True, request_id=request_id)
    if act.is_replay or not session.is_live:
        return session
    return conclude(act, session, State.LEFT_MESSAGE, "chat.converted", cause="message")


@transaction.atomic
def rate_chat(session: ChatSession, *, rating: int, request_id: str | None = None) -> ChatSession:
    """Keep how good the conversation was, 1 to 5; it can be changed as long as the page shows it."""
    act, session = take_up(session, "chat_rate", by=None, as_customer=True, request_id=request_id)
    if act.is_replay:
        return session
    require(_against_rating(session, rating))
    session.rating = rating
    session.save(update_fields=["rating"])
    act.note("chat.rated", codes={"session": session.pk, "score": rating, "agent": session.agent_id})
    act.finish(raises_version=False)
    return session


def take_up(
    session: ChatSession, verb: str, *, by: User | None, as_customer: bool = False, request_id: str | None = None
) -> tuple[Act, ChatSession]:
    """Lock a conversation for a verb, its complaint first."""
    act = lock_act(session.complaint, verb, by=by, as_customer=as_customer, request_id=request_id)
    return act, lock(session, "agent")


def hand_on(act: Act, session: ChatSession, *, cause: str, excluding: Collection[int] = ()) -> ChatSession:
    """Take a conversation from its agent and put it back at the front, within an act that this ends.

    One whose complaint is over waits for nobody any more.
    """
    if not act.complaint.is_live:
        state, kind = (State.ENDED, "chat.ended") if session.accepted_at else (State.ABANDONED, "chat.abandoned")
        return conclude(act, session, state, kind, cause="complaint_over")
    agent_id = session.agent_id
    missed = {*missed_by(session), *excluding}
    kind = "chat.left" if session.state == State.ACTIVE else "chat.offered"
    act.note(kind, codes={"session": session.pk, "agent": agent_id, "cause": cause})
    if session.state == State.ACTIVE:  # who was not answered yet waits on, and not anew
        session.queued_at = act.at
    session.state, session.agent, session.timer_at = State.QUEUED, None, act.at + LOOK_AGAIN
    session.save(update_fields=["state", "agent", "queued_at", "timer_at"])
    act.note("chat.queued", codes={"session": session.pk, "cause": cause})
    ask_for_another(act, session, cause=cause, excluding=missed)
    act.finish()
    shift_load(agent_id, -CHAT)
    tell_desk(agent_id)
    return session


def conclude(act: Act, session: ChatSession, state: str, kind: str, *, cause: str, **codes: Any) -> ChatSession:
    """End a conversation in a state, within an act that this ends."""
    holder = session.agent_id if session.state in WITH_AGENT else None
    session.state, session.ended_at, session.timer_at = state, act.at, None
    session.save(update_fields=["state", "ended_at", "timer_at"])
    act.note(kind, codes={"session": session.pk, "agent": session.agent_id, "cause": cause, **codes})
    stop_asking(act)
    act.finish(raises_version=False)
    shift_load(holder, -CHAT)
    tell_desk(holder)
    return session


def _begin_on(complaint: Complaint) -> ChatSession:
    act = lock_act(complaint, "start_chat", by=None, as_customer=True)
    session = _queue_up(act)
    act.finish(raises_version=False)
    return session


def _queue_up(act: Act) -> ChatSession:
    contact = act.complaint.contacts.filter(channel=Complaint.Channel.CHAT).order_by("-id").first()
    fields = {"queued_at": act.at, "customer_seen_at": act.at, "timer_at": act.at + LOOK_AGAIN}
    before = latest_chat(act.complaint)
    if before is not None:  # what was read stays read
        fields |= {name: getattr(before, name) for name in ("customer_got", "customer_read", "agent_read")}
    session = ChatSession.objects.create(complaint=act.complaint, contact=contact, **fields)
    act.note("chat.queued", codes={"session": session.pk, "contact": contact.pk, "team": act.complaint.team_id})
    ask_for_agent(act, session)
    tell_desk()
    return session


def _gap_before(session: ChatSession, act: Act) -> int | None:
    """Milliseconds since the last place in this team was taken, if somebody waited all that time."""
    taken = ChatSession.objects.filter(complaint__team=act.complaint.team_id, accepted_at__isnull=False).exclude(pk=session.pk)
    before = taken.order_by("-accepted_at").values_list("accepted_at", flat=True).first()
    if before is None or session.queued_at > before:
        return None
    return max(0, int((act.at - before).total_seconds() * 1000))


def _against_starting(complaint: Complaint) -> list[Reason]:
    if complaint.status == Status.WITHDRAWN:
        return [Reason("withdrawn", _("You have withdrawn this complaint."), _("Resume it first, then talk to us."))]
    if complaint.status == Status.MERGED:
        return [Reason("merged", _("This complaint was joined with another one."), _("Talk to us there."))]
    return list(against_touching(complaint))


def _against_taking(session: ChatSession, by: User, states: Collection[str]) -> list[Reason]:
    if not by.has_perm("complaints.reply_complaint"):
        return [Forbidden("no_permission", _("Your role does not include this."))]
    if session.agent_id != by.pk or session.state not in states:
        return [Reason("chat_gone", _("This conversation is not with you any more."))]
    return []


def _against_rating(session: ChatSession, rating: int) -> list[Reason]:
    if session.accepted_at is None or not 1 <= rating <= 5:
        return [Reason("not_rated", _("There is nothing to rate here."))]
    return []
