"""Writes the index: a document for each source, its postings, and its words in the lexicon.

A changed text becomes a new document and the old one is not live any more, so the postings of a document never change.
"""

from collections import Counter
from collections.abc import Sequence

from django.db import connection, transaction

from foundation.hints import hint
from knowledge.models import Article, CannedReply, SearchDocument
from knowledge.search import lexicon, postings
from knowledge.search.sources import Shelf, Source, sources_of_article, sources_of_reply
from knowledge.search.text import digest_of, normalise, terms_in
from knowledge.search.words import forget_words

OF_ARTICLES = (Shelf.PUBLIC, Shelf.STAFF)
OF_REPLIES = (Shelf.REPLIES,)
# BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework"), with the weights of fields inside the term frequency.
# The usual length is a constant, not the mean of the house: a document's postings then never depend on other documents.
SATURATION, LENGTH_SHARE, USUAL_LENGTH = 1.5, 0.6, 800
TITLE, PHRASING, TEXT = 3.0, 1.5, 1.0
STEPS = 255
NOTHING: frozenset[str] = frozenset()


@transaction.atomic
def index_article(article: Article) -> None:
    """Make an article findable as it stands, read with the shop's words of now, or not at all without a live version or when outdated."""
    forget_words()
    index_sources(sources_of_article(article), subject_id=article.pk, shelves=OF_ARTICLES)


@transaction.atomic
def index_reply(reply: CannedReply) -> None:
    """Make a canned reply findable as it stands, read with the shop's words of now, or not at all when it is not active."""
    forget_words()
    index_sources(sources_of_reply(reply), subject_id=reply.pk, shelves=OF_REPLIES)


def index_sources(sources: Sequence[Source], *, subject_id: int, shelves: Sequence[int]) -> None:
    """Bring what is found of one subject in line with its sources; what is unchanged stays."""
    gone, new = compare(sources, subject_ids=[subject_id], shelves=shelves)
    take_out(gone)
    documents = [_add(source) for source in new]
    lexicon.recount(learned=documents, forgotten=gone)
    if documents:
        hint("knowledge.fold_fresh")


def compare(sources: Sequence[Source], *, subject_ids: Sequence[int], shelves: Sequence[int]) -> tuple[list[SearchDocument], list[Source]]:
    """The live documents of some subjects that are not as their sources are, and the sources without a document."""
    wanted = {(each.shelf, each.subject_id, each.language): each for each in sources}
    live = SearchDocument.objects.filter(shelf__in=shelves, subject_id__in=subject_ids, is_live=True).defer("title", "text")
    known = {(each.shelf, each.subject_id, each.language): each for each in live}
    gone = {key: each for key, each in known.items() if key not in wanted or bytes(each.digest) != wanted[key].digest}
    return list(gone.values()), [source for key, source in wanted.items() if key not in known or key in gone]


def take_out(documents: Sequence[SearchDocument]) -> None:
    """Make documents unfindable at once; their postings are swept out later. Whoever takes out has the lexicon count its words anew."""
    if documents:
        SearchDocument.objects.filter(id__in=[each.id for each in documents]).update(is_live=False)


def impacts_of(source: Source) -> dict[int, int]:
    """How much each term says about a source: digest of the term → 1 to 255."""
    frequency: Counter[str] = Counter()
    for text, weight in ((source.title, TITLE), (source.phrasings, PHRASING), (source.text, TEXT)):
        for term, times in Counter(terms_in(normalise(text))).items():
            frequency[term] += weight * times
    length = sum(frequency.values()) / USUAL_LENGTH
    damping = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * length)
    return {digest_of(term): max(1, round(STEPS * times / (times + damping))) for term, times in frequency.items()}


def make_documents(sources: Sequence[Source], *, is_fresh: bool) -> list[SearchDocument]:
    """Add the documents of sources, without their postings, and not counted in the lexicon yet."""
    return SearchDocument.objects.bulk_create(
        SearchDocument(
            shelf=source.shelf,
            subject_id=source.subject_id,
            language=source.language,
            title=source.title,
            text=source.text,
            digest=source.digest,
            words=lexicon.words_of(source),
            is_fresh=is_fresh,
        )
        for source in sources
    )


def _add(source: Source) -> SearchDocument:
    (document,) = make_documents([source], is_fresh=True)
    postings.add_fresh(source.shelf, document.id, impacts_of(source))
    return document


def count_documents(shelves: Sequence[int]) -> int:
    """How many documents can be found on some shelves."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM knowledge_searchdocument WHERE is_live AND shelf = ANY(%s)", [list(shelves)])
        return cursor.fetchone()[0]
