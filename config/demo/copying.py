"""Rows into tables by COPY, at any volume. What a table's fields default to is read from its model."""

import io
import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from foundation.crypto import EncryptedTextField, encrypt

encode_json = json.JSONEncoder(ensure_ascii=False).encode
FLUSH_AT = 4_000_000
NULL = "\\N"
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Table:
    """Collects the rows of one table as COPY text and sends them in large pieces.

    ``add`` takes column names. A column that is not named gets the field's default, written out once.
    """

    def __init__(self, model: type[models.Model]) -> None:
        fields = list(model._meta.concrete_fields)
        self.name = model._meta.db_table
        self.columns = [field.column for field in fields]
        self.places = {field.column: place for place, field in enumerate(fields)}
        self.writers = [_writer_of(field) for field in fields]
        self.blank = [_default_cell(field) for field in fields]
        self.rows: list[str] = []
        self.size = 0
        self.total = 0

    def add(self, **values: Any) -> None:
        cells = self.blank.copy()
        places, writers = self.places, self.writers
        for column, value in values.items():
            place = places[column]
            cells[place] = NULL if value is None else writers[place](value)
        self.push("\t".join(cells))

    def push(self, line: str) -> None:
        """Add a row whose cells are written already, in the order of the columns."""
        self.rows.append(line)
        self.size += len(line)
        if self.size > FLUSH_AT:
            self.flush()

    def flush(self) -> None:
        """Send what was collected."""
        if not self.rows:
            return
        names = ", ".join(f'"{column}"' for column in self.columns)
        text = "\n".join(self.rows) + "\n"
        with connection.cursor() as cursor:
            cursor.cursor.copy_expert(f"COPY {self.name} ({names}) FROM STDIN", io.StringIO(text))
        self.total += len(self.rows)
        self.rows, self.size = [], 0


def _writer_of(field: models.Field) -> Callable[[Any], str]:
    if isinstance(field, EncryptedTextField):
        return _write_encrypted
    for kind, writer in WRITERS.items():
        if isinstance(field, kind):
            return writer
    return str if isinstance(field, models.IntegerField | models.ForeignKey) else _write_text


def _write_text(value: str) -> str:
    return value.translate(ESCAPES) if not value.isalnum() else value


def _write_encrypted(value: str) -> str:
    return "\\\\x" + encrypt(value).hex()


def _write_json(value: Any) -> str:
    return encode_json(value).replace("\\", "\\\\")


def _write_bytes(value: bytes) -> str:
    return "\\\\x" + value.hex()


def _write_bool(value: bool) -> str:
    return "t" if value else "f"


def _write_time(value: datetime | date) -> str:
    return value.isoformat()


def _write_array(value: list[int]) -> str:
    return "{" + ",".join(map(str, value)) + "}"


WRITERS: dict[type[models.Field], Callable[[Any], str]] = {
    models.JSONField: _write_json,
    models.BinaryField: _write_bytes,
    models.UUIDField: str,
    models.BooleanField: _write_bool,
    models.DateField: _write_time,
    ArrayField: _write_array,
}


def _default_cell(field: models.Field) -> str:
    if field.primary_key or field.unique or field.default is models.NOT_PROVIDED:
        return NULL if field.null or field.primary_key or not field.empty_strings_allowed else ""
    value = field.get_default()
    return NULL if value is None else _writer_of(field)(value)
