"""Indexing everything: after an import, or when the way of indexing has changed. Resumable, and people search meanwhile.

Each batch is one transaction: its new documents come, the old ones of the same subjects go. A search sees either.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import models, transaction
from django.utils import timezone

from knowledge.models import Article, CannedReply, SearchDocument, SearchRebuild
from knowledge.search.indexing import OF_ARTICLES, OF_REPLIES, impacts_of, make_documents, take_out
from knowledge.search.postings import DOCUMENT, IMPACT, TERM, Postings, fold_fresh, join, store, sweep_out, wait_for_folding
from knowledge.search.sources import Source, sources_of_article, sources_of_reply
from knowledge.search.text import ANALYSIS

BATCH = 2000


@dataclass(frozen=True)
class Subjects:
    """One kind of row that is searched."""

    shelves: Sequence[int]
    rows: Callable[[], models.QuerySet]
    sources_of: Callable[[models.Model], list[Source]]

    def locked(self, ids: list[int]) -> models.QuerySet:
        return self.rows().model.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True)


def _articles() -> models.QuerySet:
    return Article.objects.select_related("live").prefetch_related("phrasings")


SUBJECTS = (
    Subjects(OF_ARTICLES, _articles, sources_of_article),
    Subjects(OF_REPLIES, CannedReply.objects.all, sources_of_reply),
)


def rebuild(*, is_new: bool = False, batch: int = BATCH) -> Iterator[tuple[int, int]]:
    """Bring the whole index in line with its sources; yields, after each batch, how many subjects are done and how many there are.

    Goes on where an earlier rebuild stopped, unless ``is_new``. What is indexed already in today's way stays.
    """
    todo = [(subjects, _start(subjects, is_new=is_new)) for subjects in SUBJECTS]
    whole = sum(subjects.rows().filter(pk__gt=progress.after_id).count() for subjects, progress in todo)
    done = 0
    for subjects, progress in todo:
        for count in _rebuild_subjects(subjects, progress, batch):
            done += count
            yield done, whole
    fold_fresh(at_least=1)


def index_marked(*, batch: int = BATCH) -> int:
    """Index anew what was marked by an empty digest, up to a batch of each kind; returns how many subjects."""
    count = 0
    for subjects in SUBJECTS:
        marked = SearchDocument.objects.filter(shelf__in=subjects.shelves, is_live=True, digest=b"")
        if ids := sorted(set(marked.values_list("subject_id", flat=True)[:batch])):
            with transaction.atomic():
                wait_for_folding()
                _index_batch(ids, subjects)
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
    while rows := list(subjects.rows().filter(pk__gt=progress.after_id).order_by("pk")[:batch]):
        with transaction.atomic():
            wait_for_folding()
            _index_batch([row.pk for row in rows], subjects)
            progress.after_id = rows[-1].pk
            progress.save(update_fields=["after_id"])
        yield len(rows)
    progress.finished_at = timezone.now()
    progress.save(update_fields=["finished_at"])


def _index_batch(ids: list[int], subjects: Subjects) -> None:
    """Index some subjects as they stand, locked so that nobody publishes another wording of them meanwhile."""
    list(subjects.locked(ids))
    sources = [source for row in subjects.rows().filter(pk__in=ids) for source in subjects.sources_of(row)]
    wanted = {(each.shelf, each.subject_id, each.language): each for each in sources}
    live = SearchDocument.objects.filter(shelf__in=subjects.shelves, subject_id__in=ids, is_live=True)
    known = {(each.shelf, each.subject_id, each.language): each for each in live.defer("title", "text")}
    gone = [each for key, each in known.items() if key not in wanted or bytes(each.digest) != wanted[key].digest]
    take_out(gone)
    kept = known.keys() - {(each.shelf, each.subject_id, each.language) for each in gone}
    new = [source for key, source in wanted.items() if key not in kept]
    for shelf in subjects.shelves:
        _index([source for source in new if source.shelf == shelf], shelf)


def _index(sources: list[Source], shelf: int) -> None:
    documents = make_documents(sources, is_fresh=False)
    store(shelf, join([_postings(document.id, impacts_of(source)) for document, source in zip(documents, sources, strict=True)]))


def _postings(document: int, impacts: dict[int, int]) -> Postings:
    count = len(impacts)
    return Postings(
        np.fromiter(impacts.keys(), TERM, count), np.full(count, document, DOCUMENT), np.fromiter(impacts.values(), IMPACT, count)
    )
