"""Spans of working time in words."""

from datetime import timedelta

from django.utils.translation import gettext as _

from ui.timefmt import in_words


def say_minutes(minutes: int | None) -> str:
    """Minutes of a calendar in hours: a day of working time is no day."""
    if not minutes:
        return "–"
    hours, rest = divmod(minutes, 60)
    if hours < 24 or rest:
        return in_words(timedelta(minutes=minutes)) if hours < 24 else _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
    return _("%(hours)s h") % {"hours": hours}
