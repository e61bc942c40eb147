"""What ends by itself in a conversation: an offer that nobody takes, a line that stays dead, an agent who is gone.

The sweep asks two questions, both answered by partial indexes that hold live conversations only. Each answer is a transaction of its own
that looks again under the lock, so it may be doubled, skipped and killed half-way.
"""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from accounts.models import Presence
from complaints.assignment.load import CHAT, shift_load, take_room
from complaints.chat.demand import ask_for_agent
from complaints.chat.sessions import (
    GRACE,
    LOOK_AGAIN,
    OFFER,
    SLOT_KEPT,
    WITH_AGENT,
    State,
    decline_offer,
    end_chat,
    hand_on,
    leave_queue,
    take_up,
)
from complaints.lifecycle import LIVE
from complaints.models import AssignmentRequest, ChatSession, Complaint
from complaints.services.conversations import tell_desk
from foundation.sweeps import each_apart

AGENT_LOST = timedelta(minutes=2)
ROUND = 50


def run_chat_timers(*, limit: int = ROUND) -> int:
    """Carry out what is due; returns how many conversations were moved."""
    due = ChatSession.objects.filter(timer_at__lte=Now()).order_by("timer_at", "id").values_list("pk", flat=True)
    moved = each_apart(list(due[:limit]), _fire, put_off=_put_off)
    return moved + each_apart(list(_forsaken().values_list("pk", flat=True)[:limit]), _rescue, put_off=_put_off)


def _forsaken() -> QuerySet[ChatSession]:
    """Conversations whose agent is gone, or has not the complaint any more."""
    ready = Presence.objects.exclude(state=Presence.State.OFFLINE).filter(heartbeat_at__gt=Now() - AGENT_LOST)
    lost = ~Q(agent__in=ready.values("user_id"))
    left = ~Q(complaint__assignee=F("agent")) | Q(complaint__assignee=None)
    return ChatSession.objects.filter(lost | left, state__in=WITH_AGENT)


def _put_off(pk: int) -> None:
    ChatSession.objects.filter(pk=pk, timer_at__lte=Now()).update(timer_at=Now() + LOOK_AGAIN)


@transaction.atomic
def _fire(pk: int) -> bool:
    """Look again under the locks: another sweeper, an agent or the customer may have been faster."""
    session = _take(pk, timer_at__lte=Now())
    if session is None:
        return False
    return ENDINGS[session.state](session)


@transaction.atomic
def _rescue(pk: int) -> bool:
    session = _take(pk, state__in=WITH_AGENT)
    if session is None or not _forsaken().filter(pk=pk).exists():
        return False
    act, session = take_up(session, "chat_rescue", by=None)
    if act.complaint.assignee_id in (None, session.agent_id):
        hand_on(act, session, cause="agent_lost" if act.complaint.assignee_id else "released")
    else:
        _follow(act, session)
    return True


def _take(pk: int, **still) -> ChatSession | None:
    """The conversation with how long its customer was silent, its complaint locked; None if somebody else has it under their hands."""
    found = ChatSession.objects.filter(pk=pk, **still).values_list("complaint_id", flat=True).first()
    locked = Complaint.objects.filter(pk=found).select_for_update(no_key=True, skip_locked=True).first() if found else None
    rows = ChatSession.objects.filter(pk=pk, **still).annotate(silence=Now() - F("customer_seen_at"))
    return rows.select_related("complaint").first() if locked else None


def _expire_offer(session: ChatSession) -> bool:
    decline_offer(session)
    return True


def _check_line(session: ChatSession) -> bool:
    """A customer who is not heard of keeps their agent for two minutes, and their place for ten."""
    if session.silence < SLOT_KEPT:
        return _wait_until(session, session.customer_seen_at + SLOT_KEPT)
    act, session = take_up(session, "chat_rest", by=None)
    session.state, session.timer_at = State.QUEUED, session.customer_seen_at + GRACE
    session.save(update_fields=["state", "timer_at"])
    act.note("chat.left", codes={"session": session.pk, "agent": session.agent_id, "cause": "customer_silent"})
    act.finish(raises_version=False)
    shift_load(session.agent_id, -CHAT)
    tell_desk(session.agent_id)
    return True


def _check_waiting(session: ChatSession) -> bool:
    is_over = session.complaint.status not in LIVE
    if is_over or session.silence >= GRACE:
        cause = "complaint_over" if is_over else "silent"
        end_chat(session, cause=cause) if session.accepted_at else leave_queue(session, cause=cause)
        return True
    _ask_everybody_again(session)
    return _wait_until(session, min(session.customer_seen_at + GRACE, session.timer_at + LOOK_AGAIN))


def _ask_everybody_again(session: ChatSession) -> None:
    """When all who could take it let it pass, they are asked once more: better twice than never."""
    stuck = AssignmentRequest.objects.filter(chat=session, state=AssignmentRequest.State.WAITING, blocked_by="excluded")
    stuck.update(excluded_ids=[], blocked_by="")


def _wait_until(session: ChatSession, moment) -> bool:
    ChatSession.objects.filter(pk=session.pk).update(timer_at=max(moment, session.timer_at + timedelta(seconds=1)))
    return False


ENDINGS: dict[str, Callable[[ChatSession], bool]] = {
    State.OFFERED: _expire_offer,
    State.ACTIVE: _check_line,
    State.QUEUED: _check_waiting,
}


def _follow(act, session: ChatSession) -> None:
    """The complaint was given to somebody else: the conversation goes after it, whatever else they have in hand."""
    before, after = session.agent_id, act.complaint.assignee_id
    act.note("chat.left", codes={"session": session.pk, "agent": before, "cause": "transferred"})
    session.state, session.agent_id = State.OFFERED, after
    session.offered_at, session.timer_at = act.at, act.at + OFFER
    session.save(update_fields=["state", "agent", "offered_at", "timer_at"])
    act.note("chat.offered", codes={"session": session.pk, "agent": after})
    act.finish(raises_version=False)
    for user_id, units in sorted([(before, -CHAT), (after, CHAT)]):
        shift_load(user_id, units)
    tell_desk(before, after)


@transaction.atomic
def hear_from(session: ChatSession) -> ChatSession:
    """The customer's page was heard of. Whoever comes back within ten minutes goes on with the same agent, if that one has room."""
    if not session.is_live:
        return session
    heard = ChatSession.objects.filter(pk=session.pk, customer_seen_at__lt=Now() - timedelta(seconds=10))
    heard.update(customer_seen_at=Now())
    if session.state != State.QUEUED or session.agent_id is None:
        return session
    act, session = take_up(session, "chat_resume", by=None, as_customer=True)
    if session.state == State.QUEUED and session.agent_id is not None:
        _resume(act, session)
    return session


def _resume(act, session: ChatSession) -> None:
    agent_id = session.agent_id
    is_there = Presence.objects.filter(user=agent_id, state=Presence.State.READY, heartbeat_at__gt=Now() - AGENT_LOST).exists()
    if is_there and act.complaint.assignee_id == agent_id and take_room(agent_id, CHAT, at=act.at) is not None:
        session.state, session.timer_at = State.ACTIVE, act.at + SLOT_KEPT
        act.note("chat.joined", codes={"session": session.pk, "agent": agent_id, "cause": "resumed"})
    else:
        session.agent, session.queued_at, session.timer_at = None, act.at, act.at + LOOK_AGAIN
        act.note("chat.queued", codes={"session": session.pk, "cause": "resumed"})
        ask_for_agent(act, session)
    session.save(update_fields=["state", "agent", "queued_at", "timer_at"])
    act.finish(raises_version=False)
