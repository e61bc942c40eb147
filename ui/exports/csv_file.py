"""A sheet as CSV, a line at a time."""

from collections.abc import Iterator, Sequence
from itertools import chain

from ui.exports.cells import csv_lines, guard_cell
from ui.exports.sheets import Sheet, head_of, plain


def write_csv(sheet: Sheet) -> Iterator[str]:
    """The lines of the file: head, rows, an empty record, then the notes; every record has as many fields as there are columns."""
    width = max(len(sheet.columns), 2)
    head = [guard_cell(head_of(column)) for column in sheet.columns]
    records = chain([head], _records(sheet), [[]] if sheet.notes else [], (list(map(guard_cell, note)) for note in sheet.notes))
    return csv_lines(_padded(record, width) for record in records)


def _records(sheet: Sheet) -> Iterator[list[str]]:
    for row in sheet.rows:
        yield [plain(value, column, sheet.zone) for value, column in zip(row, sheet.columns, strict=True)]


def _padded(record: Sequence[str], width: int) -> list[str]:
    return [*record, *[""] * (width - len(record))]
