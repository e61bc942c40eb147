"""A log beside this house: the same definitions over the days of the log and over our own last days."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from analytics.ledger.reading import house_settings
from analytics.metrics.asking import Asked, ask_all
from analytics.metrics.questions import Filters, Span
from analytics.metrics.registry import Metric, metric
from analytics.metrics.results import Result
from analytics.models import ImportedLog

from .mapping import parse_mapping

OURS = 28
# What any log tells, and what only one tells that knows who wrote when.
OF_CASES = ("vol_new", "vol_resolved", "resolve_rate", "completion_rate", "rt_first", "rt_full", "reopen", "reopen_cycles", "transfer")
OF_MESSAGES = ("frt", "nrt", "reply_rate", "fcr_gross")


@dataclass(frozen=True)
class Compared:
    """One definition: what it says of the log, and of this house."""

    metric: Metric
    there: Result
    here: Result


def days_of(log: ImportedLog) -> Span:
    """The days of a log in the zone of the house, from its first event to its last."""
    settings = house_settings()
    first, last = (datetime.fromisoformat(log.statistics[name]) for name in ("first", "last"))
    return Span(settings.day(first), settings.day(last))


def our_days(as_of: datetime) -> Span:
    """The last 28 days that are over."""
    last = timezone.localtime(as_of).date() - timedelta(days=1)
    return Span(last - timedelta(days=OURS - 1), last)


def compare(log: ImportedLog, *, filters: Filters, as_of: datetime | None = None) -> list[Compared]:
    """Every definition that the log can answer, for the log as of its last event, and for what ``filters`` leave of this house."""
    as_of = as_of or timezone.now()
    wanted = [metric(name) for name in (*OF_CASES, *(OF_MESSAGES if _knows_messages(log) else ()))]
    there = ask_all([Asked(each, (days_of(log),), source=log.pk) for each in wanted], as_of=datetime.fromisoformat(log.statistics["last"]))
    here = ask_all([Asked(each, (our_days(as_of),), filters) for each in wanted], as_of=as_of)
    return [Compared(each, theirs.whole, ours.whole) for each, theirs, ours in zip(wanted, there, here, strict=True)]


def _knows_messages(log: ImportedLog) -> bool:
    return parse_mapping(log.mapping_name, log.mapping).knows_messages
