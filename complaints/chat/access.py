"""Conversations by who asks: agents see their own and those that wait for their teams, a customer that of the complaint they opened."""

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
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


def calls_for(user: User) -> QuerySet[FollowUp]:
    """Open calls that are this user's to make or to look after, the one that is due first in front.

    An agent's own and those of nobody; a lead's also all of the teams and shops that they lead.
    """
    waiting = _calls_within(user).filter(done_at__isnull=True, complaint__erased_at__isnull=True)
    return waiting.order_by("due_at", "id")


def call_for(user: User, call_id: int) -> FollowUp:
    """One call of these, also when it is done, or 404."""
    return _found(_calls_within(user), call_id)


def visible_call(user: User, call_id: int) -> FollowUp:
    """One call of whomever to a customer whose complaint this user sees, or 404."""
    return _found(_calls().filter(complaint__in=access.visible_to(user).values("pk")), call_id)


def calls_of(complaint: Complaint) -> QuerySet[FollowUp]:
    """Every call about a complaint that somebody may see, open ones first, then the latest."""
    return _calls().filter(complaint=complaint).select_related("complaint").order_by(F("done_at").desc(nulls_first=True), "due_at", "id")


def to_call(reach: access.Reach | None) -> QuerySet[Complaint]:
    """Visible complaints with a call that is now this person's own to make, or nobody's, ended ones among them."""
    if reach is None:
        return Complaint.objects.none()
    begun = _calls().filter(done_at__isnull=True, starts_at__lte=Now() + access.CALL_AHEAD)
    own = begun.filter(owner=reach.user).values("complaint_id")
    # Nobody's own is whoever sees it first; what waits for a lead is not for who gave the result.
    loose = begun.filter(owner__isnull=True).exclude(role=FollowUp.Role.LEAD, complaint__resolved_by=reach.user).values("complaint_id")
    return access.visible_within(reach).filter(pk__in=own.union(loose))


def _calls() -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(kind=FollowUp.Kind.CALLBACK)


def _calls_within(user: User) -> QuerySet[FollowUp]:
    teams, shops = access.reach_of_lead(user)
    nobodys = Q(owner__isnull=True, role=FollowUp.Role.ASSIGNEE)
    mine = Q(owner=user) | nobodys & (Q(complaint__assignee=user) | Q(complaint__assignee__isnull=True))
    led = Q(complaint__team__in=teams) | Q(complaint__merchant__in=shops)
    return _calls().filter(mine | led, complaint__in=access.visible_to(user).values("pk"))


def _found(calls: QuerySet[FollowUp], call_id: int) -> FollowUp:
    found = calls.filter(pk=call_id).select_related("complaint").first()
    if found is None:
        raise Http404
    return found
