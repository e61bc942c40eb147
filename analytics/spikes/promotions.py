"""The days of promotions, as the house keeps them: the special days of the calendar ``promotions``, if there is one."""

from datetime import date

from accounts.calendars import NoCalendarError, current_version

CALENDAR = "promotions"


def promotion_days() -> frozenset[date]:
    try:
        return frozenset(map(date.fromisoformat, current_version(CALENDAR).days))
    except NoCalendarError:
        return frozenset()
