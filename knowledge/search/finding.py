"""The one door for everybody who looks for articles and canned replies."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection, transaction

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
) -> Findings:
    """Search titles, phrasings and texts; what the reader may not know of must be kept out by ``shelves``.

    ``language`` (zh, en) comes first among equals. ``category_code`` is that of the complaint: its articles are raised a little.
    ``is_typing`` completes the last word.
    """
    plain = normalise(query.strip()[:LONGEST_QUERY])
    if not RUNS.search(plain):
        return Findings()
    with _one_state():
        ranked, corrected = _search(plain, shelves, is_typing=is_typing)
        hits = _hits(ranked, corrected or plain, shelves=shelves, language=language, category_code=category_code, limit=limit)
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


def _hits(ranked: Ranked, plain: str, *, shelves: Sequence[int], language: str, category_code: str, limit: int) -> list[Hit]:
    documents = _documents(ranked, shelves)
    raised = _raised(documents.values(), category_code)
    found: dict[tuple[int, int], tuple[float, SearchDocument]] = {}
    for number, score, coverage in zip(ranked.documents.tolist(), ranked.scores.tolist(), ranked.coverage.tolist(), strict=True):
        document = documents.get(number)
        if document is None or coverage < LEAST_COVERAGE:
            continue
        score *= raised.get(document.subject_id, 1.0) * (1.0 if document.language == language else OTHER_LANGUAGE)
        key = (document.shelf, document.subject_id)
        if key not in found or score > found[key][0]:
            found[key] = score, document
    best = sorted(found.values(), key=lambda each: -each[0])[:limit]
    least = best[0][0] * FALL_FROM_BEST if best else 0.0
    return _shown([each for each in best if each[0] >= least], plain, language)


def _documents(ranked: Ranked, shelves: Sequence[int]) -> dict[int, SearchDocument]:
    live = SearchDocument.objects.filter(id__in=ranked.documents.tolist(), is_live=True, shelf__in=shelves)
    return {each.id: each for each in live.only("shelf", "subject_id", "language")}


def _raised(documents, category_code: str) -> dict[int, float]:
    if not category_code:
        return {}
    ids = {each.subject_id for each in documents if each.shelf != Shelf.REPLIES}
    root = category_code.partition(".")[0]
    own = Article.objects.filter(pk__in=ids, category_code__startswith=root).values_list("pk", "category_code")
    return {pk: OWN_CATEGORY if code == category_code else NEAR_CATEGORY for pk, code in own}


def _shown(best: list[tuple[float, SearchDocument]], plain: str, language: str) -> list[Hit]:
    """The hits with their words, in the reader's language where an article has it."""
    own = _in_language([document for _score, document in best], language)
    terms = list(weights_of(plain))
    hits = []
    for score, document in best:
        shown = own.get((document.shelf, document.subject_id), document)
        title, snippet = mark(shown.title, terms), excerpt(shown.text, terms, language=shown.language)
        hits.append(Hit(shown.shelf, shown.subject_id, shown.language, title, snippet, score))
    return hits


def _in_language(documents: list[SearchDocument], language: str) -> dict[tuple[int, int], SearchDocument]:
    wanted = {(each.shelf, each.subject_id) for each in documents}
    rows = SearchDocument.objects.filter(
        subject_id__in=[subject for _shelf, subject in wanted], shelf__in={shelf for shelf, _subject in wanted}, is_live=True
    ).only("shelf", "subject_id", "language", "title", "text")
    found: dict[tuple[int, int], SearchDocument] = {}
    for each in rows:
        key = (each.shelf, each.subject_id)
        if key in wanted and (key not in found or each.language == language):
            found[key] = each
    return found
