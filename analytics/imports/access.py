"""Who sees imported logs: whoever has the right to; a log is of no shop, and no person is named in it."""

from django.db.models import QuerySet
from django.http import Http404

from accounts.models import User
from analytics.access import LOGS as VIEW
from analytics.models import ImportedLog


def logs_for(user: User) -> QuerySet[ImportedLog]:
    """Every log but those that are being deleted."""
    rows = ImportedLog.objects.select_related("by") if user.has_perm(VIEW) else ImportedLog.objects.none()
    return rows.exclude(state=ImportedLog.State.LEAVING)


def log_for(user: User, pk: int) -> ImportedLog:
    log = logs_for(user).filter(pk=pk).first()
    if log is None:
        raise Http404
    return log
