"""Where tallies come from: rollups where a grain covers the question, else the facts themselves."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q, Sum
from psycopg2 import sql

from analytics.ledger.days import Node, cover, day_of
from analytics.ledger.families import Family, Grain
from analytics.models import ALL_MERCHANTS, STRIDE, DirtyNode, durations_of
from analytics.models.fields import bucket_of

from . import standing
from .lookups import LOOKUPS
from .open_rows import read_ages, read_overdue
from .opens import OVERDUE, WAITING
from .questions import Question, Span
from .registry import Needs
from .results import Spread
from .tallies import Tally

Key = tuple[str, ...]
Tallies = dict[tuple[int, Key], Tally]
KIND, WORK = "category", Needs(("effort_ms", "last"))


class TooManyError(Exception):
    """No grain covers the question and there are too many facts to add up while somebody waits."""


def read_tallies(
    question: Question, needs: Needs, *, as_of: datetime, stale: frozenset[Node] | None = None, is_patient: bool = False
) -> Tallies:
    """The tally of each span and each value of the split; ``stale`` are nodes that cannot be used (``stale_nodes``).

    Raises ``TooManyError`` where too many facts would have to be added up, unless whoever asks is patient.
    """
    grain = grain_for(question)
    stale = stale_nodes(question.family, question.source) if stale is None else stale
    found = _from_facts(question, needs, is_patient=is_patient) if grain is None else _from_rollup(question, needs, grain, stale)
    if "stock" in needs.more:
        _add_standing(found, question, grain, stale)
    if "ages" in needs.more:
        _add_ages(found, question, as_of)
    also = partial(read_tallies, as_of=as_of, is_patient=is_patient)
    for name in needs.more & LOOKUPS.keys():
        for place, key, number in LOOKUPS[name](question, also):
            _tally(found, question, place, key).beside[name] = number
    if "usual" in needs.more:
        _add_usual(found, question, partial(also, stale=stale))
    _add_open(found, question, needs, as_of)
    return found


def grain_for(question: Question) -> Grain | None:
    """The grain with the fewest dimensions that has all that the question needs."""
    fitting = [grain for grain in question.family.grains if question.dimensions <= set(grain)]
    return min(fitting, key=len, default=None)


def stale_nodes(family: Family, source: int = 0) -> frozenset[Node]:
    """Longer spans that are behind their halves; readers go down to the halves."""
    return all_stale_nodes([(family.name, source)])[family.name, source]


def all_stale_nodes(books: Collection[tuple[str, int]]) -> dict[tuple[str, int], frozenset[Node]]:
    """The same of many families, each with the source of its facts."""
    found: dict[tuple[str, int], set[Node]] = {book: set() for book in books}
    wanted = Q(*(Q(family=name, source=source) for name, source in found), _connector=Q.OR)
    for name, source, *node in DirtyNode.objects.filter(wanted, level__gt=0).values_list("family", "source", "level", "idx"):
        found[name, source].add(tuple(node))
    return {book: frozenset(nodes) for book, nodes in found.items()}


def _from_rollup(question: Question, needs: Needs, grain: Grain, stale: frozenset[Node]) -> Tallies:
    nodes = [(place, *node) for place, span in enumerate(question.spans) for node in _nodes(question, span, stale)]
    parts = {
        "rollup": sql.Identifier(question.family.rollup._meta.db_table),
        "key": _key_of(question, grain),
        "where": _where_rollup(question, grain),
    }
    values = {
        "place": [node[0] for node in nodes],
        "level": [node[1] for node in nodes],
        "idx": [node[2] for node in nodes],
        "source": question.source,
        "grain": question.family.grains.index(grain),
    }
    found: Tallies = {}
    names = sql.SQL("").join(sql.SQL(", sum({})").format(sql.Identifier(name)) for name in needs.sums)
    for place, key, facts, *sums in _rows(ROLLUP_SUMS.format(sums=names, **parts), values):
        tally = _tally(found, question, place, key)
        tally.facts = int(facts)
        tally.sums = {name: int(value) for name, value in zip(needs.sums, sums, strict=True)}
    if needs.durations:
        wanted = _buckets_of(question.family, needs.durations)
        for place, key, buckets, counts in _rows(ROLLUP_SPREAD.format(wanted=wanted, **parts), values):
            _tally(found, question, place, key).counts = dict(zip(buckets, counts, strict=True))
    return found


def _nodes(question: Question, span: Span, stale: frozenset[Node]) -> list[Node]:
    """What makes up a span; its days one by one where weekdays are told apart."""
    if not question.needs_days:
        return cover(*span.indexes, without=stale)
    allowed = question.filters.values("weekday")
    first, last = span.indexes
    return [(0, index) for index in range(first, last + 1) if not allowed or str(day_of(index).isoweekday()) in allowed]


ROLLUP_SUMS = sql.SQL("""
    SELECT node.place, {key}, sum(rollup.facts){sums}
    FROM unnest(%(place)s::int[], %(level)s::int[], %(idx)s::int[]) AS node (place, level, idx)
    JOIN {rollup} AS rollup ON rollup.level = node.level AND rollup.idx = node.idx
    WHERE rollup.source = %(source)s AND rollup.grain = %(grain)s{where} GROUP BY 1, 2
""")
# Buckets stand in order, so those of one duration are found by halving, without unpacking those of the others.
ROLLUP_SPREAD = sql.SQL("""
    SELECT place, key, array_agg(bucket), array_agg(n) FROM (
    SELECT node.place, {key} AS key, bucket, sum(n)::bigint AS n
    FROM unnest(%(place)s::int[], %(level)s::int[], %(idx)s::int[]) AS node (place, level, idx)
    JOIN {rollup} AS rollup ON rollup.level = node.level AND rollup.idx = node.idx
    CROSS JOIN (VALUES {wanted}) AS wanted (low, high)
    CROSS JOIN LATERAL (SELECT width_bucket(low, rollup.buckets) + 1 AS first, width_bucket(high, rollup.buckets) AS last) AS part
    CROSS JOIN LATERAL unnest(rollup.buckets[part.first:part.last], rollup.counts[part.first:part.last]) AS found (bucket, n)
    WHERE rollup.source = %(source)s AND rollup.grain = %(grain)s{where}
    GROUP BY 1, 2, 3
    ) AS counted GROUP BY place, key
""")


def _buckets_of(family: Family, durations: Iterable[str]) -> sql.Composable:
    """Below the first and up to the last bucket of each duration."""
    starts = [durations_of(family.fact).index(name) * STRIDE for name in durations]
    bounds = [sql.SQL("({}::smallint, {}::smallint)").format(sql.Literal(start - 1), sql.Literal(start + STRIDE - 1)) for start in starts]
    return sql.SQL(", ").join(bounds)


def _key_of(question: Question, grain: Grain) -> sql.Composable:
    return sql.SQL("ARRAY[{}]::text[]").format(sql.SQL(", ").join(_part_of_key(name, grain) for name in question.split))


def _part_of_key(name: str, grain: Grain) -> sql.Composable:
    return OF_NODE.get(name) or sql.SQL("rollup.key[{}]").format(sql.Literal(grain.index(name) + 1))


# What a row of a rollup tells beside its key. The first day was a Saturday; Monday is 1.
OF_NODE = {"merchant": sql.SQL("rollup.merchant::text"), "weekday": sql.SQL("((node.idx + 5) %% 7 + 1)::text")}


def _where_rollup(question: Question, grain: Grain) -> sql.Composable:
    conditions = [_where_merchant(question)]
    for name, allowed in question.filters.allowed:
        if name not in OF_NODE:
            place = sql.Literal(grain.index(name) + 1)
            conditions.append(sql.SQL(" AND rollup.key[{}] = ANY({}::text[])").format(place, sql.Literal(list(allowed))))
    return sql.SQL("").join(conditions)


def _where_merchant(question: Question) -> sql.Composable:
    if "merchant" in question.filters.names:
        merchants = [int(value) for value in question.filters.values("merchant")]
        return sql.SQL(" AND rollup.merchant = ANY({}::bigint[])").format(sql.Literal(merchants))
    sign = sql.SQL("<>" if "merchant" in question.split else "=")
    return sql.SQL(" AND rollup.merchant {} {}").format(sign, sql.Literal(ALL_MERCHANTS))


def _from_facts(question: Question, needs: Needs, *, is_patient: bool) -> Tallies:
    if not question.is_possible:
        raise ValueError(f"{question.family.name} does not know {sorted(question.dimensions)}")
    if not is_patient and count_candidates(question) > settings.BIHUAN_MOST_FACTS:
        raise TooManyError
    found: Tallies = {}
    for place, span in enumerate(question.spans):
        _add_facts(found, question, needs, place, span)
    return found


def count_candidates(question: Question) -> int:
    """How many facts lie in the spans, whatever the filters."""
    bare = Question(question.family, question.spans, source=question.source)
    grain = grain_for(bare)
    if grain is None:
        grain = question.family.grains[0]
    tallies = _from_rollup(bare, Needs(), grain, stale_nodes(question.family, question.source))
    return sum(tally.facts for tally in tallies.values())


def _add_facts(found: Tallies, question: Question, needs: Needs, place: int, span: Span) -> None:
    rows = question.facts.filter(day__range=(span.first, span.last)).order_by()
    columns = [*question.split]
    wanted = {"facts": Count("root_id"), **{f"sum_{name}": Sum(name) for name in needs.sums}}
    for row in rows.values(*columns).annotate(**wanted) if columns else [rows.aggregate(**wanted)]:
        tally = _tally(found, question, place, [str(row[name]) for name in columns])
        tally.facts = row["facts"]
        tally.sums = {name: int(row[f"sum_{name}"] or 0) for name in needs.sums}
    for name in needs.durations:
        quantised = bucket_of(name)
        start = durations_of(question.family.fact).index(name) * STRIDE
        counted = rows.filter(**{f"{quantised}__isnull": False}).values(*columns, quantised).annotate(n=Count("root_id"))
        for row in counted:
            key = [str(row[each]) for each in columns]
            _tally(found, question, place, key).counts[start + row[quantised]] = row["n"]


def _add_standing(found: Tallies, question: Question, grain: Grain | None, stale: frozenset[Node]) -> None:
    """What was open when each span began: all that had come in less all that had gone out."""
    if grain is None:
        for place, span in enumerate(question.spans):
            for key, number in standing.count_standing(question, span):
                _tally(found, question, place, key).standing = number
        return
    until = replace(question, spans=tuple(standing.before(span) for span in question.spans))
    for (place, key), tally in _from_rollup(until, Needs((standing.IN, standing.OUT)), grain, stale).items():
        _tally(found, question, place, key).standing = tally[standing.IN] - tally[standing.OUT]


def _add_ages(found: Tallies, question: Question, as_of: datetime) -> None:
    """How old what was open at the end of each span was then."""
    for place, span in enumerate(question.spans):
        for key, number, n, total in standing.count_ages(question, span, as_of):
            tally = _tally(found, question, place, key)
            ages = tally.standing_ages
            tally.standing_ages = Spread(ages.total + total, tuple(sorted([*ages.buckets, (number, n)])))


def _add_usual(found: Tallies, question: Question, read: Callable[[Question, Needs], Tallies]) -> None:
    """What the same kinds of problems take everybody: the average of a kind is that of all colleagues, whoever is asked about."""
    split = tuple(name for name in question.split if name != KIND)
    parts = read(question.split_by(*split, KIND), WORK)
    everybody = replace(question, filters=question.filters.without("agent"), split=(KIND,))
    averages = read(everybody, WORK)
    for (place, key), tally in parts.items():
        average = averages[place, key[-1:]]
        named = dict(zip((*split, KIND), key, strict=True))
        usual = round(tally["last"] * average["effort_ms"] / average["last"]) if average["last"] else 0
        _tally(found, question, place, [named[name] for name in question.split]).usual_ms += usual


def _add_open(found: Tallies, question: Question, needs: Needs, as_of: datetime) -> None:
    """Count what is open, at its age or as overdue, in every span in which its day lies."""
    family = question.family.name
    for each in WAITING.get(family, ()):
        if each.duration in needs.durations:
            for place, key, number, n, total in read_ages(question, each, as_of):
                _tally(found, question, place, key).add_ages(each.duration, number, n, total)
    overdue = OVERDUE.get(family)
    if overdue is None or not (wanted := set(overdue.sets) & set(needs.sums)):
        return
    for place, key, n in read_overdue(question, overdue, as_of):
        tally = _tally(found, question, place, key)
        for name in wanted:
            tally.sums[name] = tally[name] + n


def _tally(found: Tallies, question: Question, place: int, key: Iterable[str]) -> Tally:
    name = (place, tuple(key))
    if name not in found:
        found[name] = Tally(question.family)
    return found[name]


def _rows(statement: sql.Composable, values: dict[str, Any]) -> Sequence[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def merged(tallies: Iterable[Tally], family: Family) -> Tally:
    """One tally of several."""
    total = Tally(family)
    for each in tallies:
        total.facts += each.facts
        total.standing += each.standing
        total.usual_ms += each.usual_ms
        for name, number in each.beside.items():
            total.beside[name] = total.look_up(name) + number
        for name, value in each.sums.items():
            total.sums[name] = total[name] + value
        for number, n in each.counts.items():
            total.counts[number] = total.counts.get(number, 0) + n
        for name, ages in each.ages.items():
            for number, n in ages.items():
                total.add_ages(name, number, n, 0)
            total.age_totals[name] += each.age_totals[name]
    return total
