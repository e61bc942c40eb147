"""A statement that a person downloaded, as refunds; or every reason why it cannot be read, with the number of the line."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from django.utils.translation import gettext_lazy as _

from foundation.exceptions import Reason
from workflows.reconciling.dialects import DIALECTS, Dialect, Total, minor_in, moment_of
from workflows.reconciling.listed import Listed, day_of, judge_kind, merge_lines

MOST_BYTES = 20_000_000
MOST_LINES = 200_000
MOST_SHOWN = 20
LONGEST_KEY, LONGEST_REF, LONGEST_KIND = 64, 80, 40
CURRENCY = re.compile(r"[A-Z]{3}")
QUOTED = 40

EMPTY = Reason("empty", _("The file is empty."), _("Download the statement again."))
TOO_BIG = Reason("too_big", _("The file is too big: at most 20 MB."), _("Download one day only."))
TOO_LONG = Reason("too_long", _("The file has too many lines."), _("Download one day only."))
PACKED = Reason("packed", _("The file is packed."), _("Unpack it and choose the CSV file in it."))
NOT_TEXT = Reason("not_text", _("The file is not a text file."), _("Choose the CSV file as it was downloaded."))
NO_HEADING = Reason(
    "no_heading", _("No heading of this provider was found in the file."), _("Check the provider, and choose the list of refunds.")
)
NO_TOTAL = Reason("no_total", _("The file ends before its total line, so it is not whole."), _("Download it again."))
OTHER_DAY = Reason("other_day", _("No refund in this file is of the chosen day."), _("Check the day."))


class UnreadableStatementError(Exception):
    """Nothing of the file was taken in; ``reasons`` are in the order of the file."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = list(reasons)


@dataclass
class Reading:
    """A file on the way from rows to refunds."""

    dialect: Dialect
    gateway: str
    refunds: list[Listed] = field(default_factory=list)
    row_count: int = 0
    refund_count: int = 0
    sum_minor: int = 0
    total: Total | None = None
    faults: list[Reason] = field(default_factory=list)


@dataclass(frozen=True)
class StatementFile:
    """A whole, readable statement."""

    lines: list[Listed]
    has_total: bool
    digest: str


def read_statement(gateway: str, raw: bytes, *, day: date) -> StatementFile:
    """Read a file of one provider and day. Raises ``UnreadableStatementError`` with every reason at once."""
    reading = Reading(DIALECTS[gateway], gateway)
    try:
        _read_rows(reading, decode(raw))
    except csv.Error:
        reading.faults.append(NOT_TEXT)
    faults = reading.faults[:MOST_SHOWN] or list(_against_whole(reading, day))
    if faults:
        raise UnreadableStatementError(*faults)
    has_total = reading.total is not None and reading.total.count is not None
    return StatementFile(merge_lines(reading.refunds), has_total, hashlib.sha256(raw).hexdigest())


def decode(raw: bytes) -> str:
    """The text of a file in UTF-8, with or without its mark, or GB18030."""
    if not raw.strip():
        raise UnreadableStatementError(EMPTY)
    if len(raw) > MOST_BYTES:
        raise UnreadableStatementError(TOO_BIG)
    if raw.startswith((b"PK\x03\x04", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")):
        raise UnreadableStatementError(PACKED)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnreadableStatementError(NOT_TEXT)


def _read_rows(reading: Reading, text: str) -> None:
    """Look for the heading, then read what is under it; a second heading belongs to the total."""
    rows = csv.reader(io.StringIO(text, newline=""))
    places: dict[str, int] | None = None
    heading: list[str] = []
    for row in islice(rows, MOST_LINES + 1):
        cells = [clean_cell(cell) for cell in row]
        if not any(cells):
            continue
        if places is None:
            places = find_places(reading.dialect, cells)
            continue
        if total := _total_in(reading, cells, heading):
            reading.total = _joined(reading.total, total)
        elif reading.dialect.comment and cells[0].startswith(reading.dialect.comment):
            continue
        elif cells[0].startswith("总"):  # the heading of a total
            heading = cells
        elif reading.total is None:
            _read_row(reading, rows.line_num, {name: cells[place] if place < len(cells) else None for name, place in places.items()})
    if places is None:
        reading.faults.append(NO_HEADING)
    if next(rows, None) is not None:
        reading.faults.append(TOO_LONG)


def clean_cell(cell: str) -> str:
    """A cell without what providers put around it so that a spreadsheet does not spoil it."""
    return cell.strip("\ufeff \t\r\n").lstrip("`").strip()


def find_places(dialect: Dialect, cells: list[str]) -> dict[str, int] | None:
    """Where each field stands, if this row is the heading."""
    names = {cell.lower(): place for place, cell in reversed(list(enumerate(cells)))}
    places = {name: next((names[each] for each in known if each in names), None) for name, known in dialect.columns.items()}
    found = {name: place for name, place in places.items() if place is not None}
    return found if set(dialect.needed) <= found.keys() else None


def _total_in(reading: Reading, cells: list[str], heading: list[str]) -> Total | None:
    try:
        return reading.dialect.read_total(cells, heading)
    except ValueError:
        return None


def _joined(known: Total | None, new: Total) -> Total:
    return new if known is None or new.count is not None else known


def _read_row(reading: Reading, line: int, cells: Mapping[str, str | None]) -> None:
    """Take one row, or note what is wrong with it."""
    reading.row_count += 1
    if None in cells.values():
        reading.faults.append(fault_in(line, _("it has too few columns")))
        return
    if not reading.dialect.is_refund(cells):
        return
    faults = list(_faults_of(reading.dialect, line, cells))
    reading.faults.extend(faults)
    if not faults:
        refund = judge_kind(reading.gateway, _listed(reading.dialect, line, cells))
        reading.refunds.append(refund)
        reading.refund_count += 1
        reading.sum_minor += _counted(reading.dialect, cells, refund)


def _listed(dialect: Dialect, line: int, cells: Mapping[str, str]) -> Listed:
    currency = currency_of(dialect, cells)
    return Listed(
        position=line,
        out_refund_no=cells["key"] or cells.get("own", ""),
        amount_minor=minor_in(cells["amount"], currency),
        currency=currency,
        at=moment_of(time_of(cells), dialect.zone),
        kind=cells.get("kind", "")[:LONGEST_KIND],
        payment_ref=cells.get("payment", "")[:LONGEST_REF],
    )


def _counted(dialect: Dialect, cells: Mapping[str, str], refund: Listed) -> int:
    """What the total line counts of a row: some providers add up what the shop paid, not what the customer got."""
    if dialect.total_of in cells and dialect.total_of != "amount":
        return abs(minor_in(cells[dialect.total_of], refund.currency))
    return refund.amount_minor


def currency_of(dialect: Dialect, cells: Mapping[str, str]) -> str:
    return (cells.get("currency") or dialect.currency).upper()


def time_of(cells: Mapping[str, str]) -> str:
    return cells["at"] or cells.get("later", "")


def _faults_of(dialect: Dialect, line: int, cells: Mapping[str, str]) -> Iterator[Reason]:
    key, currency = cells["key"] or cells.get("own", ""), currency_of(dialect, cells)
    if not key.isprintable() or len(key) > LONGEST_KEY:
        yield fault_in(line, _("the refund number cannot be read"), key)
    if not CURRENCY.fullmatch(currency):
        yield fault_in(line, _("the currency cannot be read"), currency)
    amounts = [cells["amount"], *([cells[dialect.total_of]] if dialect.total_of in cells else [])]
    for amount in dict.fromkeys(amounts):
        try:
            minor_in(amount, currency)
        except ValueError:
            yield fault_in(line, _("the amount cannot be read"), amount)
    try:
        moment_of(time_of(cells), dialect.zone)
    except ValueError:
        yield fault_in(line, _("the time cannot be read"), time_of(cells))


def fault_in(line: int, what: str, cell: str = "") -> Reason:
    """Line numbers are those that a text editor shows."""
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in cell[:QUOTED])
    values = {"line": line, "what": what, "cell": shown}
    return Reason("bad_line", (_("Line %(line)d: %(what)s: “%(cell)s”.") if shown else _("Line %(line)d: %(what)s.")) % values)


def _against_whole(reading: Reading, day: date) -> Iterator[Reason]:
    """Is this all of the day, and of the day at all?"""
    if reading.dialect.has_end and reading.total is None:
        yield NO_TOTAL
    elif reading.total is not None:
        yield from _against_total(reading, reading.total)
    if reading.refunds and all(day_of(line.at) != day for line in reading.refunds):
        yield OTHER_DAY


def _against_total(reading: Reading, total: Total) -> Iterator[Reason]:
    count = reading.refund_count if total.is_of_refunds else reading.row_count
    again = _("Download it again.")
    if total.count is not None and total.count != count:
        text = _("The total line speaks of %(said)d lines, the file has %(found)d. It is not whole.") % {
            "said": total.count,
            "found": count,
        }
        yield Reason("partial", text, again)
    elif total.amount_minor is not None and abs(total.amount_minor) != abs(reading.sum_minor):
        yield Reason("partial_sum", _("The lines do not add up to the total line. The file is not whole."), again)
