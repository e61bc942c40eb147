"""A figure as a sheet: the numbers of its table as typed cells, and what is said about them in columns of their own."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ui.charts.figures import Figure
from ui.charts.tables import Cell, Head, Table, table_of
from ui.charts.units import Unit
from ui.exports.sheets import Column, Kind, Sheet


def sheet_of(figure: Figure) -> Sheet:
    """The sheet of a figure; its notes are those of the figure, after the cohort line."""
    table = table_of(figure)
    remarked = {place for row in table.rows for place, cell in enumerate(row) if cell.remark}
    columns = [column for place, head in enumerate(table.head) for column in _columns(head, place in remarked)]
    notes = [(pgettext("figures", "Basis"), figure.basis), *((_("Note"), note) for note in figure.notes)]
    return Sheet(figure.title, tuple(columns), _rows(table, remarked), tuple(note for note in notes if note[1]))


def _columns(head: Head, is_remarked: bool) -> Iterator[Column]:
    yield _column(head.text, head.unit)
    if is_remarked:
        yield Column(_("%(column)s: remarks") % {"column": head.text})


def _column(title: str, unit: Unit | None) -> Column:
    if unit is None:
        return Column(title)
    return Column(title, Kind(unit.kind), getattr(unit, "currency", "CNY"))


def _rows(table: Table, remarked: set[int]) -> list[list[Any]]:
    return [
        [value for place, cell in enumerate(row) for value in _values(cell, table.head[place], place in remarked)] for row in table.rows
    ]


def _values(cell: Cell, head: Head, is_remarked: bool) -> Iterator[Any]:
    whole = head.unit is not None and head.unit.kind in ("int", "money")
    yield cell.text if head.unit is None else round(cell.value) if whole and cell.value is not None else cell.value
    if is_remarked:
        yield cell.remark
