"""Remarks on days: written for everybody who looks at a curve of that day, taken away but kept."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from analytics.models import Remark
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import require

LONGEST = 120


def add_remark(day: date | None, text: str, *, by: User) -> Remark:
    """Write what happened on a day. ``NotAllowedError`` without the right, ``RefusedError`` without a day or words."""
    words = text.strip()[:LONGEST]
    require([*_against_right(by), *([] if words and day else [Reason("empty", _("A remark needs a day and a few words."))])])
    return Remark.objects.create(day=day, text=words, by=by)


def remove_remark(remark_id: int, *, by: User) -> bool:
    """Take a remark away; it is kept with its writer. False when there is none."""
    require(_against_right(by))
    return bool(Remark.objects.filter(pk=remark_id, removed_at__isnull=True).update(removed_at=timezone.now()))


def _against_right(by: User) -> list[Reason]:
    may = by.has_perm("analytics.annotate_day")
    return [] if may else [Forbidden("no_permission", _("Your role does not include remarks on days."))]
