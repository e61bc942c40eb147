"""What the pages of spikes show, gathered in a few queries."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils import timezone

from accounts.models import User
from analytics.ledger.reading import house_settings
from analytics.lifecycle import WORK_SPIKE, SpikeState
from analytics.models import Spike
from complaints.access import visible_to
from complaints.models import Complaint
from foundation.keyset import InvalidCursorError, keyset_page

from .access import LISTED, spikes_for
from .counting import members_of
from .finding import windows_for
from .series import series_of
from .statistics import FEWEST_WEEKS
from .telling import VERBS, draw_spike, name_owner, name_spike, say_latest, say_spike
from .windows import Window

SIZE, MOST_SHOWN = 30, 30
RANK = Case(*(When(state=state, then=Value(place)) for place, state in enumerate(SpikeState)), output_field=IntegerField())


def list_spikes(user: User, asked: Mapping[str, str]) -> dict[str, Any]:
    """One page of spikes: those that nobody has looked at first, then the newest; or those of one state."""
    state = asked.get("state", "") if asked.get("state", "") in SpikeState.values else ""
    spikes = spikes_for(user).filter(LISTED)
    chosen = spikes.filter(state=state) if state else spikes.exclude(state=SpikeState.CLOSED)
    page = _page(chosen.select_related("team").annotate(rank=RANK), asked.get("after", ""))
    shown = [{"spike": spike, "name": name_spike(spike), "words": say_spike(spike), "owner": name_owner(spike)} for spike in page.rows]
    is_judged = len(windows_for(Window(timezone.now()))) >= FEWEST_WEEKS
    return {"is_judged": is_judged, "rows": shown, "page": page, "state": state, "states": SpikeState.choices}


def open_spikes(user: User) -> int:
    """How many spikes wait for somebody to look at them, for a tile."""
    return spikes_for(user).filter(LISTED, state=SpikeState.OPEN).count()


def show_spike(user: User, spike: Spike) -> dict[str, Any]:
    """One spike with its drawing, its complaints as far as they are visible, and what was done."""
    complaints = complaints_of(user, spike)
    return {
        "spike": spike,
        "name": name_spike(spike),
        "words": say_spike(spike),
        "latest": say_latest(spike),
        "owner": name_owner(spike),
        "figure": draw_spike(spike),
        "complaints": list(complaints.select_related("category")[:MOST_SHOWN]),
        "visible": complaints.count(),
        "folded": [{"spike": each, "name": name_spike(each)} for each in spike.folded.order_by("pk")],
        "head": {"spike": spike.folded_under, "name": name_spike(spike.folded_under)} if spike.folded_under else None,
        "steps": [{"step": step, "words": VERBS[step.verb]} for step in spike.steps.select_related("by").order_by("-pk")],
        "may_work": user.has_perm(WORK_SPIKE) and spike.folded_under_id is None,
    }


def complaints_of(user: User, spike: Spike) -> QuerySet[Complaint]:
    """The complaints of its last window that somebody may see, the newest first."""
    series = series_of(spike)
    found = members_of([series], Window(spike.latest_until), house_settings().zone)
    return visible_to(user).filter(pk__in=found.get(series, frozenset())).order_by("-filed_at", "-pk")


def _page(rows: QuerySet[Spike], cursor: str):
    order = ("rank", "-found_at", "-id")
    try:
        return keyset_page(rows, order=order, after=cursor, size=SIZE)
    except InvalidCursorError:
        return keyset_page(rows, order=order, size=SIZE)
