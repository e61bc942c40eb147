"""The ledger beside its copy: digests of their rows in the order of their keys, and putting one in the place of the other."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from psycopg2 import sql

from analytics.models import DirtyNode

from .families import FAMILIES
from .turns import COPY, HOUSE

Rows = sql.Composable
EVERY: Rows = sql.SQL("TRUE")
# So many rows of a copy are deleted at once, so that nobody waits for a long transaction.
AT_ONCE = 50_000


@dataclass(frozen=True)
class Difference:
    """A table whose rows are not those of its copy."""

    table: str
    kept: str
    folded: str


class Digest:
    """A file that keeps nothing of what is written into it but its sha256."""

    def __init__(self) -> None:
        self._sum = hashlib.sha256()

    def write(self, text: bytes | str) -> int:
        self._sum.update(text if isinstance(text, bytes) else text.encode())
        return len(text)

    def __str__(self) -> str:
        return self._sum.hexdigest()


def compare(families: Collection[str], *, facts: Rows = EVERY, sums: Rows = EVERY) -> list[Difference]:
    """Where the ledger and the copy differ, byte for byte; of all rows or of those that fulfil a condition."""
    conditions = [(model, sums if is_rollup else facts) for model, is_rollup in tables_of(families)]
    found = [Difference(model._meta.db_table, digest(model, HOUSE, rows), digest(model, COPY, rows)) for model, rows in conditions]
    return [each for each in found if each.kept != each.folded]


def digest(model: type[models.Model], source: int, rows: Rows = EVERY) -> str:
    """sha256 over the rows of a source in the order of their key."""
    asked = sql.SQL("COPY (SELECT {columns} FROM {table} WHERE source = {source} AND {rows} ORDER BY {key}) TO STDOUT").format(
        columns=_names(_columns(model)),
        table=sql.Identifier(model._meta.db_table),
        source=sql.Literal(source),
        rows=rows,
        key=_names(_key(model)),
    )
    found = Digest()
    with connection.cursor() as cursor:
        cursor.copy_expert(asked, found)
    return str(found)


def replace(families: Collection[str]) -> None:
    """Make the ledger what the copy is; rows that are the same in both stay untouched."""
    for model, _is_rollup in tables_of(families):
        parts = {
            "table": sql.Identifier(model._meta.db_table),
            "columns": _names(_columns(model)),
            "same": _equal(_columns(model)),
            "same_key": _equal(_key(model)),
            "house": sql.Literal(HOUSE),
            "copy": sql.Literal(COPY),
        }
        with connection.cursor() as cursor:
            cursor.execute(DELETE_OTHERS.format(**parts))
            cursor.execute(INSERT_MISSING.format(**parts))


def forget_copy() -> None:
    """Delete the copy and its marks, a part at a time."""
    DirtyNode.objects.filter(source=COPY).delete()
    for model, _is_rollup in tables_of(FAMILIES):
        statement = FORGET.format(table=sql.Identifier(model._meta.db_table), copy=sql.Literal(COPY), limit=sql.Literal(AT_ONCE))
        with connection.cursor() as cursor:
            cursor.execute(statement)
            while cursor.rowcount == AT_ONCE:
                cursor.execute(statement)


def tables_of(families: Collection[str]) -> Iterator[tuple[type[models.Model], bool]]:
    """The tables of these families, each with whether it holds sums."""
    for name in families:
        yield FAMILIES[name].fact, False
        yield FAMILIES[name].rollup, True


DELETE_OTHERS = sql.SQL(
    """
    DELETE FROM {table} AS kept WHERE source = {house}
        AND NOT EXISTS (SELECT FROM {table} AS folded WHERE folded.source = {copy} AND {same_key} AND {same})
    """
)
INSERT_MISSING = sql.SQL(
    """
    INSERT INTO {table} (source, {columns}) SELECT {house}, {columns} FROM {table} AS folded WHERE source = {copy}
        AND NOT EXISTS (SELECT FROM {table} AS kept WHERE kept.source = {house} AND {same_key})
    """
)
FORGET = sql.SQL("DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE source = {copy} LIMIT {limit}))")


def _columns(model: type[models.Model]) -> list[str]:
    """All but the source; sorted, so that they do not depend on how the table was made."""
    return sorted(field.column for field in model._meta.concrete_fields if field.column != "source")


def _key(model: type[models.Model]) -> list[str]:
    return [name for name in model._meta.pk.field_names if name != "source"]


def _names(names: Collection[str]) -> Any:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _equal(names: Collection[str]) -> Any:
    pairs = [sql.SQL("kept.{0} IS NOT DISTINCT FROM folded.{0}").format(sql.Identifier(name)) for name in names]
    return sql.SQL(" AND ").join(pairs)
