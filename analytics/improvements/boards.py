"""What the pages of improvement items show, gathered in a few queries."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from analytics.lifecycle import ENDED, OPEN_ITEMS, ImprovementState
from analytics.models import Improvement
from analytics.spikes.access import spikes_for
from analytics.spikes.telling import name_spike
from complaints.access import visible_to
from complaints.models import Complaint
from foundation.keyset import InvalidCursorError, keyset_page

from .access import improvements_for
from .acts import acts_for
from .telling import VERBS, rates_of, say_effect, say_scope, stage_of_item

SIZE, MOST_SHOWN = 30, 30
GROUPS = {
    "": pgettext_lazy("improvement", "Open"),
    "mine": _("Mine"),
    "overdue": pgettext_lazy("improvement", "Overdue"),
    "ended": _("Ended"),
}


def list_improvements(user: User, asked: Mapping[str, str]) -> dict[str, Any]:
    """One page of a group of items, the newest first."""
    group = asked.get("group", "") if asked.get("group", "") in GROUPS else ""
    items = improvements_for(user).filter(_condition(group, user)).select_related("owner", "team").annotate(count=Count("leads"))
    page = _page(items, asked.get("after", ""))
    today = timezone.localdate()
    shown = [{"item": item, "stage": stage_of_item(item), "is_overdue": item.is_overdue(today)} for item in page.rows]
    return {"rows": shown, "page": page, "group": group, "groups": GROUPS.items()}


def overdue_improvements(user: User) -> int:
    """How many items should have been done by now, for a tile."""
    return improvements_for(user).filter(_condition("overdue", user)).count()


def show_improvement(user: User, item: Improvement) -> dict[str, Any]:
    """One item with its scope, its effect, its complaints as far as they are visible, and what was done."""
    complaints = complaints_of(user, item)
    return {
        "item": item,
        "stage": stage_of_item(item),
        "is_overdue": item.is_overdue(timezone.localdate()),
        "scope": say_scope(item),
        "effect": say_effect(item),
        "rates": rates_of(item.measured),
        "complaints": list(complaints.select_related("category")[:MOST_SHOWN]),
        "visible": complaints.count(),
        "linked": item.leads.count(),
        "spikes": [{"spike": spike, "name": name_spike(spike)} for spike in spikes_for(user).filter(improvement=item).order_by("-pk")],
        "steps": [{"step": step, "words": VERBS[step.verb]} for step in item.steps.select_related("by").order_by("-pk")],
        "acts": acts_for(item, user),
    }


def complaints_of(user: User, item: Improvement) -> QuerySet[Complaint]:
    """The linked complaints that somebody may see, the newest first."""
    return visible_to(user).filter(pk__in=item.leads.values("complaint_id")).order_by("-filed_at", "-pk")


def _condition(group: str, user: User) -> Q:
    if group == "mine":
        return Q(owner=user, state__in=OPEN_ITEMS)
    if group == "overdue":
        return Q(state__in=[ImprovementState.ACCEPTED, ImprovementState.IN_PROGRESS], due_on__lt=timezone.localdate())
    return Q(state__in=ENDED if group == "ended" else OPEN_ITEMS)


def _page(items: QuerySet[Improvement], cursor: str):
    order = ("-proposed_at", "-id")
    try:
        return keyset_page(items, order=order, after=cursor, size=SIZE)
    except InvalidCursorError:
        return keyset_page(items, order=order, size=SIZE)
