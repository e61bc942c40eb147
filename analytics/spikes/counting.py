"""Counts of series: the last 24 hours in one query for each kind, and the comparable windows of those few that are worth it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection
from psycopg2 import sql

from analytics.models import Spike

from .series import Axis, Series, axes_of
from .statistics import FEWEST_EVENTS
from .windows import Window

Kind = Spike.Kind
HERE = 0  # the facts of this house; others are imported logs

# Facts are found by their day; ``at`` cuts the window out of the two days that it touches.
RECENT = sql.SQL("""
    SELECT grouping({every}) AS sets, {texts}, count(*)
    FROM {table}
    WHERE source = %(source)s AND day BETWEEN %(first)s AND %(last)s AND at >= %(since)s AND at < %(until)s AND {flag} = 1 AND {kind} <> ''
    GROUP BY GROUPING SETS ({sets})
    HAVING count(*) >= %(fewest)s
""")
EARLIER = sql.SQL("""
    SELECT {texts}, w.number, count(*)
    FROM {table} f
    JOIN unnest(%(sinces)s::timestamptz[], %(untils)s::timestamptz[]) WITH ORDINALITY AS w (since, until, number)
        ON f.at >= w.since AND f.at < w.until
    WHERE f.source = %(source)s AND f.day = ANY(%(days)s) AND f.{flag} = 1 AND ({columns}) IN (SELECT * FROM unnest({arrays}))
    GROUP BY {columns}, w.number
""")
MEMBERS = sql.SQL("""
    SELECT {texts}, array_agg(root_id)
    FROM {table} f
    WHERE f.source = %(source)s AND f.day BETWEEN %(first)s AND %(last)s AND f.at >= %(since)s AND f.at < %(until)s AND f.{flag} = 1
        AND ({columns}) IN (SELECT * FROM unnest({arrays}))
    GROUP BY {columns}
""")
TYPES = {"warehouse": "bigint", "merchant": "bigint"}
UNKNOWN = dict.fromkeys(TYPES, "0")


def recent_counts(window: Window, zone: ZoneInfo, *, has_shops: bool) -> dict[Series, int]:
    """Every series with enough events in the window to be judged."""
    return {series: count for kind in Kind.values for series, count in _recent(kind, window, zone, has_shops)}


def earlier_counts(candidates: Iterable[Series], windows: Sequence[Window], zone: ZoneInfo) -> dict[Series, list[int]]:
    """For each series its counts in these windows, in their order."""
    found = {series: [0] * len(windows) for series in candidates}
    if windows:
        for axis, members in _by_axis(found).items():
            for *values, number, count in _ask(EARLIER, axis, members, _spans(windows, zone)):
                found[_series(axis, values)][number - 1] = count
    return found


def members_of(candidates: Iterable[Series], window: Window, zone: ZoneInfo) -> dict[Series, frozenset[int]]:
    """The complaints of each series in the window."""
    found: dict[Series, frozenset[int]] = {}
    for axis, members in _by_axis(candidates).items():
        for *values, roots in _ask(MEMBERS, axis, members, _span(window, zone)):
            found[_series(axis, values)] = frozenset(roots)
    return found


def first_fact_at() -> datetime | None:
    """When the house began: nothing before can be compared with."""
    arrivals = Axis(Kind.CATEGORY).family.fact.objects.filter(source=HERE, day__isnull=False)
    return arrivals.order_by("source", "day", "at").values_list("at", flat=True).first()


def _recent(kind: str, window: Window, zone: ZoneInfo, has_shops: bool) -> Iterable[tuple[Series, int]]:
    axes = axes_of(kind, has_shops=has_shops)
    crosses = [axis.cross for axis in axes if axis.cross]
    query = RECENT.format(
        every=_names(crosses),
        texts=sql.SQL(", ").join(map(_text, (kind, *crosses))),
        table=sql.Identifier(axes[0].family.table),
        flag=sql.Identifier(axes[0].flag),
        kind=sql.Identifier(kind),
        sets=sql.SQL(", ").join(sql.SQL("({})").format(_names(axis.columns)) for axis in axes),
    )
    for sets, code, *values, count in _run(query, {**_span(window, zone), "fewest": FEWEST_EVENTS}):
        cross, value = _grouped_by(sets, crosses, values)
        if not cross or value != UNKNOWN.get(cross, ""):  # nothing known about the order is no place of its own
            yield Series(kind, code, cross, value), count


def _grouped_by(sets: int, crosses: Sequence[str], values: Sequence[str]) -> tuple[str, str]:
    """By what a row was grouped: in ``grouping()`` the bit of a column is 0 where it was, the first column's bit being the highest."""
    for place, cross in enumerate(crosses):
        if not sets & 1 << (len(crosses) - 1 - place):
            return cross, values[place]
    return "", ""


def _by_axis(candidates: Iterable[Series]) -> dict[Axis, list[Series]]:
    found: dict[Axis, list[Series]] = defaultdict(list)
    for series in candidates:
        found[series.axis].append(series)
    return found


def _ask(query: sql.SQL, axis: Axis, members: Sequence[Series], values: dict) -> list[tuple]:
    columns = sql.SQL(", ").join(sql.SQL("f.{}").format(sql.Identifier(name)) for name in axis.columns)
    arrays = sql.SQL(", ").join(sql.SQL(f"%({name})s::{TYPES.get(name, 'text')}[]") for name in axis.columns)
    made = query.format(
        texts=sql.SQL(", ").join(map(_text, axis.columns)),
        table=sql.Identifier(axis.family.table),
        flag=sql.Identifier(axis.flag),
        columns=columns,
        arrays=arrays,
    )
    wanted = {axis.kind: [each.code for each in members]}
    if axis.cross:
        wanted[axis.cross] = [int(each.value) if axis.cross in TYPES else each.value for each in members]
    return _run(made, values | wanted)


def _run(query: sql.Composable, values: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, values | {"source": HERE})
        return cursor.fetchall()


def _span(window: Window, zone: ZoneInfo) -> dict:
    first, last = window.dates(zone)
    return {"first": first, "last": last, "since": window.since, "until": window.until}


def _spans(windows: Sequence[Window], zone: ZoneInfo) -> dict:
    days = {day for window in windows for day in window.dates(zone)}
    return {"days": sorted(days), "sinces": [window.since for window in windows], "untils": [window.until for window in windows]}


def _series(axis: Axis, values: Sequence[str]) -> Series:
    return Series(axis.kind, values[0], axis.cross, values[1] if axis.cross else "")


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _text(name: str) -> sql.Composed:
    return sql.SQL("{}::text").format(sql.Identifier(name))
