"""Conversations by who asks: agents see their own and those that wait for their teams, a customer that of the complaint they opened."""

from django.db.models import QuerySet
from django.http import Http404

from accounts.models import User
from complaints import access
from complaints.models import ChatSession, Complaint

State = ChatSession.State
WITH_AGENT = (State.OFFERED, State.ACTIVE)


def latest_chat(complaint: Complaint) -> ChatSession | None:
    """The newest conversation of a complaint that somebody may see."""
    return ChatSession.objects.filter(complaint=complaint).select_related("agent").order_by("-id").first()


def live_chat(complaint: Complaint) -> ChatSession | None:
    """The conversation of a complaint that is going on or waits for somebody."""
    session = latest_chat(complaint)
    return session if session is not None and session.is_live else None


def own_chats(user: User) -> QuerySet[ChatSession]:
    """What is offered to an agent, and with whom they talk, the longest first."""
    rows = ChatSession.objects.filter(agent=user, state__in=WITH_AGENT)
    return rows.select_related("complaint").order_by("offered_at", "id")


def own_chat(user: User, session_id: int) -> ChatSession:
    """One conversation that was ever with this agent, or 404; whether it still is, the service says."""
    reach = access.visible_to(user).values("pk")
    found = ChatSession.objects.filter(pk=session_id, agent=user, complaint__in=reach).select_related("complaint").first()
    if found is None:
        raise Http404
    return found


def waiting_chats(user: User) -> QuerySet[ChatSession]:
    """Customers who wait for a person in complaints that this user sees, the longest first."""
    rows = ChatSession.objects.filter(state=State.QUEUED, complaint__in=access.visible_to(user).values("pk"))
    return rows.select_related("complaint", "complaint__team").order_by("queued_at", "id")
