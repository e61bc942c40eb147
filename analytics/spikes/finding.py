"""The hourly round: judge what is worth it, open a spike for each new one, bring the others up to date, rouse whoever sleeps.

A round is one transaction, and nothing else moves spikes meanwhile, so one that is killed half-way has done nothing and the next does it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from analytics.acting import note_step
from analytics.ledger.reading import house_settings
from analytics.lifecycle import SpikeState
from analytics.models import Spike
from complaints.assignment.patience import service_hours
from complaints.live import publish
from complaints.models import Category
from foundation.failpoints import failpoint
from orders.models import Merchant

from .access import leads_of, managers_of
from .counting import earlier_counts, first_fact_at, members_of, recent_counts
from .judging import Found, find_among, fold_broader
from .promotions import promotion_days
from .series import Series, series_of
from .verbs import close_calm, take_turn
from .windows import Window, compared_with

LOOKED_AT_WITHIN = timedelta(hours=4)  # working hours


@transaction.atomic
def find_spikes(at: datetime | None = None) -> int:
    """Judge the 24 hours before ``at`` and write down what follows; returns how many new spikes there are.

    Tells the leads of the team of each new one, and managers of those that nobody has looked at for four working hours.
    """
    at = at or timezone.now()
    take_turn()
    window = Window(at)
    compared = windows_for(window)
    found = _judge(window, compared)
    known = {series_of(spike): spike for spike in Spike.objects.exclude(state=SpikeState.CLOSED)}
    new = _open_new([each for each in found if each.series not in known], window, compared)
    _bring_up_to_date([each for each in found if each.series in known], known, at)
    _note_calm(known, found, at)
    _fold(found, {**known, **new}, window)
    failpoint("spikes.written")
    _rouse(at)
    close_calm(at)
    for spike in new.values():
        _tell_leads(spike)
    return len(new)


def windows_for(window: Window) -> list[Window]:
    """What a window is compared with in this house."""
    return compared_with(window, promotions=promotion_days(), first_at=first_fact_at(), zone=house_settings().zone)


def _judge(window: Window, compared: list[Window]) -> list[Found]:
    zone = house_settings().zone
    counts = recent_counts(window, zone, has_shops=Merchant.objects.filter(is_active=True).count() > 1)
    return find_among(counts, earlier_counts(counts, compared, zone))


def _open_new(found: list[Found], window: Window, compared: list[Window]) -> dict[Series, Spike]:
    teams = dict(Category.objects.filter(code__in={each.series.code for each in found}).values_list("code", "team_id"))
    due_at = service_hours().add(window.until, int(LOOKED_AT_WITHIN.total_seconds()))
    new = {}
    for each in found:
        figures = _figures(each, window.until) | {"history": _history(each, compared)}
        owner = {"team_id": teams.get(each.series.code), "merchant_id": _shop_of(each.series)}
        spike = Spike.objects.create(**each.series.key, **figures, **owner, until=window.until, found_at=window.until, due_at=due_at)
        note_step(spike, "found", by=None, at=window.until, codes={"count": spike.count, "median": spike.median})
        new[each.series] = spike
    return new


def _figures(found: Found, until: datetime) -> dict[str, Any]:
    verdict = found.verdict
    latest = {"latest_until": until, "latest_count": verdict.count, "latest_z": verdict.z}
    return {"count": verdict.count, "median": verdict.median, "phi": verdict.phi, "z": verdict.z, **latest}


def _history(found: Found, compared: list[Window]) -> list[list]:
    return [[window.until.isoformat(), count] for window, count in zip(compared, found.history, strict=True)]


def _shop_of(series: Series) -> int | None:
    return int(series.value) if series.cross == Spike.Cross.MERCHANT else None


def _bring_up_to_date(found: list[Found], known: Mapping[Series, Spike], at: datetime) -> None:
    for each in found:
        spike = known[each.series]
        spike.latest_until, spike.latest_count, spike.latest_z, spike.calmed_at = at, each.verdict.count, each.verdict.z, None
    loud = [known[each.series] for each in found]
    Spike.objects.bulk_update(loud, ["latest_until", "latest_count", "latest_z", "calmed_at"])


def _note_calm(known: Mapping[Series, Spike], found: list[Found], at: datetime) -> None:
    loud = {each.series for each in found}
    still = [spike.pk for series, spike in known.items() if series not in loud and spike.calmed_at is None]
    Spike.objects.filter(pk__in=still).update(calmed_at=at)


def _fold(found: list[Found], spikes: Mapping[Series, Spike], window: Window) -> None:
    """Put broader ones under what explains them. What somebody has taken up stands for itself from then on."""
    members = members_of([each.series for each in found], window, house_settings().zone) if len(found) > 1 else {}
    folded = fold_broader(found, members)
    for each in found:
        spike = spikes[each.series]
        head = spikes[folded[each.series]] if each.series in folded else None
        if spike.state == SpikeState.OPEN and spike.folded_under_id != (head and head.pk):
            spike.folded_under = head
            spike.save(update_fields=["folded_under"])


def _rouse(at: datetime) -> None:
    """Hand what nobody has looked at in time to the managers."""
    waiting = Spike.objects.filter(state=SpikeState.OPEN, escalated_at=None, folded_under=None, due_at__lte=at)
    for spike in waiting.order_by("pk"):
        spike.escalated_at = at
        spike.save(update_fields=["escalated_at"])
        note_step(spike, "escalated", by=None, at=at)
        for manager_id in managers_of(spike).values_list("pk", flat=True):
            publish("user", manager_id)


def _tell_leads(spike: Spike) -> None:
    if spike.folded_under_id is None:
        for lead_id in leads_of(spike).values_list("pk", flat=True):
            publish("user", lead_id)
