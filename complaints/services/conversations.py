"""A conversation whose complaint is over ends with it, in the same act, whichever verb that is. Knows no other verb of conversations."""

from typing import Any

from complaints.lifecycle import Status
from complaints.live import publish
from complaints.models import ChatSession

State = ChatSession.State
# Nothing is left to talk about. What was resolved or closed may still be talked about.
GONE = frozenset({Status.WITHDRAWN, Status.MERGED, Status.SPAM})


def end_with_complaint(act: Any) -> int | None:
    """End the live conversation of a complaint within the act that ends the complaint; returns the agent whose room is free again."""
    live = ChatSession.objects.filter(complaint=act.complaint, state__in=ChatSession.LIVE)
    session = live.select_for_update(no_key=True).first()
    if session is None:
        return None
    holder = session.agent_id if session.state != State.QUEUED else None
    is_answered = session.accepted_at is not None
    session.state, session.ended_at, session.timer_at = State.ENDED if is_answered else State.ABANDONED, act.at, None
    session.save(update_fields=["state", "ended_at", "timer_at"])
    codes = {"session": session.pk, "agent": session.agent_id, "cause": str(act.complaint.status)}
    act.note("chat.ended" if is_answered else "chat.abandoned", codes=codes)
    tell_desk(session.agent_id)
    return holder


def tell_desk(*user_ids: int | None) -> None:
    """The queue of conversations moved, and these people have something to look at."""
    publish("chats", is_internal=True)
    for user_id in user_ids:
        if user_id is not None:
            publish("user", user_id, is_internal=True)
