"""Times and durations in words: relative where a person reads, absolute where they check."""

from datetime import datetime, timedelta

from django.utils.dateformat import format as format_date
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _

MINUTE, HOUR, DAY = 60, 3600, 86400


def in_words(duration: timedelta) -> str:
    """Say a duration in its two largest units below a week: ``42 min``, ``3 h 20 min``, ``2 d 3 h``; never negative."""
    seconds = abs(int(duration.total_seconds()))
    days, hours, minutes = seconds // DAY, seconds % DAY // HOUR, seconds % HOUR // MINUTE
    if days >= 7 or days and not hours:
        return _("%(days)s d") % {"days": days}
    if days:
        return _("%(days)s d %(hours)s h") % {"days": days, "hours": hours}
    if hours and minutes:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    return _("%(hours)s h") % {"hours": hours} if hours else _("%(minutes)s min") % {"minutes": max(minutes, 1)}


def left_words(due_at: datetime, at: datetime) -> str:
    """Say how long until a deadline, or by how much it is over."""
    words = in_words(due_at - at)
    return _("%(time)s left") % {"time": words} if due_at > at else _("%(time)s over") % {"time": words}


def relative(moment: datetime, at: datetime | None = None) -> str:
    """Say a moment as a person would: minutes and hours today, then the day, then the date."""
    at = at or now()
    seconds = (at - moment).total_seconds()
    if abs(seconds) < MINUTE:
        return _("just now")
    if 0 < seconds < 12 * HOUR:
        return _("%(time)s ago") % {"time": in_words(timedelta(seconds=seconds if seconds < HOUR else seconds // HOUR * HOUR))}
    return _calendar(localtime(moment), localtime(at))


def absolute(moment: datetime) -> str:
    """Write a moment in full in the viewer's zone: ``2025-11-14 09:30``."""
    return localtime(moment).strftime("%Y-%m-%d %H:%M")


def _calendar(moment: datetime, at: datetime) -> str:
    clock = moment.strftime("%H:%M")
    days = (at.date() - moment.date()).days
    named = {0: _("today %(clock)s"), 1: _("yesterday %(clock)s"), -1: _("tomorrow %(clock)s")}.get(days)
    if named:
        return named % {"clock": clock}
    # Translators: the date within this year, in Django's date format letters.
    letters = _("j M") if moment.year == at.year else "Y-m-d"
    return f"{format_date(moment, letters)} {clock}"
