"""Conversations in each of their states, and what time does to them."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import User
from complaints.assignment.agents import read_agents
from complaints.assignment.candidates import Need, Verdict, rows_of
from complaints.chat.sessions import accept_chat, file_chat
from complaints.models import ChatSession, Complaint, Decision
from complaints.services.act import lock_act
from complaints.services.routing import give
from tests.factories import make_filing


def queue_up(**overrides: Any) -> ChatSession:
    """A customer who waits for a person."""
    return file_chat(make_filing(channel=Complaint.Channel.CHAT, **overrides))


@transaction.atomic
def offer_to(session: ChatSession, agent: User) -> ChatSession:
    """What assignment does once it has chosen an agent."""
    act = lock_act(session.complaint, "assign", by=None)
    chosen = Verdict(read_agents(user_ids=[agent.pk])[0], "")
    give(act, agent, cause=Decision.Cause.CHAT, candidates=rows_of([chosen], Need.of(act.complaint)))
    act.finish()
    return fresh(session)


def talk_with(agent: User, **overrides: Any) -> ChatSession:
    """A conversation that this agent has accepted."""
    return accept_chat(offer_to(queue_up(**overrides), agent), by=agent)


def fresh(session: ChatSession) -> ChatSession:
    return ChatSession.objects.select_related("complaint", "agent").get(pk=session.pk)


def let_pass(session: ChatSession, **duration: float) -> ChatSession:
    """Let so much time pass for a conversation: all its moments lie so much further back."""
    gone = timedelta(**duration)
    names = ("queued_at", "offered_at", "accepted_at", "timer_at", "customer_seen_at")
    ChatSession.objects.filter(pk=session.pk).update(**{name: F(name) - gone for name in names})
    return fresh(session)


def make_due(session: ChatSession) -> ChatSession:
    """Let the sweep look at a conversation now."""
    ChatSession.objects.filter(pk=session.pk).update(timer_at=Now())
    return fresh(session)
