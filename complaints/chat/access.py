"""Conversations by who asks: agents see their own and those that wait for their teams, a customer that of the complaint they opened."""

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404

from accounts.models import User
from complaints import access
from complaints.models import ChatSession, ClockRun, Complaint, FollowUp

State = ChatSession.State
WITH_AGENT = (State.OFFERED, State.ACTIVE)


def latest_chat(complaint: Complaint) -> ChatSession | None:
    """The newest conversation of a complaint that somebody may see."""
    session = ChatSession.objects.filter(complaint=complaint).select_related("agent").order_by("-id").first()
    if session is not None:
        session.complaint = complaint
    return session


def live_chat(complaint: Complaint) -> ChatSession | None:
    """The conversation of a complaint that is going on or waits for somebody."""
    session = latest_chat(complaint)
    return session if session is not None and session.is_live else None


def own_chats(user: User) -> QuerySet[ChatSession]:
    """What is offered to an agent, and with whom they talk, the longest first; ``answer_due_at``: by when a line of theirs is owed."""
    owed = ClockRun.objects.filter(complaint=OuterRef("complaint"), kind__in=ClockRun.ANSWERS, state=ClockRun.State.RUNNING)
    rows = ChatSession.objects.filter(agent=user, state__in=WITH_AGENT)
    rows = rows.annotate(answer_due_at=Subquery(owed.order_by("due_at").values("due_at")[:1]))
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
    rows = ChatSession.objects.filter(state=State.QUEUED, agent__isnull=True, complaint__in=access.visible_to(user).values("pk"))
    return rows.select_related("complaint", "complaint__team").order_by("queued_at", "id")


def promised_callbacks(user: User) -> QuerySet[FollowUp]:
    """Calls that are promised to customers of complaints that this user sees, the next one first."""
    calls = FollowUp.objects.filter(kind=FollowUp.Kind.CALLBACK, starts_at__isnull=False, done_at__isnull=True)
    mine = calls.filter(complaint__in=access.visible_to(user).filter(erased_at__isnull=True).values("pk"))
    return mine.select_related("complaint", "owner").order_by("due_at", "id")


def own_callback(user: User, call_id: int) -> FollowUp:
    """One call that was promised to a customer whose complaint this user sees, or 404."""
    calls = FollowUp.objects.filter(pk=call_id, kind=FollowUp.Kind.CALLBACK, starts_at__isnull=False)
    found = calls.filter(complaint__in=access.visible_to(user).values("pk")).select_related("complaint").first()
    if found is None:
        raise Http404
    return found
