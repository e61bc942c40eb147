"""Deleting an imported log: it is marked, and a sweep takes away its facts, its events and last the log itself."""

from itertools import islice

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from analytics.ledger.storing import store_facts
from analytics.ledger.turns import turn
from analytics.models import ImportedEvent, ImportedLog
from foundation.exceptions import Forbidden
from foundation.verbs import require

from .run import CASE_FAMILIES, read_cases
from .translating import root_of

RIGHT = "analytics.delete_importedlog"
# Batches of a log that one sweep takes away.
MOST_BATCHES = 20


@transaction.atomic
def delete_log(log: ImportedLog, *, by: User | None) -> ImportedLog:
    """Mark a log as being deleted; its facts and events go in batches after that, and an import that is at it stops.

    Returns the locked, fresh row. Raises ``NotAllowedError`` for whoever may not delete logs. Doing it twice does no more.
    """
    log = ImportedLog.objects.select_for_update(no_key=True).get(pk=log.pk)
    if by is not None and not by.has_perm(RIGHT):
        require([Forbidden("may_not_delete", _("You may not delete imported logs."))])
    log.state = ImportedLog.State.LEAVING
    log.save(update_fields=["state"])
    return log


def take_away_logs() -> int:
    """Take away some batches of the first log that is being deleted; returns how many cases went."""
    log = ImportedLog.objects.filter(state=ImportedLog.State.LEAVING).order_by("pk").first()
    if log is None:
        return 0
    gone = sum(_take_away(log, cases) for cases in islice(read_cases(log), MOST_BATCHES))
    if not log.events.exists():
        log.delete()
    return gone


def _take_away(log: ImportedLog, cases: list[list[ImportedEvent]]) -> int:
    """The facts of some cases go by the door by which they came, so that the sums of their days follow."""
    with turn():
        store_facts([root_of(case) for case in cases], [], families=CASE_FAMILIES, source=log.pk)
        ImportedEvent.objects.filter(log=log, case_key__gte=cases[0][0].case_key, case_key__lte=cases[-1][0].case_key).delete()
    return len(cases)
