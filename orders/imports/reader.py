"""CSV files as people really send them: any of a few encodings, quoted newlines, broken rows; each record knows its true line."""

import codecs
import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from .findings import Findings, quote
from .profile import Profile, Source

LARGEST_CELL = 100_000
LARGEST_FIELD = 256 * 1024 * 1024
LONGEST_RECORD = 1000
BYTE_ORDER_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a file: where it begins and what its columns hold, without surrounding spaces."""

    file: str
    line: int
    cells: Mapping[str, str]


def read_records(folder: Path, source: Source, profile: Profile, findings: Findings) -> Iterator[Record]:
    """Records of a file that can be read at all; whatever cannot is a finding, and the next row follows."""
    path = folder / source.file
    if not path.is_file():
        if source.is_required:
            findings.reject(source.file, 0, "missing_file", _("The file is missing."))
        return
    encoding = find_encoding(path, profile.encodings)
    if encoding is None:
        findings.odd(
            source.file, 0, "bad_encoding", _("The file is in none of the encodings of the profile; unreadable rows are left out.")
        )
    with path.open(encoding=encoding or profile.encodings[0], errors="strict" if encoding else "replace", newline="") as stream:
        csv.field_size_limit(LARGEST_FIELD)
        rows = csv.reader(stream, delimiter=profile.delimiter)
        header = _read_header(rows, source, profile, findings)
        if header:
            yield from _read_rows(rows, header, source, findings)


def find_encoding(path: Path, encodings: tuple[str, ...]) -> str | None:
    """The first encoding in which the whole file can be read."""
    with path.open("rb") as stream:
        marked = BYTE_ORDER_MARKS.get(stream.read(2))
    candidates = (marked,) if marked else encodings
    return next((encoding for encoding in candidates if _is_readable(path, encoding)), None)


def _is_readable(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _read_header(rows, source: Source, profile: Profile, findings: Findings) -> list[str]:
    header = [cell.strip().lstrip("\ufeff") for cell in next(rows, [])]
    needed = profile.needed_columns(source.file)
    missing = sorted(needed - set(header))
    if missing:
        text = _("Columns are missing: %(missing)s. The file has: %(header)s.")
        findings.reject(source.file, 1, "missing_column", text % {"missing": ", ".join(missing), "header": ", ".join(header)[:200]})
        return []
    for name in sorted({name for name in header if header.count(name) > 1}):
        text = _("The column %(name)s comes twice; the last one counts.")
        findings.odd(source.file, 1, "repeated_column", text % {"name": quote(name)})
    for name in sorted(set(header) - needed - profile.ignored_columns(source.file)):
        text = _("The column %(name)s is not in the profile and is left out.")
        findings.odd(source.file, 1, "unknown_column", text % {"name": quote(name)})
    return header


def _read_rows(rows, header: list[str], source: Source, findings: Findings) -> Iterator[Record]:
    for line, row, fault in iterate_rows(rows, len(header)):
        if fault:
            findings.reject(source.file, line, *fault)
        else:
            yield Record(source.file, line, dict(zip(header, (cell.strip() for cell in row), strict=True)))


def iterate_rows(rows, width: int) -> Iterator[tuple[int, list[str], tuple[str, str] | None]]:
    """Rows of a CSV reader that hold anything, each with the line on which it begins and, if broken, a code and a sentence why."""
    line = rows.line_num + 1
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except (csv.Error, UnicodeError) as error:
            yield line, [], ("unreadable", _("The row cannot be read: %(error)s.") % {"error": error})
            line = rows.line_num + 1
            continue
        fault = _row_fault(row, width, rows.line_num - line)
        if fault or any(row):
            yield line, row, fault
        line = rows.line_num + 1


def _row_fault(row: list[str], width: int, lines: int) -> tuple[str, str] | None:
    if lines > LONGEST_RECORD:
        return "open_quote", _("A quotation mark is opened here and closed %(lines)d lines later or never.") % {"lines": lines}
    if any(len(cell) > LARGEST_CELL for cell in row):
        return "too_long", _("A cell is longer than %(longest)d characters.") % {"longest": LARGEST_CELL}
    if row and len(row) != width:
        return "wrong_width", _("The row has %(found)d cells, the header %(expected)d.") % {"found": len(row), "expected": width}
    if any("\ufffd" in cell for cell in row):
        return "bad_encoding", _("The row contains bytes that cannot be read.")
    return None
