"""The rows of one table that a batch touches: loaded once, compared in memory, written with one statement."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models
from django.utils import timezone

from .rows import Outcome

UNCOMPARED = {"id", "synced_at", "head_seq", "head_hash"}


class Shelf:
    """Rows by their natural key. A row that a batch leaves as it was is never written."""

    def __init__(self, model: type[models.Model], key_of: Callable[[Any], Any], stored: Iterable = ()) -> None:
        self.model, self.key_of = model, key_of
        fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        self.written = [field.name for field in fields]
        self.compared = [field.attname for field in fields if field.name not in UNCOMPARED]
        self.rows = {key_of(row): row for row in stored}
        self.before = {key: self._values(row) for key, row in self.rows.items()}
        self.dirty: set = set()
        self.keys_of: dict = defaultdict(list)
        for key in self.rows:
            self.keys_of[_parent(key)].append(key)

    def get(self, key: Any) -> Any:
        return self.rows.get(key)

    def put(self, key: Any, values: dict[str, Any], **fixed: Any) -> Any:
        """Set the named fields on the row with this key, making the row if there is none."""
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = self.model(**fixed)
            self.keys_of[_parent(key)].append(key)
        for name, value in values.items():
            # In the hour that the end of summer time repeats, Python calls equal times of two zones unequal; UTC has no such hour.
            setattr(row, name, value.astimezone(UTC) if isinstance(value, datetime) else value)
        return row

    def children(self, parent: Any) -> list:
        """Rows whose key begins with ``parent``."""
        return [self.rows[key] for key in self.keys_of[parent]]

    def has_touched_children(self, parent: Any) -> bool:
        return any(self.is_touched(key) for key in self.keys_of[parent])

    def outcome(self, key: Any) -> Outcome:
        """How the row with this key differs from what is stored."""
        if key not in self.before:
            return Outcome.CREATED
        return Outcome.UNCHANGED if self.before[key] == self._values(self.rows[key]) else Outcome.CHANGED

    def is_touched(self, key: Any) -> bool:
        return key in self.dirty or self.outcome(key) is not Outcome.UNCHANGED

    def mark(self, key: Any) -> None:
        """Have the row written although none of its own fields changed."""
        self.dirty.add(key)

    def touched(self) -> list:
        return [row for key, row in self.rows.items() if self.is_touched(key)]

    def reserve_ids(self) -> None:
        """Give new rows their primary keys ahead of the insert, so that other rows and events can name them."""
        new = [row for row in self.rows.values() if row.pk is None]
        for row, pk in zip(new, take_ids(self.model, len(new)), strict=True):
            row.pk = pk

    def save(self) -> list:
        """Insert or update the touched rows with one statement and return them."""
        rows = self.touched()
        if not rows:
            return rows
        self.reserve_ids()
        if "synced_at" in self.written:
            now = timezone.now()
            for row in rows:
                row.synced_at = now
        self.model._base_manager.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=self.written)
        return rows

    def _values(self, row: Any) -> tuple:
        return tuple(getattr(row, name) for name in self.compared)


def _parent(key: Any) -> Any:
    return key[0] if isinstance(key, tuple) else key


def take_ids(model: type[models.Model], count: int) -> list[int]:
    """The next primary keys of a table, from its own sequence."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')::regclass) FROM generate_series(1, %s)", [model._meta.db_table, count]
        )
        return [row[0] for row in cursor.fetchall()]
