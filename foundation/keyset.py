"""Pages of a list by the values of its last row, so that the thousandth page costs what the first one does.

The order must end in a unique column. Null counts as the largest value, as PostgreSQL sorts it. The cursor is opaque but not
secret: keep personal columns out of the order.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.utils.timezone import is_naive

LONGEST_CURSOR = 1000


class InvalidCursorError(ValueError):
    """The cursor was not made by ``keyset_page`` for this order. HTTP 400, or simply the first page."""

    status_code = 400


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the cursors of its neighbours ("" where there is none)."""

    rows: list
    next_cursor: str
    previous_cursor: str


@dataclass(frozen=True)
class Column:
    """One part of the order."""

    name: str
    descending: bool
    nullable: bool
    field: Field

    def beyond(self, value: Any, *, backward: bool) -> Q:
        """Rows that come after ``value`` in this column, or before it when walking backward."""
        if self.descending != backward:
            return Q(**{f"{self.name}__isnull": False}) if value is None else Q(**{f"{self.name}__lt": value})
        if value is None:
            return NOTHING
        larger = Q(**{f"{self.name}__gt": value})
        return larger | Q(**{f"{self.name}__isnull": True}) if self.nullable else larger

    def not_before(self, value: Any, *, backward: bool) -> Q:
        """A single range that holds ``value`` and whatever is beyond it; none for a column that may be null."""
        if self.nullable or value is None:
            return Q()
        return Q(**{f"{self.name}__{'lte' if self.descending != backward else 'gte'}": value})

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})


NOTHING = Q(pk__in=[])


def keyset_page(
    queryset: QuerySet,
    *,
    order: Sequence[str] = ("id",),
    after: str = "",
    size: int = 50,
    branches: Sequence[Q] = (),
    fetch: QuerySet | None = None,
) -> Page:
    """One page of a queryset in the given order ("-" in front for descending), beginning at a cursor from an earlier page.

    ``branches`` are disjoint conditions (one per team, say) that together cover the list. Each is read along its own index,
    because an index cannot give the rows of several teams in one order. ``fetch`` says how the rows of the page are read
    (joins, annotations) once it is known which they are, so that nothing of that burdens the search; without it they are read as
    ``queryset`` says.
    """
    columns = [_column(queryset, name) for name in order]
    backward, values = _read_cursor(after, columns) if after else (False, None)
    rows = queryset if values is None else queryset.filter(_after(columns, values, backward))
    found = list(_page_rows(rows, _ordering(columns, backward), size, branches, queryset if branches and fetch is None else fetch))
    return _make_page(found, columns, size, backward=backward, is_first=values is None)


def first_page_rows(
    queryset: QuerySet, *, order: Sequence[str], size: int, branches: Sequence[Q] = (), fetch: QuerySet | None = None
) -> QuerySet:
    """The query of ``keyset_page`` without a cursor, to be prepared; ``first_page`` makes a page of its rows."""
    ordering = _ordering([_column(queryset, name) for name in order], backward=False)
    return _page_rows(queryset, ordering, size, branches, queryset if branches and fetch is None else fetch)


def first_page(model: type[Model], found: list, *, order: Sequence[str], size: int) -> Page:
    return _make_page(found, _columns(model, order), size, backward=False, is_first=True)


def cursor_at(model: type[Model], order: Sequence[str], row: Any, *, backward: bool = False) -> str:
    """The cursor of the page that begins after this row (or ends before it); the row itself need not be in the list any more."""
    return _make_cursor(_columns(model, order), row, backward=backward)


def _columns(model: type[Model], order: Sequence[str]) -> list[Column]:
    return [_column(model._default_manager.none(), name) for name in order]


def _page_rows(rows: QuerySet, ordering: list[str], size: int, branches: Sequence[Q], fetch: QuerySet | None) -> QuerySet:
    if fetch is not None:
        parts = [rows.filter(branch).order_by(*ordering)[: size + 1] for branch in branches or [Q()]]
        rows = _merge(fetch, parts)
    return rows.order_by(*ordering)[: size + 1]


def _make_page(found: list, columns: list[Column], size: int, *, backward: bool, is_first: bool) -> Page:
    has_more, found = len(found) > size, found[:size]
    if backward:
        found.reverse()
    has_next, has_previous = (True, has_more) if backward else (has_more, not is_first)
    return Page(
        found,
        _make_cursor(columns, found[-1], backward=False) if found and has_next else "",
        _make_cursor(columns, found[0], backward=True) if found and has_previous else "",
    )


def _merge(queryset: QuerySet, parts: list[QuerySet]) -> QuerySet:
    first, *rest = [part.values("pk") for part in parts]
    return queryset.filter(pk__in=first.union(*rest, all=True) if rest else first)


def _column(queryset: QuerySet, name: str) -> Column:
    bare = name.removeprefix("-")
    try:
        field = queryset.model._meta.get_field(bare) if bare != "pk" else queryset.model._meta.pk
        nullable = field.null
    except FieldDoesNotExist:
        field, nullable = queryset.query.annotations[bare].output_field, True
    return Column(bare, name.startswith("-"), nullable, field)


def _ordering(columns: list[Column], backward: bool) -> list[str]:
    return [f"-{column.name}" if column.descending != backward else column.name for column in columns]


def _after(columns: list[Column], values: list, backward: bool) -> Q:
    condition, prefix = NOTHING, Q()
    for column, value in zip(columns, values, strict=True):
        condition |= prefix & column.beyond(value, backward=backward)
        prefix &= column.same(value)
    # Says nothing new, but lets the index begin at the first column instead of reading everything before it.
    return condition & columns[0].not_before(values[0], backward=backward)


def _make_cursor(columns: list[Column], row: Any, *, backward: bool) -> str:
    values = [getattr(row, column.name) for column in columns]
    texts = [None if value is None else column.field.get_prep_value(value) for column, value in zip(columns, values, strict=True)]
    return urlsafe_b64encode(json.dumps([int(backward), *texts], default=str, separators=(",", ":")).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, columns: list[Column]) -> tuple[bool, list]:
    try:
        backward, *texts = json.loads(urlsafe_b64decode(cursor[:LONGEST_CURSOR] + "=" * (-len(cursor) % 4)))
        values = [_read_value(column, text) for column, text in zip(columns, texts, strict=True)]
    except (ValueError, TypeError, OverflowError, ValidationError, RecursionError) as error:
        raise InvalidCursorError("This page link is not complete.") from error
    return bool(backward), values


def _read_value(column: Column, text: Any) -> Any:
    """A value that the database will take: what it cannot hold is refused here, not by a failing query."""
    value = None if text is None else column.field.to_python(text)
    if isinstance(value, str) and "\0" in value.encode().decode():
        raise ValueError("NUL")
    if isinstance(value, datetime) and is_naive(value):
        raise ValueError("no time zone")
    return value
