"""Handling time by who asks: people know their own, leads that of their teams."""

from django.db.models import QuerySet

from accounts.models import User
from complaints.access import group_of, is_lead_of
from complaints.models import Complaint, Contact, Event


def contacts_of(complaint: Complaint) -> QuerySet[Contact]:
    """How customers came to a complaint and to those joined into it."""
    return Contact.objects.filter(complaint__in=group_of(complaint))


def effort_events_of(complaint: Complaint) -> QuerySet[Event]:
    """How long people worked on a complaint and on those joined into it, oldest first."""
    return Event.objects.filter(complaint__in=group_of(complaint), kind__startswith="effort.").order_by("id")


def effort_events_for(user: User, complaint: Complaint) -> QuerySet[Event]:
    """The same as far as somebody may know it."""
    events = effort_events_of(complaint)
    return events if is_lead_of(user, complaint) else events.filter(codes__agent=user.pk)
