"""The one door for everybody who looks for articles and canned replies."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from knowledge.models import Article, SearchDocument
from knowledge.search import spelling
from knowledge.search.excerpts import Span, excerpt, mark
from knowledge.search.ranking import Ranked, rank, weights_of
from knowledge.search.text import LONGEST_QUERY, RUNS, normalise
from knowledge.search.words import current_words

__all__ = ["Findings", "Hit", "Span", "find"]

Shelf = SearchDocument.Shelf
SYNONYM = 0.8
OTHER_LANGUAGE = 0.5
OWN_CATEGORY, NEAR_CATEGORY = 1.3, 1.1
# Below these shares of what the query says, a document is no answer, and the whole result a weak one.
LEAST_COVERAGE, WEAK_COVERAGE = 0.12, 0.4
# A result that has so much of the query needs no other spelling.
GOOD_COVERAGE = 0.6
FALL_FROM_BEST = 0.2
# For each hit that is wanted so many documents are looked at: an article has two languages, and a category raises what stood lower.
LOOKED_AT = 4


class Document(NamedTuple):
    """Where a document belongs: one language of one article or reply."""

    shelf: int
    subject_id: int
    language: str

    @property
    def subject(self) -> tuple[int, int]:
        return self.shelf, self.subject_id


@dataclass(frozen=True)
class Hit:
    """One article or canned reply that fits; ``subject_id`` is its id, ``shelf`` says which of the two and for whom."""

    shelf: int
    subject_id: int
    language: str
    title: list[Span]
    snippet: list[Span]
    score: float


@dataclass(frozen=True)
class Findings:
    """What was found, best first. ``corrected`` are the words that were searched instead of the given ones, if any.

    ``is_weak``: nothing, or nothing that has most of what was asked for.
    """

    hits: list[Hit] = field(default_factory=list)
    corrected: str = ""
    is_weak: bool = False


def find(
    query: str,
    *,
    language: str,
    shelves: Sequence[int] = (Shelf.PUBLIC,),
    limit: int = 10,
    category_code: str = "",
    is_typing: bool = False,
    among: QuerySet | None = None,
) -> Findings:
    """Search titles, phrasings and texts; what the reader may not know of must be kept out by ``shelves``.

    ``language`` (zh, en) comes first among equals. ``category_code`` is that of the complaint: its articles are raised a little.
    ``is_typing`` completes the last word. ``among`` are the articles or replies that may be found, where not all of the shelves may.
    """
    plain = normalise(query.strip()[:LONGEST_QUERY])
    if not RUNS.search(plain):
        return Findings()
    with _one_state():
        ranked, corrected = _search(plain, shelves, is_typing=is_typing)
        documents = _documents(ranked.documents.tolist(), shelves, slice_of=LOOKED_AT * limit, among=among)
        best = _best(ranked, documents, language=language, category_code=category_code, limit=limit)
        hits = _shown(best, corrected or plain, language)
    return Findings(hits, corrected, is_weak=not hits or ranked.best_coverage < WEAK_COVERAGE)


@contextmanager
def _one_state() -> Iterator[None]:
    """Everything inside sees the index at one moment, so that a text that is indexed anew meanwhile is not missed between two reads."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _search(plain: str, shelves: Sequence[int], *, is_typing: bool) -> tuple[Ranked, str]:
    first = _rank(plain, shelves)
    if not first.unknown or first.best_coverage > GOOD_COVERAGE:
        return first, ""
    repaired = spelling.repair(plain, unknown=first.unknown, shelves=shelves, is_typing=is_typing)
    if repaired == plain:
        return first, ""
    second = _rank(repaired, shelves)
    return (second, repaired) if second.best_coverage > first.best_coverage else (first, "")


def _rank(plain: str, shelves: Sequence[int]) -> Ranked:
    weights = weights_of(plain)
    more: dict[str, float] = {}
    for word in _synonyms_in(plain):
        more |= weights_of(word, share=SYNONYM)
    return rank(weights, shelves=shelves, more=more)


def _synonyms_in(plain: str) -> list[str]:
    """What else the words of a query are called in this shop."""
    synonyms = current_words().synonyms
    if not synonyms:
        return []
    joined = f" {' '.join(run.group() for run in RUNS.finditer(plain))} "
    return [other for word, others in synonyms.items() if _stands_in(word, plain, joined) for other in others]


def _stands_in(word: str, plain: str, joined: str) -> bool:
    return f" {word} " in joined if word.isascii() else word in plain


def _best(ranked: Ranked, documents: dict[int, Document], *, language: str, category_code: str, limit: int) -> list[tuple[float, Document]]:
    """Scores and documents, one for each article or reply, best first."""
    raised = _raised(documents.values(), category_code)
    found: dict[tuple[int, int], tuple[float, Document]] = {}
    places = np.flatnonzero(np.isin(ranked.documents, list(documents)) & (ranked.coverage >= LEAST_COVERAGE))
    for number, score in zip(ranked.documents[places].tolist(), ranked.scores[places].tolist(), strict=True):
        document = documents[number]
        score *= raised.get(document.subject_id, 1.0) * (1.0 if document.language == language else OTHER_LANGUAGE)
        if document.subject not in found or score > found[document.subject][0]:
            found[document.subject] = score, document
    best = sorted(found.values(), key=lambda each: -each[0])[:limit]
    least = best[0][0] * FALL_FROM_BEST if best else 0.0
    return [each for each in best if each[0] >= least]


def _documents(numbers: list[int], shelves: Sequence[int], *, slice_of: int, among: QuerySet | None) -> dict[int, Document]:
    """The best documents that may be found, slice by slice, each twice as long as the one before, until half of the first is full.

    What was replaced stands in the postings until it is swept out, often close to what replaced it.
    """
    found: dict[int, Document] = {}
    start, size = 0, slice_of
    while start < len(numbers) and len(found) < slice_of / 2:
        found |= _among(_live(numbers[start : start + size], shelves), among)
        start, size = start + size, 2 * size
    return found


def _live(numbers: list[int], shelves: Sequence[int]) -> dict[int, Document]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, shelf, subject_id, language FROM knowledge_searchdocument WHERE id = ANY(%s) AND is_live AND shelf = ANY(%s)",
            [numbers, list(shelves)],
        )
        return {number: Document(*rest) for number, *rest in cursor.fetchall()}


def _among(documents: dict[int, Document], rows: QuerySet | None) -> dict[int, Document]:
    if rows is None:
        return documents
    ids = set(rows.filter(pk__in={each.subject_id for each in documents.values()}).values_list("pk", flat=True))
    return {number: each for number, each in documents.items() if each.subject_id in ids}


def _raised(documents: Iterable[Document], category_code: str) -> dict[int, float]:
    if not category_code:
        return {}
    ids = {each.subject_id for each in documents if each.shelf != Shelf.REPLIES}
    root = category_code.partition(".")[0]
    near = Article.objects.filter(pk__in=ids).filter(Q(category_code=root) | Q(category_code__startswith=f"{root}."))
    return {pk: OWN_CATEGORY if code == category_code else NEAR_CATEGORY for pk, code in near.values_list("pk", "category_code")}


def _shown(best: list[tuple[float, Document]], plain: str, language: str) -> list[Hit]:
    """The hits with their words, in the reader's language where an article has it."""
    words = _words_of([document for _score, document in best])
    terms = list(weights_of(plain))
    hits = []
    for score, document in best:
        own = document._replace(language=language)
        shown = own if own in words else document
        if shown not in words:
            continue  # withdrawn since it was ranked: only where the caller's transaction sees what others commit
        title, text = words[shown]
        snippet = excerpt(text, terms, language=shown.language)
        hits.append(Hit(shown.shelf, shown.subject_id, shown.language, mark(title, terms), snippet, score))
    return hits


def _words_of(documents: list[Document]) -> dict[Document, tuple[str, str]]:
    """Title and text of documents, and of the same in the other language."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shelf, subject_id, language, title, text FROM knowledge_searchdocument"
            " WHERE is_live AND shelf = ANY(%s) AND subject_id = ANY(%s)",
            [sorted({each.shelf for each in documents}), sorted({each.subject_id for each in documents})],
        )
        return {Document(shelf, subject_id, language): (title, text) for shelf, subject_id, language, title, text in cursor.fetchall()}
