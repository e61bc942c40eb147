"""CSV files: one row for each event, or one row for each case with a column for each moment."""

import csv
from collections.abc import Iterator
from io import TextIOWrapper

from orders.imports.reader import LARGEST_FIELD, find_encoding, iterate_rows

from .mapping import Mapping, MappingError
from .records import CLASSIFIED, LogError, LogFile, Record

DELIMITERS = ",;\t|"


def read_table(file: LogFile, mapping: Mapping) -> Iterator[Record]:
    """The rows of a file under the names of its header; a row that is broken has its fault."""
    if file.is_packed:
        raise LogError("A packed file can only be in XES; unpack it first.")
    encoding = find_encoding(file.path, mapping.encodings)
    errors = "strict" if encoding else "replace"
    text = TextIOWrapper(file.stream, encoding=encoding or mapping.encodings[0], errors=errors, newline="")
    try:
        yield from _read_rows(text, mapping)
    finally:
        text.detach()  # the file is closed by whoever opened it


def _read_rows(text: TextIOWrapper, mapping: Mapping) -> Iterator[Record]:
    csv.field_size_limit(LARGEST_FIELD)
    rows = csv.reader(text, delimiter=mapping.delimiter or _find_delimiter(text))
    header = [cell.strip().lstrip("\ufeff") for cell in next(rows, [])]
    _require_columns(header, mapping)
    places = [(place, name) for place, name in enumerate(header) if name in mapping.wanted]
    parts = mapping.classifier if isinstance(mapping.classifier, tuple) else ()
    for line, row, fault in iterate_rows(rows, len(header)):
        cells = {} if fault else {name: row[place].strip().replace("\x00", "") for place, name in places}
        if cells and parts:
            cells[CLASSIFIED] = "+".join(cells.get(part, "") for part in parts)
        yield Record(line, cells, fault=fault[0] if fault else "")


def _find_delimiter(text: TextIOWrapper) -> str:
    """What parts the columns of the header."""
    header = text.readline()
    text.seek(0)
    return max(DELIMITERS, key=header.count)


def _require_columns(header: list[str], mapping: Mapping) -> None:
    """Refuse a file without what every event needs: its case, what happened, and when."""
    needed = [mapping.columns["case"]]
    if mapping.moments:
        needed += [tuple(each.column for each in mapping.moments)]
    else:
        needed += [mapping.columns["time"], mapping.classifier or mapping.columns["activity"]]
    for names in needed:
        if not set(names) & set(header):
            raise MappingError(f"No column is called {' or '.join(names)}. The file has: {', '.join(header)[:400]}.")
