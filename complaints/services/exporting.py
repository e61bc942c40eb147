"""Taking a list out of the house: who may, how much, why; and the trace that it leaves."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessLog, User
from accounts.services import record_access
from complaints.models import Complaint
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import require

MOST_ROWS = 5000
SHORTEST_REASON = 2


def owes_reason(user: User) -> bool:
    """Whoever sees whole shops says what a list of them is for."""
    return user.has_perm("complaints.manage_shop")


@transaction.atomic
def record_export(complaints: QuerySet[Complaint], *, by: User, reason: str = "", network: str | None = None) -> AccessLog:
    """Check that somebody may take these visible complaints out of the house, and write down that they did; returns the log row.

    Leads take at most 5,000 rows; managers any number, with a reason. ``NotAllowedError`` or ``RefusedError`` with the reasons.
    """
    require(against_exporting(complaints, by, reason))
    count = complaints.count()
    # A list is no row: it is written down under the number 0, and its name in the file leads back to this entry.
    return record_access(AccessLog.Act.EXPORT, Complaint(pk=0), by=by, field=f"{count} rows", reason=reason, network=network)


def against_exporting(complaints: QuerySet[Complaint], by: User, reason: str) -> list[Reason]:
    """Why somebody may not take a list, or not without saying what for."""
    if not by.has_perm("complaints.export_complaint"):
        return [Forbidden("no_permission", _("Your role does not include this."), _("A lead or a manager can do this."))]
    if owes_reason(by):
        return [] if len(reason.strip()) >= SHORTEST_REASON else [Reason("no_reason", _("Say why, in a few words."))]
    if complaints[: MOST_ROWS + 1].count() > MOST_ROWS:
        text = _("The list holds more than %(number)s complaints.") % {"number": MOST_ROWS}
        return [Reason("too_many_rows", text, _("Narrow it with a filter."))]
    return []
