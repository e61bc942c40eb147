"""Questions and their tallies as JSON, and back. One question has one text, so that its digest can be its key."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from analytics.ledger.families import FAMILIES

from .questions import Filters, Question, Span
from .registry import Needs
from .results import Spread
from .sources import Tallies
from .tallies import Tally

Pairs = list[tuple[int, int]]


def question_as_json(question: Question) -> dict[str, Any]:
    return {
        "family": question.family.name,
        "source": question.source,
        "spans": [[span.first.isoformat(), span.last.isoformat()] for span in question.spans],
        "filters": filters_as_json(question.filters),
        "split": list(question.split),
    }


def question_from_json(told: dict[str, Any]) -> Question:
    spans = tuple(Span(date.fromisoformat(first), date.fromisoformat(last)) for first, last in told["spans"])
    return Question(FAMILIES[told["family"]], spans, filters_from_json(told["filters"]), tuple(told["split"]), told["source"])


def filters_as_json(filters: Filters) -> list[list[Any]]:
    return [[name, list(values)] for name, values in filters.allowed]


def filters_from_json(told: Iterable[list[Any]]) -> Filters:
    return Filters(tuple((name, tuple(values)) for name, values in told))


def key_of(question: Question) -> str:
    """The digest of a question."""
    return hashlib.sha256(json.dumps(question_as_json(question), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def needs_as_json(needs: Needs) -> dict[str, list[str]]:
    return {"sums": list(needs.sums), "durations": list(needs.durations), "more": sorted(needs.more)}


def needs_from_json(told: dict[str, list[str]]) -> Needs:
    return Needs(tuple(told["sums"]), tuple(told["durations"]), frozenset(told["more"]))


def tallies_as_json(tallies: Tallies) -> list[list[Any]]:
    return [[place, list(key), _tally_as_json(tally)] for (place, key), tally in tallies.items()]


def tallies_from_json(told: Iterable[list[Any]], question: Question) -> Tallies:
    return {(place, tuple(key)): _tally_from_json(each, question) for place, key, each in told}


def _tally_as_json(tally: Tally) -> dict[str, Any]:
    ages = tally.standing_ages
    return {
        "facts": tally.facts,
        "sums": tally.sums,
        "counts": _pairs(tally.counts),
        "ages": {name: _pairs(found) for name, found in tally.ages.items()},
        "age_totals": tally.age_totals,
        "standing": tally.standing,
        "standing_ages": [ages.total, list(map(list, ages.buckets))],
        "usual_ms": tally.usual_ms,
        "beside": tally.beside,
    }


def _tally_from_json(told: dict[str, Any], question: Question) -> Tally:
    total, buckets = told["standing_ages"]
    return Tally(
        question.family,
        sums=told["sums"],
        counts=_numbers(told["counts"]),
        ages={name: _numbers(found) for name, found in told["ages"].items()},
        age_totals=told["age_totals"],
        facts=told["facts"],
        standing=told["standing"],
        standing_ages=Spread(total, tuple((number, n) for number, n in buckets)),
        usual_ms=told["usual_ms"],
        beside=told["beside"],
    )


def _pairs(numbers: dict[int, int]) -> Pairs:
    return sorted(numbers.items())


def _numbers(pairs: Pairs) -> dict[int, int]:
    return dict(pairs)
