"""Doorways for the sweeper."""

from datetime import timedelta
from functools import partial

from analytics.exports import tasks as exports  # noqa: F401 - registers its tasks
from analytics.imports.leaving import take_away_logs
from analytics.improvements.measuring import follow_improvements
from analytics.ledger.filling import fill_from_complaints, fill_from_orders, fill_from_readings, fill_sums
from analytics.ledger.months import verify_random_month
from analytics.metrics import tasks as metrics  # noqa: F401 - registers its tasks
from analytics.metrics.versions import note_versions
from analytics.reports import tasks as reports  # noqa: F401 - registers its tasks
from analytics.research import tasks as research  # noqa: F401 - registers its tasks
from analytics.spikes.finding import find_spikes
from foundation.jobs import periodic
from foundation.sweeps import sweep

MOST_ROUNDS = 20


@sweep("analytics.fill", every=2)
def sweep_ledger() -> int:
    """Fold what is new into facts, and facts into sums."""
    fills = (fill_from_complaints, fill_from_orders, fill_from_readings, partial(fill_sums, is_patient=True))
    return sum(_in_rounds(fill) for fill in fills)


@sweep("analytics.leave", every=15)
def sweep_leaving_logs() -> int:
    """Take away some of the facts and events of an imported log that is being deleted."""
    return take_away_logs()


@periodic("analytics.versions", every=timedelta(days=1))
def note_definitions() -> int:
    """Note since when this house has each version of a definition."""
    return note_versions()


@periodic("analytics.verify", every=timedelta(days=1))
def verify_ledger() -> None:
    """Fold a month anew and compare; one that differs leaves the job failed, which the gauges show."""
    verify_random_month()


@periodic("analytics.spikes", every=timedelta(hours=1))
def look_for_spikes() -> int:
    """Judge the last 24 hours of every series that is worth it, and rouse whoever sleeps."""
    return find_spikes()


@periodic("analytics.improvements", every=timedelta(hours=6))
def measure_improvements() -> int:
    """Measure what has been done long enough ago, and take up again what has come back."""
    return follow_improvements()


def _in_rounds(work) -> int:
    """Repeat as long as there is work, at most twenty times, so that a sweep ends."""
    total = 0
    for _round in range(MOST_ROUNDS):
        done = work()
        total += done
        if not done:
            break
    return total
