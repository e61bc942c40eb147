"""What the pages of imported logs show."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from analytics.access import sight_of
from analytics.desk.words import say_n, say_value
from analytics.metrics.questions import Span
from analytics.models import ImportedEvent, ImportedFinding, ImportedLog
from foundation.keyset import Page, keyset_page
from ui.timefmt import absolute, in_words

from .access import logs_for
from .comparison import Compared, compare, days_of
from .mapping import Kind

ROWS = 20
LINES = 50
SECONDS = "_s"
NAMES = {
    "cases": gettext_lazy("Cases of the log"),
    "events": gettext_lazy("Events of the log"),
    "variants": gettext_lazy("Different ways through"),
    "first": gettext_lazy("First event"),
    "last": gettext_lazy("Last event"),
    "mean_s": gettext_lazy("Duration of a case, mean"),
    "median_s": gettext_lazy("Median, interpolated"),
    "median_rank_s": gettext_lazy("Median, nearest rank"),
    "p90_s": gettext_lazy("90th percentile, interpolated"),
    "p90_rank_s": gettext_lazy("90th percentile, nearest rank"),
    "resolutions": gettext_lazy("Resolutions"),
    "reopens": gettext_lazy("Taken up again after a resolution"),
    "reopened_cases": gettext_lazy("Cases taken up again"),
    "resource_changes": gettext_lazy("Changes of the person"),
    "group_changes": gettext_lazy("Changes of the team"),
    "duplicates": gettext_lazy("Repeated events"),
    "out_of_order": gettext_lazy("Events out of order"),
}


@dataclass(frozen=True)
class Statistic:
    """One figure of a log: its name, its value, and for durations the exact seconds beside it."""

    name: str
    value: str
    exact: str = ""


@dataclass(frozen=True)
class Activity:
    """What the log calls something that happened, what it is here, and how often it stands there."""

    name: str
    kind: str
    count: int
    is_unmapped: bool


@dataclass(frozen=True)
class Tally:
    """How often one thing was wrong or odd."""

    text: str
    count: int
    is_odd: bool


@dataclass(frozen=True)
class Beside:
    """One figure of the log beside ours, each with how many it is made of."""

    key: str
    name: str
    there: str
    there_n: str
    here: str
    here_n: str


@dataclass(frozen=True)
class Sheet:
    """One log with all that is known of it."""

    log: ImportedLog
    statistics: list[Statistic]
    activities: list[Activity]
    tallies: list[Tally]
    findings: Page
    mapping: str
    figures: list[Beside]
    days: Span | None

    @property
    def unmapped(self) -> list[Activity]:
        return [each for each in self.activities if each.is_unmapped]


def list_logs(user: User, cursor: str) -> Page:
    """The newest logs first."""
    return keyset_page(logs_for(user), order=("-started_at", "-id"), after=cursor, size=ROWS)


def make_sheet(log: ImportedLog, cursor: str, *, user: User) -> Sheet:
    """Everything of a log, its findings from ``cursor`` on, and its figures beside those of this house that ``user`` may see."""
    has_days = log.state == ImportedLog.State.DONE and bool(log.statistics.get("first"))
    sight = sight_of(user) if has_days else None
    return Sheet(
        log=log,
        statistics=[_statistic(name, log.statistics[name]) for name in NAMES if name in log.statistics],
        activities=[_activity(**each) for each in log.activities],
        tallies=[_tally(code, count) for code, count in sorted(log.counts.get("findings", {}).items())],
        findings=keyset_page(ImportedFinding.objects.filter(log=log), order=("line", "id"), after=cursor, size=LINES),
        mapping=json.dumps(log.mapping, ensure_ascii=False, indent=2),
        figures=[_beside(each) for each in compare(log, filters=sight.filters)] if sight else [],
        days=days_of(log) if sight else None,
    )


def _statistic(name: str, value: Any) -> Statistic:
    label = str(NAMES[name])
    if value is None:
        return Statistic(label, "–")
    if name.endswith(SECONDS):
        exact = _("%(seconds)s seconds") % {"seconds": f"{value:,.3f}"}
        return Statistic(label, in_words(timedelta(seconds=value)), exact)
    if isinstance(value, str):
        return Statistic(label, absolute(datetime.fromisoformat(value)))
    return Statistic(label, f"{value:,}")


def _beside(each: Compared) -> Beside:
    there, here = each.there, each.here
    return Beside(
        each.metric.id, str(each.metric.name), say_value(each.metric, there), say_n(there), say_value(each.metric, here), say_n(here)
    )


def _activity(name: str, kind: str, count: int) -> Activity:
    return Activity(name, str(ImportedEvent.Kind(kind).label), count, kind == Kind.OTHER)


def _tally(code: str, count: int) -> Tally:
    return Tally(str(ImportedFinding.Code(code).label), count, code in ImportedFinding.ODD)
