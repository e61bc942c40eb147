"""The daily round: measure what is done, and notice when complaints come back after an effect was shown."""

from datetime import datetime, timedelta
from math import sqrt

from django.db import transaction
from django.utils import timezone

from analytics.acting import LoopAct, take_up
from analytics.ledger.reading import house_settings
from analytics.lifecycle import ImprovementState
from analytics.models import Improvement
from analytics.spikes.statistics import SHIFT
from complaints.live import publish
from foundation.verbs import lock

from .effect import days_after, final_on, freeze, measure_effect
from .scopes import Scope, arrivals_of
from .verbs import against

WATCHED_FOR = timedelta(days=60)
LIMIT = 4.0  # it is looked at every day for two months, so more than the usual two is asked for


def follow_improvements(at: datetime | None = None) -> int:
    """Bring every item that waits for figures forward, each in a transaction of its own; returns how many moved."""
    at = at or timezone.now()
    waiting = Improvement.objects.filter(state__in=[ImprovementState.DONE, ImprovementState.MEASURING, ImprovementState.EFFECTIVE])
    return sum(_follow(item, at) for item in waiting.order_by("pk"))


def _follow(item: Improvement, at: datetime) -> bool:
    if item.state == ImprovementState.DONE:
        return _begin_measuring(item, at)
    if item.state == ImprovementState.MEASURING:
        return item.measured is None and house_settings().day(at) >= final_on(item) and _measure(item, at)
    return _has_come_back(item, at) and _take_up_again(item, at)


@transaction.atomic
def _begin_measuring(item: Improvement, at: datetime) -> bool:
    act = take_up(item, "measure", by=None, expected_version=None, request_id=None, rights=against)
    act.at = at
    act.move("measure")
    act.finish("measure")
    return True


@transaction.atomic
def _measure(item: Improvement, at: datetime) -> bool:
    """Freeze the figures; a person closes the item with them."""
    act = LoopAct(lock(item), by=None, at=at)
    if act.row.state != ImprovementState.MEASURING or act.row.measured is not None:
        return False
    act.set(measured=freeze(act.row, measure_effect(act.row), at=at))
    publish("user", act.row.owner_id)
    act.finish("measured", codes=act.row.measured)
    return True


def _has_come_back(item: Improvement, at: datetime) -> bool:
    """``repeat_after_fix``: more complaints of the scope since the verdict than the days after the change had."""
    zone = house_settings()
    first, today = zone.day(item.closed_at) + timedelta(days=1), zone.day(at)
    days = (today - first).days
    if not 0 < days <= WATCHED_FOR.days:
        return False
    scope, known = Scope.of(item), days_after(item)
    reference = arrivals_of(scope, *known)
    return is_above(arrivals_of(scope, first, today - timedelta(days=1)), days, reference, (known[1] - known[0]).days + 1)


def is_above(count: int, days: int, reference: int, reference_days: int) -> bool:
    """Whether a count in so many days is clearly above what another count in others would let expect (difference of Anscombe roots)."""
    share = days / reference_days
    return 2 * (sqrt(count + SHIFT) - sqrt(share * (reference + SHIFT))) / sqrt(1 + share) >= LIMIT


@transaction.atomic
def _take_up_again(item: Improvement, at: datetime) -> bool:
    act = take_up(item, "relapse", by=None, expected_version=None, request_id=None, rights=against)
    act.at = at
    act.move("relapse")
    kept = act.row.measured
    act.set(came_back=act.row.came_back + 1, measured=None, closed_at=None, closed_by=None)
    publish("user", act.row.owner_id)
    act.finish("relapse", codes={"measured": kept})
    return True
