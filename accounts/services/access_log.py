"""Looking at personal fields, files and exports: one at a time, with a reason, and never without a trace."""

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessLog, User
from foundation.crypto import EncryptedTextField
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import lock, require

logger = logging.getLogger(__name__)
SHORTEST_REASON = 2
ALARM_SHARE = 0.8
# Encrypted like personal fields, but secrets of this house: no reason opens them.
SECRETS = frozenset({"totp_secret"})


@transaction.atomic
def reveal_personal(subject: models.Model, field: str, *, by: User, reason: str, network: str | None) -> str:
    """Return one masked field in full and write down who saw it and why.

    The caller has found ``subject`` through its app's ``access.py``, which says whether ``by`` may see the row at all.
    At most ``BIHUAN_REVEALS_PER_DAY`` fields per person in 24 hours; nearing that number is an alarm in the log.
    """
    require(_against_revealing(subject, field, by, reason))
    lock(by)
    seen = _seen_today(by)
    require(_over_limit(seen))
    record_access(AccessLog.Act.REVEAL, subject, by=by, field=field, reason=reason, network=network)
    if seen + 1 >= settings.BIHUAN_REVEALS_PER_DAY * ALARM_SHARE:
        logger.warning("user %d revealed %d personal fields in 24 hours", by.pk, seen + 1)
    return getattr(subject, field)


def record_access(act: str, subject: models.Model, *, by: User, field: str = "", reason: str = "", network: str | None = None) -> AccessLog:
    """Write down that somebody saw, downloaded or exported something; the value itself is never kept."""
    return AccessLog.objects.create(
        actor=by,
        act=act,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        field=field,
        reason=reason.strip()[:200],
        network=network or None,
    )


def record_accesses(act: str, subjects: Iterable[models.Model], *, by: User, field: str, reason: str, network: str | None) -> None:
    """Write down that a machine read the same field of several rows; one statement."""
    rows = [
        AccessLog(actor=by, act=act, subject_type=each._meta.label_lower, subject_id=each.pk, field=field, reason=reason, network=network)
        for each in subjects
    ]
    AccessLog.objects.bulk_create(rows)


def forget_accesses(rows: list[AccessLog]) -> int:
    """Delete old rows of the access log, which only a function of the tables' owner can; none younger than 180 days."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_accesslog_forget(%s)", [[row.pk for row in rows]])
        return cursor.fetchone()[0]


def _against_revealing(subject: models.Model, field: str, by: User, reason: str) -> list[Reason]:
    if not by.has_perm("accounts.reveal_personal"):
        return [Forbidden("may_not_reveal", _("Your role does not show personal data in full."), _("A team lead or manager can help."))]
    column = next((each for each in subject._meta.concrete_fields if each.name == field), None)
    if not isinstance(column, EncryptedTextField) or field in SECRETS:
        return [Forbidden("not_personal", _("This field cannot be revealed."))]
    if len(reason.strip()) < SHORTEST_REASON:
        return [Reason("reason_missing", _("Say why you need it."))]
    return []


def _seen_today(by: User) -> int:
    since = timezone.now() - timedelta(days=1)
    return AccessLog.objects.filter(actor=by, act=AccessLog.Act.REVEAL, at__gt=since).count()


def _over_limit(seen: int) -> list[Reason]:
    if seen < settings.BIHUAN_REVEALS_PER_DAY:
        return []
    text = _("You have revealed %(count)d fields within 24 hours, which is the limit.") % {"count": seen}
    return [Reason("reveal_limit", text, _("A colleague can look it up for you."))]
