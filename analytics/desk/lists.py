"""Lists behind the marks: the facts that a figure counts, each with its exact value, and as many as the mark says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.access import numbers_of
from analytics.desk.choice import Choice
from analytics.desk.names import name_of, title_of
from analytics.ledger.entries import seconds
from analytics.ledger.families import COMPLAINTS, ORDERS, READINGS
from analytics.metrics.asking import Asked, sizes
from analytics.metrics.backlog import BARS, open_cycles
from analytics.metrics.lookups import repeated
from analytics.metrics.opens import WAITING, Waiting, part_of
from analytics.metrics.questions import Filters
from analytics.metrics.registry import Metric, Part
from analytics.metrics.standing import SETS, end_of, is_stock, with_stays
from analytics.models import Cycle, Fact
from foundation.keyset import Page, keyset_page
from ui.charts.units import PERCENT, SECONDS, SHARES, YUAN
from ui.exports.sheets import Column, Kind, Sheet

ROWS = 50
ORDER = ("-day", "-root_id", "-ordinal")
SHOWN = {COMPLAINTS: ("category", "channel", "team", "agent"), ORDERS: (), READINGS: ("category", "language")}


@dataclass(frozen=True)
class Listed:
    """One row: the complaint it belongs to, if the reader may open it, ``cells`` with their heads, and what it counts."""

    fact: Fact
    number: str
    url: str
    cells: tuple[tuple[str, str], ...]
    value: str


@dataclass(frozen=True)
class Moment:
    """When ages are taken: of what still waits now, of what lay there at the end of a span."""

    as_of: datetime
    until: datetime


def moment_of(choice: Choice, as_of: datetime) -> Moment:
    return Moment(as_of, end_of(choice.span, as_of))


def facts_of(metric: Metric, part: Part, choice: Choice, *, as_of: datetime) -> QuerySet[Fact]:
    """The facts of one part of a figure: the same predicate, scope and moment as the mark."""
    fixed = Filters.of({name: [value] for name, value in metric.fixed.items()})
    facts = metric.family.fact.objects.filter((choice.filters & fixed).condition, source=choice.source)
    if is_stock(metric.family) and part.flag in SETS:
        return with_stays(facts).filter(SETS[part.flag](choice.span))
    days = Q(day__range=(choice.span.first, choice.span.last))
    return facts.filter(days, _condition(metric, part, as_of))


def sizes_of(metric: Metric, choice: Choice, *, as_of: datetime) -> dict[str, int]:
    """How many rows the list of each part has: from the sums where these know it, else counted row by row."""
    flags = [part.flag for part in metric.parts if not part.sum and hasattr(metric.family.fact, part.flag)]
    asked = Asked(metric, (choice.span,), choice.filters, source=choice.source)
    known = sizes(asked, flags, as_of=as_of) or {}
    return {
        part.flag: known[part.flag] if part.flag in known else facts_of(metric, part, choice, as_of=as_of).count() for part in metric.parts
    }


def _condition(metric: Metric, part: Part, as_of: datetime) -> Q:
    if part.flag == "repeated":
        return repeated()
    return ~Q(**{part.flag: 0}) if part.sum else part_of(metric.family.name, part.flag, as_of)


@dataclass(frozen=True)
class Total:
    """What the rows of a summed part come to: as large as its mark, and in words."""

    value: float
    text: str


def total_of(metric: Metric, part: Part, choice: Choice, facts: QuerySet[Fact], *, as_of: datetime) -> Total | None:
    """Nothing for parts that only count."""
    if not part.sum:
        return None
    total = facts.aggregate(total=Sum(part.flag))["total"] or 0
    whole = facts_of(metric, metric.parts[0], choice, as_of=as_of).count() if part.sum == "s" else 0
    value = part.value_of(total, whole)
    written = _write(part, value if part.sum != "share" else 100 * value)
    if part.sum == "s":
        words = {"total": SECONDS.write(total), "mean": written, "n": whole}
        return Total(value, _("%(total)s in all, %(mean)s for each of %(n)s") % words)
    return Total(value, SHARES.write(value) if part.sum == "share" else written)


def part_named(metric: Metric, flag: str) -> Part:
    return next((part for part in metric.parts if part.flag == flag), metric.parts[0])


def page_of(facts: QuerySet[Fact], cursor: str) -> Page:
    return keyset_page(facts, order=ORDER, after=cursor, size=ROWS)


def draw_rows(metric: Metric, part: Part, facts: list[Fact], choice: Choice, *, as_of: datetime) -> list[Listed]:
    """Rows as the reader sees them; a complaint that they may not open (any more) is named and not linked."""
    numbers = _numbers(metric, facts)
    opened = choice.sight.may_open(numbers)
    moment = moment_of(choice, as_of)
    return [_row(metric, part, fact, numbers, opened, moment) for fact in facts]


def _row(metric: Metric, part: Part, fact: Fact, numbers: dict[int, str], opened: set[int], moment: Moment) -> Listed:
    number = numbers.get(fact.root_id, str(fact.root_id))
    url = reverse("admin:desk-complaint", args=[number]) if fact.root_id in opened else ""
    cells = tuple((title_of(name), name_of(name, str(getattr(fact, name)))) for name in shown_of(metric))
    return Listed(fact, number, url, cells, value_in(metric, part, fact, moment=moment))


def shown_of(metric: Metric) -> list[str]:
    return [*SHOWN[metric.family.of], *metric.family.own]


def heads_of(metric: Metric) -> list[str]:
    return [title_of(name) for name in shown_of(metric)]


def has_value(metric: Metric, part: Part) -> bool:
    """Whether the rows of a figure have values, or are only counted."""
    return bool(part.sum) or is_timed(metric) or metric.unit in ("score", "points")


def is_timed(metric: Metric) -> bool:
    return bool(metric.needs.durations) or "ages" in metric.needs.more


def value_in(metric: Metric, part: Part, fact: Fact, *, moment: Moment) -> str:
    """The exact value of one row, as it was measured."""
    found = exact_value(metric, part, fact, moment=moment)
    if found is None:
        return "–"
    if part.sum:
        return _write(part, found / 1000 if part.sum == "ms" else found)
    if waiting_of(metric, part, fact):
        return f"≥ {SECONDS.write(found)}"
    return SECONDS.write(found) if is_timed(metric) else str(found)


def waiting_of(metric: Metric, part: Part, fact: Fact) -> Waiting | None:
    """How the duration that a figure shows goes on for this row, if it does."""
    return next((each for each in _waits_of(metric, part) if getattr(fact, each.flag)), None)


def _waits_of(metric: Metric, part: Part) -> list[Waiting]:
    """Which durations of a list may go on; none where it shows none."""
    return [each for each in WAITING.get(metric.family.name, ()) if not part.sum and each.duration in metric.needs.durations]


def _write(part: Part, value: float) -> str:
    if part.sum == "share":
        return PERCENT.write(value / 100)
    return YUAN.write(value) if part.sum == "fen" else SECONDS.write(value)


def exact_value(metric: Metric, part: Part, fact: Fact, *, moment: Moment) -> int | None:
    """What one row gives to the sum, its seconds or points; nothing where a figure only counts."""
    if part.sum:
        return getattr(fact, part.flag)
    if "ages" in metric.needs.more:
        return seconds(fact.began_at, moment.until)
    if waiting := waiting_of(metric, part, fact):
        return seconds(getattr(fact, waiting.since), moment.as_of)
    if metric.needs.durations:
        return getattr(fact, metric.needs.durations[0])
    return getattr(fact, "score", None)


def _numbers(metric: Metric, facts: list[Fact]) -> dict[int, str]:
    """Numbers of the complaints; the rows of orders, of readings and of imported logs have none."""
    roots = {fact.root_id for fact in facts if fact.source == 0} if metric.family.of == COMPLAINTS else set()
    return numbers_of(roots)


def backlog_rows(choice: Choice, *, at: datetime, bar: int | None) -> QuerySet[Cycle]:
    """What is open, or what of it lies in one bar of ages."""
    rows = open_cycles(at, filters=choice.filters, source=choice.source, is_now=True)
    if bar is None:
        return rows
    low, high = BARS[bar]
    rows = rows.filter(began_at__lte=at - timedelta(days=low))
    return rows if high is None else rows.filter(began_at__gt=at - timedelta(days=high))


def sheet_of_list(metric: Metric, part: Part, facts: QuerySet[Fact], notes: tuple[str, ...], *, moment: Moment) -> Sheet:
    """The whole list as a file, read row by row."""
    value = Column(_("Seconds"), Kind.INT) if is_timed(metric) and part.sum in ("", "s") else Column(_("Value"), Kind.INT)
    goes_on = [Column(_("Goes on"))] if _waits_of(metric, part) else []
    columns = (Column(_("Number")), Column(_("Day"), Kind.DATE), *(Column(head) for head in heads_of(metric)), value, *goes_on)
    about = ((_("Definition"), f"{metric.key}: {metric.formula}"), (_("Part"), str(part.name)), *((_("Note"), note) for note in notes))
    return Sheet(f"{metric.name} – {part.name}", columns, _rows(metric, part, facts.order_by(*ORDER), moment), about)


def _rows(metric: Metric, part: Part, facts: QuerySet[Fact], moment: Moment) -> Iterator[list[Any]]:
    batch: list[Fact] = []
    call = cache(name_of)  # the same names come again and again
    for fact in facts.iterator(chunk_size=2000):
        batch.append(fact)
        if len(batch) == 1000:
            yield from _cells(metric, part, batch, moment, call)
            batch = []
    yield from _cells(metric, part, batch, moment, call)


def _cells(metric: Metric, part: Part, batch: list[Fact], moment: Moment, call: Callable[[str, str], str]) -> Iterator[list[Any]]:
    numbers, shown, goes_on_at_all = _numbers(metric, batch), shown_of(metric), _waits_of(metric, part)
    for fact in batch:
        named = [call(name, str(getattr(fact, name))) for name in shown]
        value = exact_value(metric, part, fact, moment=moment)
        goes_on = ["≥" if waiting_of(metric, part, fact) else ""] if goes_on_at_all else []
        yield [numbers.get(fact.root_id, str(fact.root_id)), fact.day, *named, value, *goes_on]
