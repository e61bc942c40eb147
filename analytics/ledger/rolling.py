"""Rollups from facts: the sums of a day by one statement, those of longer spans from their two halves."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from psycopg2 import sql

from analytics.models import ALL_MERCHANTS, STRIDE, DirtyNode, durations_of, sums_of
from analytics.models.fields import bucket_of
from foundation.failpoints import failpoint

from .days import FIRST_DAY, day_of, parents_of
from .families import FAMILIES, Family

Composable = sql.Composable
# A longer span may wait so long for each of its days.
PATIENCE = timedelta(minutes=1)


def roll_days(*, limit: int = 20) -> int:
    """Make the rollups of some days new from their facts and mark what stands above them; returns how many days there were."""
    with transaction.atomic():
        nodes = _take(DirtyNode.objects.filter(level=0), limit)
        for (family, source), days in _by_family(nodes).items():
            _roll_days(FAMILIES[family], source, days)
            _mark_above(family, source, days)
        failpoint("ledger.rolled")
    return len(nodes)


def roll_above(*, limit: int = 200, is_patient: bool = False) -> int:
    """Make some of the longer spans new, the shorter first; returns how many there were. Readers do without those that are not.

    Whoever is patient leaves those that are not due yet: a span of a year need not be made new for every event of today.
    """
    above = _due_above() if is_patient else DirtyNode.objects.filter(level__gt=0)
    with transaction.atomic():
        lowest = above.order_by("level").values_list("level", flat=True).first()
        nodes = _take(above.filter(level=lowest), limit) if lowest else []
        for (family, source), indexes in _by_family(nodes).items():
            _roll_level(FAMILIES[family], source, lowest, indexes)
    return len(nodes)


def _due_above() -> QuerySet[DirtyNode]:
    """The spans that are due, and what is behind within them: a span is made from halves that are up to date."""
    within = OuterRef("idx").bitrightshift(F("level") - OuterRef("level"))
    same_book = {"family": OuterRef("family"), "source": OuterRef("source")}
    due = DirtyNode.objects.filter(**same_book, level__gte=OuterRef("level"), idx=within, due_at__lte=Now())
    return DirtyNode.objects.filter(Exists(due), level__gt=0)


def _take(nodes, limit: int) -> list[DirtyNode]:
    """Some marks, taken off the list. Whoever writes facts marks their day again, so nothing that comes meanwhile is lost."""
    taken = list(nodes.order_by("family", "source", "-idx").select_for_update(skip_locked=True)[:limit])
    DirtyNode.objects.filter(pk__in=[node.pk for node in taken]).delete()
    return taken


def _by_family(nodes: Iterable[DirtyNode]) -> dict[tuple[str, int], list[int]]:
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for node in nodes:
        found[node.family, node.source].append(node.idx)
    return found


def _mark_above(family: str, source: int, days: Iterable[int]) -> None:
    above = sorted({node for day in days for node in parents_of(day)})
    now = timezone.now()
    rows = [DirtyNode(family=family, source=source, level=level, idx=idx, due_at=now + PATIENCE * 2**level) for level, idx in above]
    DirtyNode.objects.bulk_create(rows, ignore_conflicts=True)


def _roll_days(family: Family, source: int, days: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_delete(family), [source, 0, days])
        cursor.execute(_day_sql(family), {"source": source, "days": [day_of(day) for day in days]})


def _roll_level(family: Family, source: int, level: int, indexes: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_delete(family), [source, level, indexes])
        first, second = [2 * index for index in indexes], [2 * index + 1 for index in indexes]
        cursor.execute(_level_sql(family), {"source": source, "level": level, "first": first, "second": second})


def _delete(family: Family) -> Composable:
    return sql.SQL("DELETE FROM {rollup} WHERE source = %s AND level = %s AND idx = ANY(%s)").format(rollup=_rollup(family))


def _rollup(family: Family) -> Composable:
    return sql.Identifier(family.rollup._meta.db_table)


def _names(names: Iterable[str]) -> Composable:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _dimensions(family: Family) -> list[str]:
    """Every dimension that some grain of the family has."""
    return sorted({name for grain in family.grains for name in grain})


def _grouping_sets(family: Family, *more: str) -> Composable:
    """Each grain for every merchant and for all of them."""
    sets = [("day", *merchant, *grain, *more) for grain in family.grains for merchant in (("merchant",), ())]
    return sql.SQL(", ").join(sql.SQL("({})").format(_names(names)) for names in sets)


def _by_grain(family: Family, values: Iterable[Composable]) -> Composable:
    """A value for each grain, told by which dimensions a row is grouped by."""
    dimensions = _dimensions(family)
    if not dimensions:
        return next(iter(values))
    masks = [sum(1 << place for place, name in enumerate(reversed(dimensions)) if name not in grain) for grain in family.grains]
    whens = [sql.SQL("WHEN {} THEN {}").format(sql.Literal(mask), value) for mask, value in zip(masks, values, strict=True)]
    return sql.SQL("CASE GROUPING({}) {} END").format(_names(dimensions), sql.SQL(" ").join(whens))


def _key(family: Family) -> Composable:
    """What names a row of a rollup, from a grouped row of facts."""
    grains = [sql.Literal(number) for number in range(len(family.grains))]
    casts = [[sql.SQL("{}::text").format(sql.Identifier(name)) for name in grain] for grain in family.grains]
    arrays = [sql.SQL("ARRAY[{}]::text[]").format(sql.SQL(", ").join(cast)) for cast in casts]
    return sql.SQL("{grain} AS grain, day - {first} AS idx, {merchant} AS merchant, {key} AS key").format(
        grain=_by_grain(family, grains),
        first=sql.Literal(FIRST_DAY),
        merchant=sql.SQL("CASE GROUPING(merchant) WHEN 1 THEN {} ELSE merchant END").format(sql.Literal(ALL_MERCHANTS)),
        key=_by_grain(family, arrays),
    )


@cache
def _day_sql(family: Family) -> Composable:
    names = sums_of(family.fact)
    sums = sql.SQL(", ").join(sql.SQL("coalesce(sum({0}), 0) AS {0}").format(sql.Identifier(name)) for name in names)
    return sql.SQL(
        """
        INSERT INTO {rollup} (source, grain, level, idx, merchant, key, facts, buckets, counts, {names})
        WITH fact AS MATERIALIZED (SELECT * FROM {table} WHERE source = %(source)s AND day = ANY(%(days)s)),
        total AS (SELECT {key}, count(*) AS facts, {sums} FROM fact GROUP BY GROUPING SETS ({sets})),
        {spread}
        SELECT %(source)s, total.grain, 0, total.idx, total.merchant, total.key, facts,
            coalesce(buckets, '{{}}'), coalesce(counts, '{{}}'), {names}
        FROM total LEFT JOIN spread
            ON (spread.grain, spread.idx, spread.merchant, spread.key) = (total.grain, total.idx, total.merchant, total.key)
        """
    ).format(
        rollup=_rollup(family),
        table=sql.Identifier(family.table),
        names=_names(names),
        key=_key(family),
        sums=sums,
        sets=_grouping_sets(family),
        spread=_day_spread(family),
    )


def _day_spread(family: Family) -> Composable:
    durations = durations_of(family.fact)
    if not durations:
        return sql.SQL(NO_SPREAD)
    values = [
        sql.SQL("({} + {})").format(sql.Literal(place * STRIDE), sql.Identifier(bucket_of(name))) for place, name in enumerate(durations)
    ]
    return sql.SQL(
        """
        counted AS (
            SELECT {key}, bucket, count(*) AS n FROM fact CROSS JOIN LATERAL (VALUES {values}) AS found (bucket)
            WHERE bucket IS NOT NULL GROUP BY GROUPING SETS ({sets})
        ),
        spread AS (
            SELECT grain, idx, merchant, key, array_agg(bucket::smallint ORDER BY bucket) AS buckets,
                array_agg(n::int ORDER BY bucket) AS counts
            FROM counted GROUP BY grain, idx, merchant, key
        )
        """
    ).format(key=_key(family), values=sql.SQL(", ").join(values), sets=_grouping_sets(family, "bucket"))


NO_SPREAD = """
    spread AS (
        SELECT NULL::int AS grain, NULL::int AS idx, NULL::bigint AS merchant, NULL::text[] AS key, NULL::smallint[] AS buckets,
            NULL::int[] AS counts
    )
"""


@cache
def _level_sql(family: Family) -> Composable:
    names = sums_of(family.fact)
    added = sql.SQL(", ").join(sql.SQL("coalesce(one.{0}, 0) + coalesce(other.{0}, 0)").format(sql.Identifier(name)) for name in names)
    return sql.SQL(LEVEL).format(rollup=_rollup(family), names=_names(names), added=added)


# What both halves have is added bucket by bucket, each row by itself: sorting all rows by their texts took four times as long.
LEVEL = """
    INSERT INTO {rollup} (source, grain, level, idx, merchant, key, facts, buckets, counts, {names})
    WITH one AS (SELECT *, idx >> 1 AS above FROM {rollup} WHERE source = %(source)s AND level = %(level)s - 1 AND idx = ANY(%(first)s)),
    other AS (SELECT *, idx >> 1 AS above FROM {rollup} WHERE source = %(source)s AND level = %(level)s - 1 AND idx = ANY(%(second)s))
    SELECT %(source)s, coalesce(one.grain, other.grain), %(level)s, coalesce(one.above, other.above),
        coalesce(one.merchant, other.merchant), coalesce(one.key, other.key), coalesce(one.facts, 0) + coalesce(other.facts, 0),
        coalesce(both_halves.buckets, one.buckets, other.buckets), coalesce(both_halves.counts, one.counts, other.counts), {added}
    FROM one FULL JOIN other
        ON (one.above, one.grain, one.merchant, one.key) = (other.above, other.grain, other.merchant, other.key)
    LEFT JOIN LATERAL (
        SELECT array_agg(bucket) AS buckets, array_agg(n) AS counts FROM (
            SELECT bucket, sum(n)::int AS n FROM unnest(one.buckets || other.buckets, one.counts || other.counts) AS found (bucket, n)
            GROUP BY bucket ORDER BY bucket
        ) AS added
    ) AS both_halves ON one.key IS NOT NULL AND other.key IS NOT NULL
"""
