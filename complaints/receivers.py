"""What this floor hears from those below. A signal only wakes; the sweep finds what it missed."""

from django.dispatch import receiver

from accounts.models import CalendarVersion, Presence
from accounts.signals import calendar_published, presence_changed, shifts_changed
from foundation.hints import hint


@receiver(presence_changed)
def look_for_work(*, state: str, **_news) -> None:
    """Somebody became ready: perhaps a complaint waits for them."""
    if state == Presence.State.READY:
        hint("complaints.assign")


@receiver(shifts_changed)
def look_who_works(**_news) -> None:
    """Somebody is on shift now, or has more room in it."""
    hint("complaints.assign")


@receiver(calendar_published)
def count_anew(*, version: CalendarVersion, **_news) -> None:
    """Days are known now that some clocks could only guess."""
    hint("complaints.recount", version.calendar_id)
