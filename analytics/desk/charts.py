"""Charts of the boards: what each asks, and the figure that it draws from the answers."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from analytics.desk.changes import changes_between
from analytics.desk.choice import Choice
from analytics.desk.links import list_url
from analytics.desk.names import WEEKDAYS, name_of, title_of
from analytics.desk.words import basis_of, say_interval, say_n, unit_of, value_of
from analytics.metrics.asking import Asked, Key
from analytics.metrics.questions import Span
from analytics.metrics.registry import Metric, metric
from analytics.metrics.results import Result
from ui.charts.figures import Bars, Figure, Flag, Heat, Mark, Pareto, Row, Series, Slot, Trend
from ui.charts.units import COUNT, SHARES

Answers = Sequence[dict[tuple[int, Key], Result]]
DAILY, WEEKLY = 92, 731
FORTNIGHT = 14


@dataclass(frozen=True)
class Context:
    """What every chart of a page is drawn with."""

    choice: Choice
    notes: tuple[str, ...]
    remarks: dict[Any, str] = field(default_factory=dict)
    changes: dict[str, list[date]] = field(default_factory=dict)


@dataclass(frozen=True)
class Chart:
    """One chart. ``ids`` are the definitions that it shows; a chart that no chosen filter can limit is left out."""

    key: str
    title: Any
    ids: tuple[str, ...]

    @property
    def metrics(self) -> list[Metric]:
        return [metric(each) for each in self.ids]

    def asks(self, choice: Choice) -> list[Asked]:
        return [Asked(each, self.spans(choice), choice.filters, self.split, choice.source) for each in self.metrics]

    def spans(self, choice: Choice) -> tuple[Span, ...]:
        return (choice.span,)

    @property
    def split(self) -> tuple[str, ...]:
        return ()

    def draw(self, context: Context, answers: Answers) -> Figure:
        raise NotImplementedError

    def about(self, context: Context) -> dict[str, Any]:
        """What every figure says of itself."""
        first = self.metrics[0]
        notes = (*context.notes, *(each.key for each in self.metrics))
        return {"key": self.key, "title": str(self.title), "basis": basis_of(first), "notes": notes, "unit": unit_of(first)}


@dataclass(frozen=True)
class OverTime(Chart):
    """A line for each definition: by day, by week where there are more than 92 days, by month beyond two years.

    Where few complaints come, what takes many to say (a share, a median) is told by the week too.
    """

    def spans(self, choice: Choice) -> tuple[Span, ...]:
        needs_many = self.metrics[0].unit not in ("count", "fen")
        return tuple(steps_of(choice.span, is_quiet=needs_many and choice.is_quiet))

    def draw(self, context: Context, answers: Answers) -> Figure:
        spans = self.spans(context.choice)
        slots = tuple(Slot(_short(span), _long(span)) for span in spans)
        series = [
            Series(str(one.name), tuple(_timed(one, context.choice, span, found[place, ()]) for place, span in enumerate(spans)))
            for one, found in zip(self.metrics, answers, strict=True)
        ]
        flags = [
            Flag(place, text) for place, span in enumerate(spans) for day, text in context.remarks.items() if span.first <= day <= span.last
        ]
        changes = changes_between(spans, (day for key in self.ids for day in context.changes.get(key, ())))
        is_counted = any(result.n for found in answers for result in found.values())
        why = _("Too few for percentages and medians: choose more days") if is_counted else ""
        return Trend(
            **self.about(context),
            why_empty=why,
            slots=slots,
            series=tuple(series),
            slot_title=_("Day"),
            flags=tuple(flags),
            changes=changes,
        )


@dataclass(frozen=True)
class ByDimension(Chart):
    """A bar for each value of a dimension, the largest first; ``by_n`` ranks by how many there are instead of by the value."""

    dimension: str = ""
    most: int = 12
    by_n: bool = False

    @property
    def split(self) -> tuple[str, ...]:
        return (self.dimension,)

    def draw(self, context: Context, answers: Answers) -> Figure:
        one, found = self.metrics[0], answers[0]
        ranked = sorted(found.items(), key=lambda each: (-self._weight(one, each[1]), -each[1].n, each[0]))
        rows = tuple(Row(self._name(key[0]), self._mark(one, context, key[0], result)) for (_place, key), result in ranked)
        return Bars(**self.about(context), rows=rows[: self.most], row_title=title_of(self.dimension))

    def _name(self, value: str) -> str:
        return capfirst(name_of(self.dimension, value))

    def _weight(self, one: Metric, result: Result) -> float:
        return result.n if self.by_n else value_of(one, result) or 0

    def _mark(self, one: Metric, context: Context, value: str, result: Result) -> Mark:
        url = list_url(one, context.choice, values={self.dimension: value})
        return _mark(one, result, url)


@dataclass(frozen=True)
class Crossed(Chart):
    """A table of two dimensions, tinted."""

    down: str = ""
    across: str = ""
    most: int = 14

    @property
    def split(self) -> tuple[str, ...]:
        return (self.down, self.across)

    def draw(self, context: Context, answers: Answers) -> Figure:
        one, found = self.metrics[0], {key: result for (_place, key), result in answers[0].items()}
        down = _largest(found, 0)[: self.most]
        across = sorted({key[1] for key in found})
        cells = tuple(tuple(self._cell(one, context, found, row, column) for column in across) for row in down)
        return Heat(
            **self.about(context),
            rows=tuple(name_of(self.down, value) for value in down),
            columns=tuple(Slot(name_of(self.across, value)) for value in across),
            cells=cells,
            row_title=title_of(self.down),
            column_title=title_of(self.across),
        )

    def _cell(self, one: Metric, context: Context, found: dict[Key, Result], row: str, column: str) -> Mark:
        result = found.get((row, column))
        if result is None:
            return Mark(None)
        return _mark(one, result, list_url(one, context.choice, values={self.down: row, self.across: column}))


@dataclass(frozen=True)
class WeekHours(Chart):
    """How many by weekday and hour, the days of a period added up."""

    @property
    def split(self) -> tuple[str, ...]:
        return ("weekday", "hour")

    def draw(self, context: Context, answers: Answers) -> Figure:
        found = {key: result.n for (_place, key), result in answers[0].items()}
        cells = tuple(tuple(self._cell(context, str(day), str(hour), found) for hour in range(24)) for day in range(1, 8))
        columns = tuple(Slot(f"{hour:02d}", f"{hour:02d}:00") for hour in range(24))
        about = self.about(context) | {"unit": COUNT}
        return Heat(**about, rows=tuple(map(str, WEEKDAYS)), columns=columns, cells=cells, row_title=_("Weekday"), column_title=_("Hour"))

    def _cell(self, context: Context, day: str, hour: str, found: dict[Key, int]) -> Mark:
        number = found.get((day, hour), 0)
        return Mark(number, list_url(self.metrics[0], context.choice, values={"weekday": day, "hour": hour}) if number else "")


@dataclass(frozen=True)
class Causes(Chart):
    """Reasons by weight: how many, what they cost, or how much work they took."""

    weight: str = "last"

    @property
    def split(self) -> tuple[str, ...]:
        return ("reason",)

    def draw(self, context: Context, answers: Answers) -> Figure:
        one = self.metrics[0]
        rows = sorted(((result.value or 0, key[0]) for (_place, key), result in answers[0].items()), key=lambda row: (-row[0], row[1]))
        shown = [
            Row(capfirst(name_of("reason", reason)), Mark(_scaled(one, value), list_url(one, context.choice, values={"reason": reason})))
            for value, reason in rows
            if value
        ]
        return Pareto(**self.about(context), rows=tuple(shown), row_title=title_of("reason"))


@dataclass(frozen=True)
class Shared(Chart):
    """What every complaint is shared out among: a bar for each summed part of a figure, in the unit of the sum."""

    row_title: Any = ""

    def shares(self, context: Context, answers: Answers) -> list[Row]:
        one, result = self.metrics[0], answers[0][0, ()]
        found = [(part, part.value_of(result.beside[part.flag].value or 0, result.n)) for part in one.summed]
        return [Row(capfirst(str(part.name)), Mark(value, list_url(one, context.choice, part=part.flag))) for part, value in found if value]


@dataclass(frozen=True)
class Liability(Shared):
    """Who was liable: each complaint is shared out in percent, so the bars add up to the complaints."""

    def draw(self, context: Context, answers: Answers) -> Figure:
        rows = sorted(self.shares(context, answers), key=lambda row: (-row.mark.value, row.label))
        return Pareto(**self.about(context) | {"unit": SHARES}, rows=tuple(rows), row_title=str(self.row_title))


@dataclass(frozen=True)
class WaitedFor(Shared):
    """How the time to resolution is shared out among those it waited for."""

    def draw(self, context: Context, answers: Answers) -> Figure:
        return Bars(**self.about(context), rows=tuple(self.shares(context, answers)), row_title=str(self.row_title))


def steps_of(span: Span, *, is_quiet: bool = False) -> Iterable[Span]:
    """The slots of a curve: days, weeks from Monday, or months, the first and the last cut off where the span begins and ends."""
    end_of_step = _step_for(span.days, FORTNIGHT if is_quiet else DAILY)
    first = span.first
    while first <= span.last:
        last = min(end_of_step(first), span.last)
        yield Span(first, last)
        first = last + timedelta(1)


def _step_for(days: int, most_daily: int) -> Callable[[date], date]:
    """From the first day of a slot to its last."""
    if days <= most_daily:
        return lambda first: first
    if days <= WEEKLY:
        return lambda first: first + timedelta(6 - first.weekday())
    return lambda first: (first.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)


def _short(span: Span) -> str:
    return date_format(span.first, "m-d") if span.days < 28 else date_format(span.first, "Y-m")


def _long(span: Span) -> str:
    first = date_format(span.first, "Y-m-d")
    return first if span.days == 1 else _("%(first)s to %(last)s") % {"first": first, "last": date_format(span.last, "Y-m-d")}


def _timed(one: Metric, choice: Choice, span: Span, result: Result) -> Mark:
    return _mark(one, result, list_url(one, choice, span=span))


def _mark(one: Metric, result: Result, url: str) -> Mark:
    value = value_of(one, result)
    note = "" if one.unit == "count" else say_n(result)
    interval = say_interval(one, result)
    return Mark(
        value,
        url if result.n else "",
        ", ".join(filter(None, [note, interval if one.unit == "share" else ""])),
        result.low if one.unit == "share" and value is not None else None,
        result.high if one.unit == "share" and value is not None else None,
        is_provisional=result.provisional,
        is_at_least=result.lower_bound,
    )


def _scaled(one: Metric, value: float) -> float:
    return value / 1000 if one.unit == "ms" else value


def _largest(found: dict[Key, Result], place: int) -> list[str]:
    numbers: dict[str, int] = defaultdict(int)
    for key, result in found.items():
        numbers[key[place]] += result.n
    return sorted(numbers, key=lambda value: (-numbers[value], value))
