"""Several writes in one round trip: a verb knows all its rows before it writes the first."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault

from foundation.prepared import Statement, Value


class Batch:
    """New and changed rows, written in this order when ``run`` is called within a transaction.

    Like ``bulk_create`` it sends no signals. A new row without a key gets one from the table, but does not learn it: rows that
    others name take theirs from ``take_ids``.
    """

    def __init__(self) -> None:
        self._parts: list[tuple[Statement, dict[str, Any]]] = []
        self._rows: list[Model] = []
        # The connection itself: asking its proxy once per column would cost as much as the column.
        self._connection = connections[DEFAULT_DB_ALIAS]

    def insert(self, *rows: Model) -> None:
        for row in rows:
            fields = [field for field in row._meta.concrete_fields if row.pk is not None or not field.primary_key]
            values = self._values(row, fields)
            self._parts.append((_insert(type(row), tuple(values)), values))
            self._rows.append(row)

    def update(self, row: Model, *names: str) -> None:
        """Write these fields of a row that is in the table already."""
        values = self._values(row, [row._meta.get_field(name) for name in names])
        self._parts.append((_update(type(row), tuple(values)), values | {row._meta.pk.column: row.pk}))

    def execute(self, statement: Statement, **values: Any) -> None:
        """Run a statement of one's own among the others; what it gives back is lost."""
        self._parts.append((statement, values))

    def run(self) -> None:
        if not self._parts:
            return
        calls = [statement.execution(self._connection, values) for statement, values in self._parts]
        with self._connection.cursor() as cursor:
            cursor.execute("; ".join(text for text, _values in calls), [value for _text, values in calls for value in values])
        for row in self._rows:
            row._state.adding, row._state.db = False, self._connection.alias

    def _values(self, row: Model, fields: Iterable[Field]) -> dict[str, Any]:
        """What is written, by column; what the table itself has a default for is left to it."""
        values = {field: field.pre_save(row, add=row._state.adding) for field in fields}
        return {
            field.column: field.get_db_prep_save(value, self._connection)
            for field, value in values.items()
            if not isinstance(value, DatabaseDefault)
        }


@cache
def _insert(model: type[Model], columns: tuple[str, ...]) -> Statement:
    names, marks = ", ".join(map(connection.ops.quote_name, columns)), ", ".join(_placeholders(model, columns))
    text = f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608 - own names
    return Statement(text, list(map(Value, columns)))


@cache
def _update(model: type[Model], columns: tuple[str, ...]) -> Statement:
    quote, pk = connection.ops.quote_name, model._meta.pk.column
    changes = ", ".join(f"{quote(column)} = {mark}" for column, mark in zip(columns, _placeholders(model, columns), strict=True))
    text = f"UPDATE {quote(model._meta.db_table)} SET {changes} WHERE {quote(pk)} = %s"  # noqa: S608 - own names
    return Statement(text, list(map(Value, [*columns, pk])))


def _placeholders(model: type[Model], columns: tuple[str, ...]) -> list[str]:
    """What stands for the value of each column: arrays carry a cast."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    found = [fields[column] for column in columns]
    return [field.get_placeholder(None, None, connection) if hasattr(field, "get_placeholder") else "%s" for field in found]


def take_ids(*models: type[Model]) -> list[int]:
    """Keys from the tables' own sequences, one for each name of a model, in one statement: for new rows that name each other."""
    [keys] = _next_keys(models).rows()
    return list(keys)


def take_many(model: type[Model], count: int) -> list[int]:
    """``count`` keys of one table, however many that is."""
    return [key for (key,) in _keys_of(model).rows(count=count)] if count else []


@cache
def _keys_of(model: type[Model]) -> Statement:
    [sequence] = _sequences(model)
    return Statement.named(f"SELECT nextval('{sequence}') FROM generate_series(1, %(count)s)")  # noqa: S608 - our own name


@cache
def _next_keys(models: tuple[type[Model], ...]) -> Statement:
    return Statement("SELECT " + ", ".join(f"nextval('{sequence}')" for sequence in _sequences(*models)), [])


def _sequences(*models: type[Model]) -> tuple[str, ...]:
    """The names of the sequences that these tables take their keys from."""
    columns = [(connection.ops.quote_name(model._meta.db_table), model._meta.pk.column) for model in models]
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"pg_get_serial_sequence('{table}', '{column}')" for table, column in columns))
        return cursor.fetchone()
