"""Whether somebody takes work now, and how they like their desk."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Presence, User
from accounts.signals import presence_changed
from foundation.verbs import announce, lock

PREFERENCES = {"shortcuts": (True, False), "density": ("comfortable", "compact")}


@transaction.atomic
def set_presence(user: User, state: str, *, by: User | None) -> Presence:
    """Become ready, away or offline; ready starts a heartbeat. ``by`` is the user or whoever runs the system."""
    state = Presence.State(state)
    presence = Presence.objects.get_or_create(user=user)[0]
    has_changed = presence.state != state
    presence.state, presence.heartbeat_at = state, timezone.now()
    presence.save(update_fields=["state", "heartbeat_at"])
    if has_changed:
        announce(presence_changed, user=user, state=state)
    return presence


def heartbeat(user: User) -> Presence:
    """Say that the user's desk is open. After a silence longer than ``Presence.HEARTBEAT_SECONDS`` it is news, as becoming ready is."""
    now = timezone.now()
    presence = Presence.objects.get_or_create(user=user)[0]
    silent_since = now - timedelta(seconds=Presence.HEARTBEAT_SECONDS)
    was_silent = presence.heartbeat_at is None or presence.heartbeat_at < silent_since
    Presence.objects.filter(pk=user.pk).update(heartbeat_at=now)
    presence.heartbeat_at = now
    if was_silent and presence.state == Presence.State.READY:
        announce(presence_changed, user=user, state=presence.state)
    return presence


@transaction.atomic
def save_preferences(user: User, *, language: str, **preferences) -> User:
    """Keep the user's own language and the desk's settings (``PREFERENCES``)."""
    for name, value in preferences.items():
        if value not in PREFERENCES[name]:
            raise ValueError(f"{name} cannot be {value!r}")
    user = lock(user)
    user.language = User.Language(language)
    user.preferences = user.preferences | preferences
    user.save(update_fields=["language", "preferences"])
    return user
