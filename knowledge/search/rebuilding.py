"""Indexing everything: after an import, or when the way of indexing has changed. Resumable, and people search meanwhile.

Each batch is one transaction: its new documents come, the old ones of the same subjects go. A search sees either.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import models, transaction
from django.utils import timezone

from knowledge.models import Article, CannedReply, SearchDocument, SearchRebuild
from knowledge.search.indexing import OF_ARTICLES, OF_REPLIES, compare, impacts_of, make_documents, take_out
from knowledge.search.lexicon import recount
from knowledge.search.postings import DOCUMENT, IMPACT, TERM, Postings, fold_fresh, join, store, sweep_out, wait_for_folding
from knowledge.search.sources import Source, sources_of_article, sources_of_reply
from knowledge.search.text import ANALYSIS
from knowledge.search.words import current_words, forget_words

# Few, since nobody publishes the articles of a batch while it is written. 5,000 articles take 49 s so, and 22 s by 2,000 at once.
BATCH = 100
# So many of each kind are indexed again by one sweep.
MOST_MARKED = 2000


@dataclass(frozen=True)
class Subjects:
    """One kind of row that is searched."""

    shelves: Sequence[int]
    rows: Callable[[], models.QuerySet]
    sources_of: Callable[[models.Model], list[Source]]

    def lock(self, ids: list[int]) -> None:
        """Until the transaction ends nobody else changes these rows; what points to them may still be written."""
        list(self.rows().model.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))

    def sources(self, ids: list[int]) -> list[Source]:
        return [source for row in self.rows().filter(pk__in=ids) for source in self.sources_of(row)]


def _articles() -> models.QuerySet:
    return Article.objects.select_related("live").prefetch_related("phrasings")


SUBJECTS = (
    Subjects(OF_ARTICLES, _articles, sources_of_article),
    Subjects(OF_REPLIES, CannedReply.objects.all, sources_of_reply),
)


def rebuild(*, is_new: bool = False, batch: int = BATCH) -> Iterator[tuple[int, int]]:
    """Bring the index in line with every subject that there is; yields, after each batch, how many are done and how many there are.

    Goes on where an earlier rebuild stopped, unless ``is_new``. What is indexed already in today's way stays. So does what is left of
    a reply that was deleted with its team: who shows replies asks for their rows.
    """
    todo = [(subjects, _start(subjects, is_new=is_new)) for subjects in SUBJECTS]
    whole = sum(subjects.rows().filter(pk__gt=progress.after_id).count() for subjects, progress in todo)
    done = 0
    for subjects, progress in todo:
        for count in _rebuild_subjects(subjects, progress, batch):
            done += count
            yield done, whole
    fold_fresh(at_least=1)


def index_marked(*, most: int = MOST_MARKED, batch: int = BATCH) -> int:
    """Index anew what was marked by an empty digest, up to so many of each kind; returns how many subjects."""
    count = 0
    for subjects in SUBJECTS:
        marked = SearchDocument.objects.filter(shelf__in=subjects.shelves, is_live=True, digest=b"")
        ids = sorted(set(marked.values_list("subject_id", flat=True)[:most]))
        for start in range(0, len(ids), batch):
            _index_batch(ids[start : start + batch], subjects)
        count += len(ids)
    return count


def sweep_out_dead() -> int:
    """Remove the documents that are not found any more from all postings and from their table; returns how many."""
    dead = list(SearchDocument.objects.filter(is_live=False, is_fresh=False).values_list("id", flat=True))
    after = sweep_out(dead, after=0) if dead else 0
    while after:
        after = sweep_out(dead, after=after)
    SearchDocument.objects.filter(id__in=dead).delete()
    return len(dead)


def _start(subjects: Subjects, *, is_new: bool) -> SearchRebuild:
    progress, _made = SearchRebuild.objects.get_or_create(shelf=subjects.shelves[0], defaults={"analysis": ANALYSIS})
    if is_new or progress.finished_at is not None or progress.analysis != ANALYSIS:
        progress.analysis, progress.after_id, progress.started_at, progress.finished_at = ANALYSIS, 0, timezone.now(), None
        progress.save()
    return progress


def _rebuild_subjects(subjects: Subjects, progress: SearchRebuild, batch: int) -> Iterator[int]:
    ids = subjects.rows().model.objects.order_by("pk").values_list("pk", flat=True)
    while some := list(ids.filter(pk__gt=progress.after_id)[:batch]):
        with transaction.atomic():
            _index_batch(some, subjects)
            progress.after_id = some[-1]
            progress.save(update_fields=["after_id"])
        yield len(some)
    progress.finished_at = timezone.now()
    progress.save(update_fields=["finished_at"])


def _index_batch(ids: list[int], subjects: Subjects) -> None:
    """Index some subjects as they stand, locked so that nobody publishes another wording of them meanwhile.

    Their texts are analysed before that, with the shop's words of now: who publishes waits for the writing only.
    """
    read = _Read(compare(subjects.sources(ids), subject_ids=ids, shelves=subjects.shelves)[1])
    with transaction.atomic():
        wait_for_folding()
        subjects.lock(ids)
        gone, new = compare(subjects.sources(ids), subject_ids=ids, shelves=subjects.shelves)
        take_out(gone)
        documents = make_documents(new, is_fresh=False)
        impacts = read.impacts_of(new)
        for shelf in subjects.shelves:
            pairs = zip(documents, impacts, strict=True)
            store(shelf, join([_postings(document.id, weighed) for document, weighed in pairs if document.shelf == shelf]))
        recount(learned=documents, forgotten=gone)


class _Read:
    """What the texts of some sources say, as it was before they were locked: good for those that are the same still."""

    def __init__(self, sources: Sequence[Source]):
        forget_words()
        self._dictionary = current_words().dictionary
        self._impacts = {source.digest: impacts_of(source) for source in sources}

    def impacts_of(self, sources: Sequence[Source]) -> list[dict[int, int]]:
        """Of each source, read anew where the source or the shop's dictionary has changed."""
        forget_words()
        known = self._impacts if current_words().dictionary == self._dictionary else {}
        return [known.get(source.digest) or impacts_of(source) for source in sources]


def _postings(document: int, impacts: dict[int, int]) -> Postings:
    count = len(impacts)
    return Postings(
        np.fromiter(impacts.keys(), TERM, count), np.full(count, document, DOCUMENT), np.fromiter(impacts.values(), IMPACT, count)
    )
