"""A sheet: what an export holds, whatever file it becomes. CSV and workbooks are written from the same one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Any

from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from ui.exports.cells import amount_in, guard_cell


class Kind(StrEnum):
    """What the values of a column are; ``None`` is an empty cell of any kind."""

    TEXT = "text"
    INT = "int"
    DECIMAL = "decimal"
    PERCENT = "percent"  # a fraction: 0.765 is 76.5 %
    DURATION = "duration"  # seconds
    MONEY = "money"  # integer minor units
    DATE = "date"
    DATETIME = "datetime"  # aware


@dataclass(frozen=True, slots=True)
class Column:
    """A column and the kind of its values; ``currency`` is that of money."""

    title: str
    kind: Kind = Kind.TEXT
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class Sheet:
    """``rows`` is read once, from beginning to end, in the order of the columns.

    ``notes`` are pairs of a name and a text: definitions, filters, n, as-of. Titles and notes are in the reader's language already,
    because the file is written when the request, and with it the language, is over. ``zone`` is that of its times.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Any]]
    notes: tuple[tuple[str, str], ...] = ()
    zone: tzinfo | None = None

    def __post_init__(self) -> None:
        if self.zone is None:
            object.__setattr__(self, "zone", get_current_timezone())


def head_of(column: Column) -> str:
    """The title of a column with its unit, where the cells are bare numbers."""
    units = {Kind.PERCENT: "%", Kind.DURATION: _("seconds"), Kind.MONEY: column.currency}
    unit = units.get(column.kind)
    return _("%(title)s (%(unit)s)") % {"title": column.title, "unit": unit} if unit else column.title


def plain(value: Any, column: Column, zone: tzinfo) -> str:
    """A value as a bare number, a date or guarded text: what a CSV holds."""
    if value is None:
        return ""
    return PLAIN[column.kind](value, column, zone)


def _percent(value: float) -> str:
    return f"{round(value * 100, 6):.6f}".rstrip("0").rstrip(".")


def _write_day(value: date, *_rest) -> str:
    return value.isoformat()


def _write_time(value: datetime, _column: Column, zone: tzinfo) -> str:
    return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


PLAIN = {
    Kind.TEXT: lambda value, *_rest: guard_cell(str(value)),
    Kind.INT: lambda value, *_rest: str(int(value)),
    Kind.DECIMAL: lambda value, *_rest: str(value),
    Kind.PERCENT: lambda value, *_rest: _percent(value),
    Kind.DURATION: lambda value, *_rest: str(value),
    Kind.MONEY: lambda value, column, _zone: str(amount_in(value, column.currency)),
    Kind.DATE: _write_day,
    Kind.DATETIME: _write_time,
}
