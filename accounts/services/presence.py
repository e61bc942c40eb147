"""Whether somebody takes work now, and how they like their desk."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Presence, User
from accounts.signals import colleague_called, presence_changed
from foundation.exceptions import Reason
from foundation.verbs import announce, lock, require

PREFERENCES = {"shortcuts": (True, False), "density": ("comfortable", "compact")}


@transaction.atomic
def set_presence(user: User, state: str, *, by: User | None) -> Presence:
    """Become ready, away or offline; ready starts a heartbeat. ``by`` is the user or whoever runs the system."""
    state = Presence.State(state)
    presence = Presence.objects.get_or_create(user=user)[0]
    has_changed = presence.state != state
    presence.state, presence.heartbeat_at = state, timezone.now()
    if state == Presence.State.READY:
        presence.called_at = presence.called_by = None
    if has_changed:
        presence.changed_at = presence.heartbeat_at
    presence.save(update_fields=["state", "changed_at", "heartbeat_at", "called_at", "called_by"])
    if has_changed:
        announce(presence_changed, user=user, state=state)
    return presence


@transaction.atomic
def call_in(user: User, *, by: User) -> Presence:
    """Ask somebody back who is not ready; it stands until they are. ``RefusedError`` when they are ready already."""
    presence = lock(Presence.objects.get_or_create(user=user)[0])
    require(_against_calling(user, presence))
    presence.called_at, presence.called_by = timezone.now(), by
    presence.save(update_fields=["called_at", "called_by"])
    announce(colleague_called, user=user, by=by)
    return presence


def _against_calling(user: User, presence: Presence) -> list[Reason]:
    if presence.state == Presence.State.READY and not _is_silent(presence):
        return [Reason("ready", _("%(name)s is ready already.") % {"name": user.name})]
    return []


def heartbeat(user: User) -> Presence:
    """Say that the user's desk is open. After a silence longer than ``Presence.HEARTBEAT_SECONDS`` it is news, as becoming ready is."""
    now = timezone.now()
    presence = Presence.objects.get_or_create(user=user)[0]
    was_silent = _is_silent(presence)
    Presence.objects.filter(pk=user.pk).update(heartbeat_at=now)
    presence.heartbeat_at = now
    if was_silent and presence.state == Presence.State.READY:
        announce(presence_changed, user=user, state=presence.state)
    return presence


def _is_silent(presence: Presence) -> bool:
    heard_at = presence.heartbeat_at
    return heard_at is None or heard_at < timezone.now() - timedelta(seconds=Presence.HEARTBEAT_SECONDS)


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
