"""Postings: which documents have a term, best first, in blocks; and those of the newest documents, one row each.

What was indexed lately stands in ``FreshPosting``, so indexing writes a few hundred small rows and no block. ``fold_fresh`` moves it
into blocks, which are read by their beginning: the best documents of a term come first in each.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection, transaction
from psycopg2.extras import execute_values

from knowledge.models import FreshPosting, SearchDocument

BLOCK = 4096
FRESH_DOCUMENTS = 64
PAGE = 2000
FOLDING = 726_003
TERM, DOCUMENT, IMPACT = np.dtype("<i8"), np.dtype("<i4"), np.dtype("u1")


@dataclass(frozen=True)
class Postings:
    """Parallel arrays: term, document and impact (0–255) of each posting."""

    terms: np.ndarray
    documents: np.ndarray
    impacts: np.ndarray

    def __len__(self) -> int:
        return len(self.terms)

    def sorted(self) -> "Postings":
        """By term, and the best first within one."""
        order = np.lexsort((self.documents, -self.impacts.astype(np.int16), self.terms))
        return Postings(self.terms[order], self.documents[order], self.impacts[order])

    def without(self, documents: np.ndarray) -> "Postings":
        keep = ~np.isin(self.documents, documents)
        return Postings(self.terms[keep], self.documents[keep], self.impacts[keep])


def join(parts: Sequence[Postings]) -> Postings:
    """All of them as one."""
    return Postings(
        np.concatenate([part.terms for part in parts] or [np.empty(0, TERM)]),
        np.concatenate([part.documents for part in parts] or [np.empty(0, DOCUMENT)]),
        np.concatenate([part.impacts for part in parts] or [np.empty(0, IMPACT)]),
    )


def add_fresh(shelf: int, document: int, impacts: dict[int, int]) -> None:
    """Add the terms of one new document, with the impact (0–255) of each."""
    rows = "INSERT INTO knowledge_freshposting (shelf, term, document, impact) SELECT %s, unnest(%s), %s, unnest(%s)"
    with connection.cursor() as cursor:
        cursor.execute(rows, [shelf, list(impacts), document, list(impacts.values())])


def fold_fresh(*, at_least: int = FRESH_DOCUMENTS) -> int:
    """Move what is fresh into blocks, when it is of ``at_least`` so many documents; returns how many. One at a time does it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FOLDING])
        if not cursor.fetchone()[0]:
            return 0
        fresh = SearchDocument.objects.filter(is_fresh=True).values_list("id", "is_live")
        documents = dict(fresh[: 10 * FRESH_DOCUMENTS])
        if len(documents) < at_least:
            return 0
        live = [number for number, is_live in documents.items() if is_live]
        for shelf in SearchDocument.Shelf.values:
            store(shelf, _read_fresh(shelf, live))
        FreshPosting.objects.filter(document__in=documents).delete()
        SearchDocument.objects.filter(id__in=documents).update(is_fresh=False)
    return len(documents)


def wait_for_folding() -> None:
    """Hold, until the transaction ends, what keeps anybody else from writing blocks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOLDING])


def store(shelf: int, new: Postings) -> None:
    """Write postings into blocks: the last block of each term is filled up, then the next one begins."""
    if not len(new):
        return
    terms = np.unique(new.terms)
    last, numbers = _last_blocks(shelf, terms)
    whole = join([last.without(_dead_among(last.documents)), new]).sorted()
    starts = np.concatenate([[0], np.flatnonzero(np.diff(whole.terms)) + 1, [len(whole)]])
    _write(shelf, _blocks(whole, starts, numbers))


def sweep_out(dead: Sequence[int], *, after: int, limit: int = PAGE) -> int:
    """Take documents out of the blocks that come after a row id; returns the last row id that was looked at, 0 at the end."""
    gone = np.array(sorted(dead), DOCUMENT)
    with transaction.atomic(), connection.cursor() as cursor:
        wait_for_folding()
        cursor.execute("SELECT id, documents, impacts FROM knowledge_posting WHERE id > %s ORDER BY id LIMIT %s", [after, limit])
        rows = cursor.fetchall()
        changed = [each for each in (_without(row, gone) for row in rows) if each is not None]
        emptied = [row_id for row_id, _length, documents, _impacts in changed if not documents]
        execute_values(
            cursor,
            "UPDATE knowledge_posting p SET length = v.length, documents = v.documents, impacts = v.impacts"
            " FROM (VALUES %s) v (id, length, documents, impacts) WHERE p.id = v.id",
            [row for row in changed if row[2]],
            page_size=PAGE,
        ) if len(changed) > len(emptied) else None
        cursor.execute("DELETE FROM knowledge_posting WHERE id = ANY(%s)", [emptied])
    return rows[-1][0] if len(rows) == limit else 0


def _without(row: tuple, gone: np.ndarray) -> tuple | None:
    row_id, documents, impacts = row[0], np.frombuffer(row[1], DOCUMENT), np.frombuffer(row[2], IMPACT)
    keep = ~np.isin(documents, gone)
    if keep.all():
        return None
    return row_id, int(keep.sum()), documents[keep].tobytes(), impacts[keep].tobytes()


def _read_fresh(shelf: int, documents: list[int]) -> Postings:
    rows = FreshPosting.objects.filter(shelf=shelf, document__in=documents).values_list("term", "document", "impact")
    table = np.array(list(rows), dtype=np.int64).reshape(-1, 3)
    return Postings(table[:, 0].astype(TERM), table[:, 1].astype(DOCUMENT), table[:, 2].astype(IMPACT))


def _last_blocks(shelf: int, terms: np.ndarray) -> tuple[Postings, dict[int, int]]:
    """What stands in the last block of each term where there is room, and the number of the block to write to."""
    parts, numbers = [], {}
    with connection.cursor() as cursor:
        for start in range(0, len(terms), 10 * PAGE):
            cursor.execute(
                "SELECT DISTINCT ON (term) term, block, length, documents, impacts FROM knowledge_posting"
                " WHERE shelf = %s AND term = ANY(%s) ORDER BY term, block DESC",
                [shelf, terms[start : start + 10 * PAGE].tolist()],
            )
            for term, block, length, documents, impacts in cursor:
                has_room = length < BLOCK
                numbers[term] = block if has_room else block + 1
                if has_room:
                    parts.append(Postings(np.full(length, term, TERM), np.frombuffer(documents, DOCUMENT), np.frombuffer(impacts, IMPACT)))
    return join(parts), numbers


def _dead_among(documents: np.ndarray) -> np.ndarray:
    """Those of some documents that are not found any more; they leave the blocks that are written anyway."""
    dead = SearchDocument.objects.filter(is_live=False).values_list("id", flat=True)
    return np.intersect1d(documents, np.array(list(dead), DOCUMENT))


def _blocks(whole: Postings, starts: np.ndarray, numbers: dict[int, int]) -> Iterable[tuple]:
    documents, impacts = whole.documents.astype(DOCUMENT).tobytes(), whole.impacts.astype(IMPACT).tobytes()
    bounds = starts.tolist()
    terms = whole.terms[starts[:-1]].tolist()
    for term, start, end in zip(terms, bounds[:-1], bounds[1:], strict=True):
        number = numbers.get(term, 0)
        for place, begin in enumerate(range(start, end, BLOCK)):
            stop = min(begin + BLOCK, end)
            yield term, number + place, stop - begin, documents[4 * begin : 4 * stop], impacts[begin:stop]


def _write(shelf: int, blocks: Iterable[tuple]) -> None:
    with connection.cursor() as cursor:
        execute_values(
            cursor,
            "INSERT INTO knowledge_posting (shelf, term, block, length, documents, impacts) VALUES %s"
            " ON CONFLICT (shelf, term, block)"
            " DO UPDATE SET length = EXCLUDED.length, documents = EXCLUDED.documents, impacts = EXCLUDED.impacts",
            ((shelf, *block) for block in blocks),
            page_size=PAGE,
        )
