"""Which documents fit a query best: BM25 over the postings, of which a query reads a bounded number however large the house is.

Rare terms are read whole. Frequent ones share what is left of ``BUDGET``, and since the postings of a term stand best first, what is
left out are the documents of which the term says least. (Anh and Moffat 2006, "Pruned query evaluation using pre-computed impacts".)
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from django.db import connection

from knowledge.search.indexing import STEPS, count_documents
from knowledge.search.postings import DOCUMENT, IMPACT
from knowledge.search.text import IS_HAN, digest_of, terms_in

BUDGET = 25_000
CANDIDATES = 1000
FAR_APART = 1_000_000
FRESH_SECONDS = 60
# Counted anew each time while it costs nothing: every document weighs in a small house.
SMALL = 2_000
MOST_REPEATED = 2
# Where not everything can be read, a single character that one of so many documents has is left to the pairs that contain it.
COMMON = 20
SINGLE, PAIR, WORD, LATIN = 0.3, 1.0, 0.7, 1.0
NOTHING: frozenset[str] = frozenset()

_counts: dict[tuple[int, ...], tuple[int, float]] = {}


@dataclass(frozen=True)
class Ranked:
    """Documents, best first. ``coverage`` is the share of what the query says that each document has, 0 to 1.

    ``unknown`` are the terms of the query that no document has.
    """

    documents: np.ndarray
    scores: np.ndarray
    coverage: np.ndarray
    unknown: frozenset[str]

    @property
    def best_coverage(self) -> float:
        return float(self.coverage[0]) if len(self.coverage) else 0.0


def weights_of(plain: str, *, share: float = 1.0) -> dict[str, float]:
    """How much each term of a normalised query counts, before its rarity."""
    counted = Counter(terms_in(plain))
    return {term: share * _weight(term) * min(times, MOST_REPEATED) for term, times in counted.items()}


def rank(weights: dict[str, float], *, shelves: Sequence[int], more: dict[str, float] | None = None) -> Ranked:
    """The documents that fit weighed terms best. ``more`` are terms that help but are not missed, such as synonyms."""
    everything = weights | {term: weight for term, weight in (more or {}).items() if term not in weights}
    digests = {digest_of(term): term for term in everything}
    fresh = _read_fresh(list(digests), shelves)
    lengths = _lengths(list(digests), shelves) + Counter(fresh[:, 0].tolist())
    total = _documents(shelves)
    rarity = {term: _rarity(lengths.get(digest, 0), total) for digest, term in digests.items()}
    unknown = frozenset(term for digest, term in digests.items() if term in weights and not lengths.get(digest))
    whole = sum(weight * rarity[term] for term, weight in weights.items())
    spared = _told_by_pairs(everything, rarity) if lengths.total() > BUDGET else NOTHING
    gains = {digest: everything[term] * rarity[term] for digest, term in digests.items() if lengths.get(digest) and term not in spared}
    documents, impacts, weighed = _read(fresh, lengths, gains, shelves)
    return _best(documents, impacts, weighed, whole=whole, unknown=unknown)


def forget_counts() -> None:
    """Count the documents anew at the next search, for tests."""
    _counts.clear()


def _weight(term: str) -> float:
    if not IS_HAN.match(term):
        return LATIN
    return {1: SINGLE, 2: PAIR}.get(len(term), WORD)


def _rarity(length: int, total: int) -> float:
    total = max(total, length)
    return log(1 + (total - length + 0.5) / (length + 0.5))


def _told_by_pairs(terms: Iterable[str], rarity: dict[str, float]) -> frozenset[str]:
    """The single characters that many documents have and that stand in a pair as well."""
    paired = {character for term in terms if len(term) == 2 for character in term}
    return frozenset(term for term in terms if term in paired and rarity[term] < log(COMMON))


def _documents(shelves: Sequence[int]) -> int:
    key = tuple(shelves)
    count, at = _counts.get(key, (0, 0.0))
    if count < SMALL or time.monotonic() - at > FRESH_SECONDS:
        count = count_documents(shelves)
        _counts[key] = count, time.monotonic()
    return count


def _lengths(terms: list[int], shelves: Sequence[int]) -> Counter[int]:
    """How many documents in blocks have each term."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT term, sum(length)::int FROM knowledge_posting WHERE shelf = ANY(%s) AND term = ANY(%s) GROUP BY term",
            [list(shelves), terms],
        )
        return Counter(dict(cursor.fetchall()))


def _shares(lengths: dict[int, int]) -> dict[int, float]:
    """Which part of each term's postings is read: the rare ones whole, the frequent ones the same number each."""
    left, shares = BUDGET, {}
    for place, (term, length) in enumerate(sorted(lengths.items(), key=lambda item: item[1])):
        taken = min(length, left // (len(lengths) - place))
        shares[term], left = taken / length, left - taken
    return shares


def _read(
    fresh: np.ndarray, lengths: dict[int, int], gains: dict[int, float], shelves: Sequence[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Postings as parallel arrays: document, impact from 0 to 1, and what the term gains at most.

    The fresh ones were read before: what was moved into a block meanwhile is seen twice, and counted once, but never missed.
    """
    blocks = _read_blocks(_shares({term: lengths[term] for term in gains}), shelves)
    documents = np.concatenate([np.frombuffer(row[1], DOCUMENT) for row in blocks] or [np.empty(0, DOCUMENT)])
    impacts = np.concatenate([np.frombuffer(row[2], IMPACT) for row in blocks] or [np.empty(0, IMPACT)])
    weighed = np.repeat([gains[row[0]] for row in blocks], [len(row[2]) for row in blocks]) if blocks else np.empty(0)
    if len(fresh):
        fresh = fresh[np.isin(fresh[:, 0], list(gains))]
        once = ~np.isin(documents, fresh[:, 1])
        documents = np.concatenate([documents[once], fresh[:, 1].astype(DOCUMENT)])
        impacts = np.concatenate([impacts[once], fresh[:, 2].astype(IMPACT)])
        weighed = np.concatenate([weighed[once], [gains[term] for term in fresh[:, 0].tolist()]])
    return documents, impacts / STEPS, weighed


def _read_fresh(terms: list[int], shelves: Sequence[int]) -> np.ndarray:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT term, document, impact FROM knowledge_freshposting WHERE shelf = ANY(%s) AND term = ANY(%s)", [list(shelves), terms]
        )
        return np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 3)


def _read_blocks(shares: dict[int, float], shelves: Sequence[int]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.term, substring(p.documents FOR 4 * ceil(p.length * w.share)::int),"
            " substring(p.impacts FOR ceil(p.length * w.share)::int)"
            " FROM unnest(%s::bigint[], %s::float8[]) w (term, share)"
            " JOIN knowledge_posting p ON p.term = w.term AND p.shelf = ANY(%s)",
            [list(shares), list(shares.values()), list(shelves)],
        )
        return cursor.fetchall()


def _best(documents: np.ndarray, impacts: np.ndarray, weighed: np.ndarray, *, whole: float, unknown: frozenset[str]) -> Ranked:
    numbers, places = _placed(documents)
    scores = np.bincount(places, impacts * weighed)
    found = np.flatnonzero(scores)
    best = found[np.argpartition(scores[found], -CANDIDATES)[-CANDIDATES:]] if len(found) > CANDIDATES else found
    best = best[np.lexsort((best, -scores[best]))]
    covered = np.bincount(places, weighed)[best] / whole if whole else np.ones(len(best))
    return Ranked(numbers(best), scores[best], np.minimum(covered, 1.0), unknown)


def _placed(documents: np.ndarray) -> tuple[Callable[[np.ndarray], np.ndarray], np.ndarray]:
    """A small place for each document, and the way back: its distance from the first, or where they lie far apart, its rank."""
    lowest, highest = (int(documents.min()), int(documents.max())) if len(documents) else (0, 0)
    if highest - lowest <= FAR_APART:
        return lambda places: places + lowest, documents - lowest
    found, places = np.unique(documents, return_inverse=True)
    return lambda chosen: found[chosen], places
