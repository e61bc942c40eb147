"""Taking a list along as a file: at once where it is short; else it is written down and a worker makes it."""

from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessLog, User
from accounts.services import record_access
from analytics.ledger.freshness import freshness
from analytics.models import ListExport
from complaints.services.exporting import record_export
from foundation.exceptions import Reason
from foundation.hints import hint
from foundation.verbs import lock, require
from ui.exports.sheets import Sheet

from .access import exports_for, sees_all_of
from .files import path_of
from .listing import Listing, mark_of

TASK = "analytics.exports"
MOST_AT_ONCE = 5000
MOST_OPEN = 3
LONGEST_FIELD = 40
GONE = Reason("gone", _("This file is no longer there."), _("Ask for the list again."))
NO_RIGHT = Reason("no_right", ListExport.Why.NO_RIGHT.label, _("What you may see has changed since it was made."))


def take_list(listing: Listing, extension: str, *, by: User, reason: str, network: str | None) -> Sheet | ListExport:
    """A list as a sheet to send, or, above 5,000 rows, as an export that a worker makes. Either is written down.

    Raises ``NotAllowedError`` or ``RefusedError`` with the reasons.
    """
    at = freshness().as_of
    count = listing.size(as_of=at)
    if count > MOST_AT_ONCE:
        return _ask_export(listing, extension, count=count, by=by, reason=reason, network=network)
    entry = record_export(listing.facts(as_of=at), by=by, reason=reason, network=network)
    return listing.sheet(as_of=at, mark=mark_of(by, reason=reason, entry=entry.pk))


@transaction.atomic
def _ask_export(listing: Listing, extension: str, *, count: int, by: User, reason: str, network: str | None) -> ListExport:
    """Write down what somebody wants and why; who asks for the same again while it is being made gets the one that there is."""
    lock(by)
    waiting = exports_for(by).filter(state__in=ListExport.OPEN)
    wish = {"metric": listing.metric.id, "part": listing.part.flag, "query": listing.query, "extension": extension, "reason": reason}
    same = waiting.filter(**wish).first()
    if same is not None:
        return same
    entry = record_export(listing.facts(as_of=freshness().as_of), by=by, reason=reason, network=network)
    require(_against_another(waiting.count()))
    export = ListExport.objects.create(asked_by=by, entry=entry.pk, row_count=count, name=listing.name, **wish)
    hint(TASK)
    return export


def _against_another(number: int) -> list[Reason]:
    if number < MOST_OPEN:
        return []
    return [Reason("under_way", _("%(number)d files of yours are being made.") % {"number": number}, _("Wait until one is done."))]


def fetch_file(export: ListExport, *, network: str | None) -> BinaryIO:
    """Open the file of a finished export for its asker and write that down. ``RefusedError`` where it is gone, or holds what they do not
    see any more.
    """
    require([GONE] if export.is_expired else [] if sees_all_of(export) else [NO_RIGHT])
    try:
        file = path_of(export).open("rb")
    except FileNotFoundError:
        require([GONE])
    record_access(
        AccessLog.Act.DOWNLOAD, export, by=export.asked_by, field=export.name[:LONGEST_FIELD], reason=export.reason, network=network
    )
    return file
