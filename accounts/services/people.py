"""Making, changing and closing accounts."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.access import may_configure
from accounts.models import Presence, User
from accounts.services.passwords import ask_for_mail_to
from accounts.services.role_grants import set_roles
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import lock, require


@transaction.atomic
def create_user(
    *,
    username: str,
    name: str,
    by: User | None,
    email: str = "",
    language: str = User.Language.CHINESE,
    password: str | None = None,
    roles: Iterable[str] = (),
) -> User:
    """Make an account with its roles. Without a password the person gets a mail with a link to choose one.

    Powerful roles wait for a second administrator (``set_roles``).
    """
    require(_may_change(by))
    user = User(username=username, name=name, email=email, language=language)
    user.set_password(password)
    user.save()
    Presence.objects.create(user=user)
    set_roles(user, roles, by=by)
    if password is None and email:
        ask_for_mail_to(user, is_invitation=True)
    return user


@transaction.atomic
def edit_user(user: User, *, by: User | None, **changes: str) -> User:
    """Change name, e-mail or language; nothing else of an account is changed this way."""
    require(_may_change(by))
    unknown = changes.keys() - {"name", "email", "language"}
    if unknown:
        raise TypeError(f"edit_user does not change {', '.join(sorted(unknown))}")
    user = lock(user)
    for field, value in changes.items():
        setattr(user, field, value)
    user.save(update_fields=list(changes))
    return user


@transaction.atomic
def deactivate_user(user: User, *, by: User | None) -> User:
    """Close an account: its sessions end, its work is taken by nobody until reassigned, its history stays."""
    require(_may_change(by) + _not_oneself(user, by))
    user = lock(user)
    user.is_active = False
    user.session_epoch = F("session_epoch") + 1
    user.save(update_fields=["is_active", "session_epoch"])
    Presence.objects.filter(user=user).update(state=Presence.State.OFFLINE)
    user.refresh_from_db(fields=["session_epoch"])
    return user


@transaction.atomic
def activate_user(user: User, *, by: User | None) -> User:
    """Open a closed account again."""
    require(_may_change(by))
    user = lock(user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    return user


def _may_change(by: User | None) -> list[Reason]:
    return [] if may_configure(by) else [Forbidden("may_not_configure", _("Only an administrator changes accounts."))]


def _not_oneself(user: User, by: User | None) -> list[Reason]:
    if by is not None and by.pk == user.pk:
        return [Forbidden("own_account", _("Nobody closes the own account."), _("Another administrator can do it."))]
    return []
