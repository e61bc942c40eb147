"""Making the file of a long list: one at a time by each worker, within a lease, from the beginning again after a crash."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import TypeVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import override

from analytics.ledger.freshness import freshness
from analytics.metrics.coding import filters_as_json
from analytics.models import ListExport
from complaints.services.exporting import against_exporting
from foundation.failpoints import failpoint
from foundation.leases import claim, finish
from ui.exports.responses import pieces_of

from .access import listing_for
from .files import forget_files, keep_file
from .listing import Listing, mark_of

logger = logging.getLogger(__name__)
# Reading ends long before the task does, for a workbook is put together afterwards, and the lease ends after both.
MOST_SECONDS, LEASE_SECONDS = 150, 330
TOLD_EVERY = 5000
State, Why = ListExport.State, ListExport.Why
Row = TypeVar("Row")


class LostLeaseError(Exception):
    """Somebody else makes this file by now."""


class TooLongError(Exception):
    """There are more rows than can be written in the time of a task."""


def make_next() -> int:
    """Make the file that has waited longest; returns how many were."""
    parked = {"state": State.REFUSED, "why": Why.CRASHED, "ended_at": timezone.now()}
    due = open_exports().select_related("asked_by")
    exports = claim(due, seconds=LEASE_SECONDS, limit=1, claimed={"state": State.RUNNING}, parked=parked)
    for export in exports:
        _make(export)
    return len(exports)


def open_exports() -> QuerySet[ListExport]:
    return ListExport.objects.filter(state__in=ListExport.OPEN)


def forget_old_files(now: datetime) -> int:
    """Delete files whose day is over; returns how many."""
    return forget_files(before=now - ListExport.KEPT)


def _make(export: ListExport) -> None:
    try:
        changes = _changes_of(export)
    except LostLeaseError:
        return
    except TooLongError:
        changes = {"state": State.REFUSED, "why": Why.TOO_LONG}
    except Exception:  # whatever it is, whoever waits is told, and the worker goes on with the next file
        logger.exception("list export %d could not be made", export.pk)
        changes = {"state": State.REFUSED, "why": Why.FAILED}
    failpoint("exports.before_finish")
    finish(export, ended_at=timezone.now(), **changes)


def _changes_of(export: ListExport) -> dict:
    """Make the file in the language and within the rights of its asker as they are now; returns what is to be noted of it."""
    listing, as_of = listing_for(export), freshness().as_of
    if listing is None or against_exporting(listing.facts(as_of=as_of), export.asked_by, export.reason):
        return {"state": State.REFUSED, "why": Why.NO_RIGHT}
    with override(export.asked_by.language):
        told = _Told(export)
        size = keep_file(export, _pieces(export, listing, told, as_of))
    return {"state": State.DONE, "row_count": told.count, "byte_count": size, "scope": filters_as_json(listing.choice.filters)}


def _pieces(export: ListExport, listing: Listing, told: "_Told", as_of: datetime) -> Iterator[bytes]:
    mark = mark_of(export.asked_by, reason=export.reason, entry=export.entry)
    sheet = listing.sheet(as_of=as_of, mark=mark)
    return pieces_of(replace(sheet, rows=told.counted(sheet.rows)), export.extension)


class _Told:
    """Counts rows while they are written and tells whoever waits how many there are."""

    def __init__(self, export: ListExport) -> None:
        self.export, self.count, self.ends_at = export, 0, monotonic() + MOST_SECONDS

    def counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            yield row
            self.count += 1
            if self.count % TOLD_EVERY == 0:
                self._tell()

    def _tell(self) -> None:
        failpoint("exports.half_way")
        own = ListExport.objects.filter(pk=self.export.pk, fence=self.export.fence)
        if not own.update(done_count=self.count):
            raise LostLeaseError
        if monotonic() > self.ends_at:
            raise TooLongError
