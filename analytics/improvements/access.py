"""Who may see which improvement items: leads and managers as with spikes, and whoever owns one or proposed it."""

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.models import User
from analytics.lifecycle import OPEN_ITEMS
from analytics.models import Improvement
from analytics.spikes.access import seen_by
from complaints.access import teams_of
from complaints.models import Complaint

VIEW, LINK, PROPOSE = "analytics.view_improvement", "analytics.link_improvement", "analytics.propose_improvement"
RELATED = ("team", "merchant", "warehouse", "owner", "proposed_by", "closed_by")


def improvements_for(user: User) -> QuerySet[Improvement]:
    if not (user.is_active and user.has_perm(VIEW)):
        return Improvement.objects.none()
    return Improvement.objects.filter(seen_by(user) | Q(owner=user) | Q(proposed_by=user))


def improvement_for(user: User, pk: int) -> Improvement:
    """One visible item, or 404."""
    found = improvements_for(user).select_related(*RELATED).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def open_items_for(user: User) -> QuerySet[Improvement]:
    """The items that somebody may link a complaint to, the newest first: those of the own teams, and those that they see anyway."""
    if not (user.is_active and user.has_perm(LINK)):
        return Improvement.objects.none()
    open_items = Improvement.objects.filter(state__in=OPEN_ITEMS).filter(Q(team__in=list(teams_of(user))) | seen_by(user))
    return open_items.order_by("-proposed_at", "-id")


def items_of(complaint: Complaint) -> QuerySet[Improvement]:
    """The items that a complaint speaks for, for whoever sees the complaint."""
    return Improvement.objects.filter(leads__complaint=complaint).order_by("-proposed_at", "-id")


def owners_for() -> QuerySet[User]:
    """Who can be given an item: whoever may see items at all."""
    return User.objects.filter(is_active=True, groups__permissions__codename="view_improvement").distinct().order_by("name", "pk")
