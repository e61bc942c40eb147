"""A sheet as a workbook: typed cells, and a second sheet that says what the numbers mean."""

import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, tzinfo
from itertools import chain, islice
from typing import Any, BinaryIO

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from ui.exports.cells import amount_in
from ui.exports.sheets import Column, Kind, Sheet
from ui.money import DIGITS

MOST_ROWS = 1_048_575  # of a worksheet, without its head
LONGEST_TEXT = 32_767  # of a cell
DAY = 86_400
PIECE = 64 * 1024
# Text stays text: nothing is ever taken for a formula, an address or a number. Rows go to a file as they come, so memory stays bounded.
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
FORMATS = {
    Kind.INT: "#,##0",
    Kind.DECIMAL: "#,##0.0##",
    Kind.PERCENT: "0.0%",
    Kind.DURATION: "[h]:mm:ss",
    Kind.DATE: "yyyy-mm-dd",
    Kind.DATETIME: "yyyy-mm-dd hh:mm:ss",
}
WIDTHS = {Kind.TEXT: 24, Kind.DATE: 12, Kind.DATETIME: 20}


def stream_xlsx(sheet: Sheet) -> Iterator[bytes]:
    """The workbook in pieces. It is written to a temporary file first, for a zip archive has its list of contents at its end."""
    names = {"numbers": _("Numbers"), "about": _("About these numbers")}
    return _pieces(sheet, names)


def _pieces(sheet: Sheet, names: dict[str, str]) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        write_xlsx(sheet, file, names)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def write_xlsx(sheet: Sheet, file: BinaryIO, names: dict[str, str], *, most: int = MOST_ROWS) -> None:
    """Write a workbook; rows past the end of a worksheet go on in the next one."""
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        book.set_properties({"title": sheet.title})
        bold = book.add_format({"bold": True})
        formats = [_format(book, column) for column in sheet.columns]
        for page, rows in enumerate(_batches(sheet.rows, most), 1):
            name = names["numbers"] if page == 1 else f"{names['numbers']} {page}"
            _write_page(book.add_worksheet(name), rows, sheet, formats, bold)
        _write_about(book.add_worksheet(names["about"]), sheet, bold)


def _batches(rows: Iterable, most: int) -> Iterator[Iterable]:
    """The rows in batches of at most so many; one empty batch where there are none."""
    rows = iter(rows)
    first = list(islice(rows, 1))
    yield chain(first, islice(rows, most - 1))
    while first := list(islice(rows, 1)):
        yield chain(first, islice(rows, most - 1))


def _write_page(page: Worksheet, rows: Iterable, sheet: Sheet, formats: list, bold) -> None:
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, WIDTHS.get(column.kind, 14))
        page.write_string(0, place, column.title[:LONGEST_TEXT], bold)
    page.freeze_panes(1, 0)
    for line, row in enumerate(rows, 1):
        for place, (value, column) in enumerate(zip(row, sheet.columns, strict=True)):
            if value is not None:
                _write_cell(page, line, place, value, column, formats[place], sheet.zone)


def _write_about(page: Worksheet, sheet: Sheet, bold) -> None:
    page.set_column(0, 0, 20)
    page.set_column(1, 1, 80)
    page.write_string(0, 0, sheet.title[:LONGEST_TEXT], bold)
    for line, (name, words) in enumerate(sheet.notes, 1):
        page.write_string(line, 0, name[:LONGEST_TEXT])
        page.write_string(line, 1, words[:LONGEST_TEXT])


def _format(book: xlsxwriter.Workbook, column: Column):
    if column.kind is Kind.MONEY:
        digits = DIGITS.get(column.currency, 2)
        return book.add_format({"num_format": f"#,##0.{'0' * digits}" if digits else "#,##0"})
    return book.add_format({"num_format": FORMATS[column.kind]}) if column.kind in FORMATS else None


def _write_cell(page: Worksheet, line: int, place: int, value: Any, column: Column, form, zone: tzinfo) -> None:
    match column.kind:
        case Kind.TEXT:
            page.write_string(line, place, str(value)[:LONGEST_TEXT])
        case Kind.DATE | Kind.DATETIME:
            page.write_datetime(line, place, _naive(value, zone), form)
        case Kind.MONEY:
            page.write_number(line, place, amount_in(value, column.currency), form)
        case Kind.DURATION:
            page.write_number(line, place, value / DAY, form)
        case _:
            page.write_number(line, place, value, form)


def _naive(value: date, zone: tzinfo) -> date:
    """A moment as the clock showed it in its zone, which is all that a spreadsheet knows."""
    return value.astimezone(zone).replace(tzinfo=None) if isinstance(value, datetime) else value
