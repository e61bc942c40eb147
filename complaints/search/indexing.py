"""From a complaint to the terms by which it is found. Reads news from the feed of events, so that no request pays for it."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from complaints.models import Complaint, ComplaintCursor, ComplaintSearchRow, EventFeed, Message
from foundation.events import FeedEntry, consume_feed
from knowledge.search.text import ANALYSIS, digest_of, terms_of
from ui.masking import mask_text
from ui.normalise import normalise_code

CONSUMER = "complaint_search"
# Events after which a complaint says something else than before. A change of status goes with what is said of the end: a resolution,
# why something is spam, and that either is gone when the complaint is open again.
TELLING = {
    "complaint.filed", "complaint.split", "message.posted", "message.copied", "message.joined", "message.retracted", "order.bound",
    "order.unbound", "status.changed", "contact.corrected", "privacy.erased",
}  # fmt: skip
BATCH = 50
TEXTS = ("number", "subject", "description", "resolution", "order_text")


def index_news(*, limit: int = 500) -> int:
    """Read the next events and write the terms of the complaints that they changed; returns how many events were read.

    No lock is needed: whatever changes a text while it is read leaves an event behind, which comes next.
    """
    return consume_feed(ComplaintCursor, EventFeed, CONSUMER, work=_index_changed, limit=limit)


def index_complaints(complaints: QuerySet[Complaint]) -> int:
    """Write the terms of these complaints; those that were erased lose theirs. Three queries. Returns how many there were."""
    found = list(complaints.select_related("order").only(*TEXTS, "erased_at", "order__number").order_by("pk"))
    words = _words_of([complaint.pk for complaint in found if not complaint.erased_at])
    rows = [_row_of(complaint, words[complaint.pk]) for complaint in found if not complaint.erased_at]
    ComplaintSearchRow.objects.bulk_create(rows, update_conflicts=True, unique_fields=["complaint"], update_fields=["terms", "analysis"])
    forget_terms([complaint.pk for complaint in found if complaint.erased_at])
    return len(found)


def forget_terms(complaint_ids: list[int]) -> None:
    """Take complaints out of the search."""
    if complaint_ids:
        ComplaintSearchRow.objects.filter(complaint__in=complaint_ids).delete()


def fill_missing(*, progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Index every complaint that has no terms yet, or terms of an earlier way of reading. What is done stays done, so it may be stopped.

    A batch is locked while it is read: between reading and writing nobody may say anything that would then be written over.
    """
    total, done, after = _unread().count(), 0, 0
    while ids := list(_unread().filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        _index_locked(ids)
        done, after = done + len(ids), ids[-1]
        progress(min(done, total), total)
    return done


def _index_locked(ids: list[int]) -> None:
    with transaction.atomic():
        list(Complaint.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
        index_complaints(Complaint.objects.filter(pk__in=ids))


def _unread() -> QuerySet[Complaint]:
    read = ComplaintSearchRow.objects.filter(complaint=OuterRef("pk"), analysis=ANALYSIS)
    return Complaint.objects.filter(~Exists(read), erased_at__isnull=True)


def _index_changed(entries: list[FeedEntry]) -> None:
    changed = sorted({entry.subject_id for entry in entries if entry.kind in TELLING})
    for first in range(0, len(changed), BATCH):
        index_complaints(Complaint.objects.filter(pk__in=changed[first : first + BATCH]))


def _words_of(complaint_ids: list[int]) -> dict[int, list[str]]:
    """What was written on each complaint, notes included: whoever sees the complaint sees them."""
    said = Message.objects.filter(complaint__in=complaint_ids, retracted_at__isnull=True).order_by("complaint", "id")
    words = defaultdict(list)
    for complaint_id, body in said.values_list("complaint_id", "body"):
        words[complaint_id].append(body)
    return words


def _row_of(complaint: Complaint, words: Iterable[str]) -> ComplaintSearchRow:
    codes = [normalise_code(complaint.order_text), complaint.order.number if complaint.order else ""]
    texts = [*(getattr(complaint, name) for name in TEXTS), *codes, *words]
    # A phone number in a text is shown to nobody without a reason and a line in the log, so it finds nothing either.
    terms = {digest_of(term) for text in texts for term in terms_of(mask_text(text))}
    return ComplaintSearchRow(complaint=complaint, terms=sorted(terms), analysis=ANALYSIS)
