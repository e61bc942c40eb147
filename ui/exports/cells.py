"""The cells of files that spreadsheets open, and the lines of a CSV."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from ui.money import DIGITS

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\n")
BYTE_ORDER_MARK = "\ufeff"


class Line:
    """Takes one row for the csv writer and gives it back as text."""

    def write(self, text: str) -> str:
        return text


def csv_lines(records: Iterable[Sequence]) -> Iterator[str]:
    """A CSV line by line (RFC 4180), with the byte order mark without which spreadsheets misread Chinese; cells are taken as they are."""
    writer, mark = csv.writer(Line()), BYTE_ORDER_MARK
    for record in records:
        yield mark + writer.writerow(record)
        mark = ""


def guard_cell(text: str) -> str:
    """Text that a spreadsheet shows instead of running."""
    return f"'{text}" if text.startswith(FORMULA) else text


def unguard_cell(cell: str) -> str:
    """Text without the apostrophe that ``guard_cell`` put before it."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def amount_in(minor: int, currency: str) -> Decimal:
    """An amount as spreadsheets count it, exactly."""
    return Decimal(minor).scaleb(-DIGITS.get(currency, 2))
