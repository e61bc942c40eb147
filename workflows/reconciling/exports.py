"""A day as a file for spreadsheets. Text stays text: no cell is ever run as a formula."""

import io
from collections.abc import Iterator

import xlsxwriter

from ui.exports.cells import amount_in, csv_lines, guard_cell
from ui.money import DIGITS
from workflows.reconciling.rows import MONEY_COLUMNS, export_head, export_rows, export_sums

CURRENCY_COLUMN = 4
WIDTHS = (14, 32, 28, 20, 9, 12, 12, 12, 16, 48, 32, 40)


def write_csv(title: list[str], lines, totals) -> Iterator[str]:
    """The file, line by line."""
    rows = (_csv_row(cells) for cells in [*export_rows(lines), *export_sums(totals)])
    return csv_lines([list(map(guard_cell, title)), export_head(), *rows])


def _csv_row(cells: list) -> list[str]:
    currency = cells[CURRENCY_COLUMN]
    return [str(amount_in(cell, currency)) if column in MONEY_COLUMNS else guard_cell(cell) for column, cell in enumerate(cells)]


def write_xlsx(title: list[str], lines, totals) -> bytes:
    """The same as a workbook: text cells are typed as text, amounts as numbers."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        for column, cell in enumerate(title):
            sheet.write_string(0, column, cell)
        for column, cell in enumerate(export_head()):
            sheet.write_string(1, column, cell, bold)
        sheet.freeze_panes(2, 0)
        formats = {digits: book.add_format({"num_format": f"0.{'0' * digits}" if digits else "0"}) for digits in (0, 2, 3)}
        for number, cells in enumerate([*export_rows(lines), *export_sums(totals)], 2):
            _write_row(sheet, number, cells, formats)
    return stream.getvalue()


def _write_row(sheet, number: int, cells: list, formats: dict) -> None:
    for column, cell in enumerate(cells):
        if column in MONEY_COLUMNS:
            currency = cells[CURRENCY_COLUMN]
            sheet.write_number(number, column, amount_in(cell, currency), formats[DIGITS.get(currency, 2)])
        else:
            sheet.write_string(number, column, cell)
