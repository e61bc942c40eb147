"""Several writes in one round trip: a verb knows all its rows before it writes the first."""

from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault


class Batch:
    """New and changed rows, written in this order when ``run`` is called within a transaction.

    Like ``bulk_create`` it sends no signals. A new row without a key gets one from the table, but does not learn it: rows that
    others name take theirs from ``take_ids``.
    """

    def __init__(self) -> None:
        self._statements: list[str] = []
        self._values: list[Any] = []
        self._rows: list[Model] = []
        # The connection itself: asking its proxy once per column would cost as much as the column.
        self._connection = connections[DEFAULT_DB_ALIAS]

    def insert(self, *rows: Model) -> None:
        for row in rows:
            opening, fields = _insert_of(type(row), row.pk is not None)
            marks = [self._mark(field, placeholder, row) for field, placeholder in fields]
            self._statements.append(f"{opening} ({', '.join(marks)})")
            self._rows.append(row)

    def update(self, row: Model, *names: str) -> None:
        """Write these fields of a row that the transaction has locked."""
        table, pk = connection.ops.quote_name(row._meta.db_table), row._meta.pk
        fields = [_with_placeholder(row._meta.get_field(name)) for name in names]
        marks = [f"{connection.ops.quote_name(field.column)} = {self._mark(field, mark, row)}" for field, mark in fields]
        self._statements.append(f"UPDATE {table} SET {', '.join(marks)} WHERE {connection.ops.quote_name(pk.column)} = %s")  # noqa: S608 - own names
        self._values.append(row.pk)

    def run(self) -> None:
        if not self._statements:
            return
        with connection.cursor() as cursor:
            cursor.execute("; ".join(self._statements), self._values)
        for row in self._rows:
            row._state.adding, row._state.db = False, connection.alias

    def _mark(self, field: Field, placeholder: str, row: Model) -> str:
        """Note the value of a field and return what stands for it in the statement."""
        value = field.pre_save(row, add=row._state.adding)
        if isinstance(value, DatabaseDefault):
            return "DEFAULT"
        self._values.append(field.get_db_prep_save(value, self._connection))
        return placeholder


def take_ids(*models: type[Model]) -> list[int]:
    """Keys from the tables' own sequences, one for each name of a model, in one statement: for new rows that name each other."""
    columns = ", ".join(f"nextval(pg_get_serial_sequence('{model._meta.db_table}', '{model._meta.pk.column}'))" for model in models)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}")  # noqa: S608 - names of our own tables
        return list(cursor.fetchone())


@cache
def _insert_of(model: type[Model], has_key: bool) -> tuple[str, list[tuple[Field, str]]]:
    quote, fields = connection.ops.quote_name, [field for field in model._meta.concrete_fields if has_key or not field.primary_key]
    columns = ", ".join(quote(field.column) for field in fields)
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES", [_with_placeholder(field) for field in fields]


def _with_placeholder(field: Field) -> tuple[Field, str]:
    """A field and what stands for its value: arrays carry a cast."""
    return field, field.get_placeholder(None, None, connection) if hasattr(field, "get_placeholder") else "%s"
