"""The numbers of a figure in rows and columns, and each mark in words. What a mark says is what its cell says."""

from dataclasses import dataclass
from functools import singledispatch

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ui.charts.figures import Bars, Bin, Figure, Heat, Histogram, Mark, Pareto, Slotted, Spark
from ui.charts.units import PERCENT, Unit

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its words; for spreadsheets the value behind them, and in ``remark`` what the words say beside it."""

    text: str
    value: float | None = None
    url: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The name of a column, and the unit of its values; None where it holds words."""

    text: str
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A figure as a table; the first cell of each row is its name."""

    head: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]


def write(mark: Mark, unit: Unit) -> str:
    """A value in words, with the sign of a lower bound."""
    if mark.value is None:
        return NOTHING
    written = unit.write(mark.value)
    return _("≥ %(value)s") % {"value": written} if mark.is_at_least else written


def say(mark: Mark, unit: Unit) -> str:
    """A value with everything that belongs to it: its interval, its note, and whether it may still change."""
    return " · ".join(part for part in (write(mark, unit), remark(mark, unit)) if part)


def remark(mark: Mark, unit: Unit) -> str:
    """What is said about a value beside it."""
    return " · ".join(part for part in (interval(mark, unit), mark.note, _provisional(mark)) if part)


def name(label: str, mark: Mark, unit: Unit) -> str:
    """The accessible name of a mark: what it stands for, and what it says."""
    return _("%(label)s: %(value)s") % {"label": label, "value": say(mark, unit)}


def interval(mark: Mark, unit: Unit) -> str:
    if mark.low is None or mark.high is None:
        return ""
    return _("%(low)s to %(high)s") % {"low": unit.write(mark.low), "high": unit.write(mark.high)}


def running_share() -> str:
    return _("Running share")


def bounds(each: Bin, unit: Unit) -> str:
    """What a column of a histogram holds, in words."""
    if each.high is None:
        return _("%(low)s and more") % {"low": unit.write(each.low)}
    return _("%(low)s to %(high)s") % {"low": unit.write(each.low), "high": unit.write(each.high)}


@singledispatch
def table_of(figure: Figure) -> Table:
    """The table of a figure, in the reader's language."""
    raise NotImplementedError(type(figure).__name__)


@table_of.register
def _slotted_table(figure: Slotted) -> Table:
    remarks = _remarks(figure)
    head = (Head(figure.slot_title or _("Day")), *(Head(each.label, figure.unit) for each in figure.series))
    rows = [
        (Cell(slot.full), *(_cell(each.marks[number], figure.unit) for each in figure.series)) for number, slot in enumerate(figure.slots)
    ]
    if not remarks:
        return Table(head, tuple(rows))
    marked = tuple((*row, Cell("; ".join(remarks.get(number, [])))) for number, row in enumerate(rows))
    return Table((*head, Head(_("Remarks"))), marked)


@table_of.register
def _spark_table(figure: Spark) -> Table:
    rows = zip(figure.slots, figure.line, strict=True)
    return Table(
        (Head(_("Day")), Head(figure.title, figure.unit)), tuple((Cell(slot.full), _cell(mark, figure.unit)) for slot, mark in rows)
    )


@table_of.register
def _bars_table(figure: Bars) -> Table:
    head = (Head(figure.row_title), Head(_("Value"), figure.unit))
    return Table(head, tuple((Cell(row.label), _cell(row.mark, figure.unit)) for row in figure.rows))


@table_of.register
def _pareto_table(figure: Pareto) -> Table:
    head = (Head(figure.row_title), Head(_("Value"), figure.unit), Head(running_share(), PERCENT))
    pairs = zip(figure.rows, figure.shares(), strict=True)
    return Table(head, tuple((Cell(row.label), _cell(row.mark, figure.unit), Cell(PERCENT.write(share), share)) for row, share in pairs))


@table_of.register
def _heat_table(figure: Heat) -> Table:
    head = (Head(figure.row_title), *(Head(column.full, figure.unit) for column in figure.columns))
    pairs = zip(figure.rows, figure.cells, strict=True)
    return Table(head, tuple((Cell(label), *(_cell(mark, figure.unit) for mark in marks)) for label, marks in pairs))


@table_of.register
def _histogram_table(figure: Histogram) -> Table:
    head = (Head(figure.bin_title or _("Value")), Head(pgettext("histogram", "Count"), figure.unit))
    return Table(head, tuple((Cell(bounds(each, figure.of)), _cell(each.mark, figure.unit)) for each in figure.bins))


def _cell(mark: Mark, unit: Unit) -> Cell:
    bound = _("at least") if mark.is_at_least else ""
    return Cell(say(mark, unit), mark.value, mark.url, " · ".join(part for part in (bound, remark(mark, unit)) if part))


def _provisional(mark: Mark) -> str:
    return _("provisional") if mark.is_provisional else ""


def _remarks(figure: Slotted) -> dict[int, list[str]]:
    remarks: dict[int, list[str]] = {}
    for each in figure.changes:
        remarks.setdefault(each.slot, []).append(each.label)
    for each in figure.flags:
        remarks.setdefault(each.slot, []).append(each.text)
    return remarks
