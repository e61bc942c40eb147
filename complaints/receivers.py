"""What this floor hears from those below. A signal only wakes; the sweep finds what it missed."""

from django.dispatch import receiver

from accounts.models import Presence
from accounts.signals import presence_changed
from foundation.hints import hint


@receiver(presence_changed)
def look_for_work(*, state: str, **_news) -> None:
    """Somebody became ready: perhaps a complaint waits for them."""
    if state == Presence.State.READY:
        hint("complaints.assign")
