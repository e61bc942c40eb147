"""Roles: given and taken by administrators, never their own; powerful ones need two of them."""

from collections.abc import Iterable

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import roles
from accounts.access import may_configure
from accounts.models import RoleGrant, User
from foundation.exceptions import Forbidden, Reason, RefusedError
from foundation.verbs import lock, require


@transaction.atomic
def set_roles(user: User, wanted: Iterable[str], *, by: User | None) -> list[RoleGrant]:
    """Give and take roles until the user holds exactly ``wanted``; every change ends the user's sessions.

    Roles of ``roles.CONFIRMED_BY_ANOTHER`` are only asked for here; the open grants are returned. While the house has a single
    administrator nobody could confirm, so that one may appoint the second alone. The command line (None) gives every role at once.
    """
    wanted = frozenset(wanted)
    user = lock(user)
    held = user.role_names
    require(_against_setting(user, wanted, held, by))
    waiting = {role for role in wanted - held if _must_be_confirmed(role, by)}
    _write(user, (wanted - waiting) | (held & wanted), held)
    RoleGrant.objects.filter(user=user, decided_at__isnull=True).exclude(role__in=waiting).delete()
    open_grants = RoleGrant.objects.filter(user=user, decided_at__isnull=True)
    return [open_grants.get_or_create(user=user, role=role, defaults={"asked_by": by})[0] for role in sorted(waiting)]


@transaction.atomic
def decide_grant(grant: RoleGrant, *, accept: bool, by: User) -> RoleGrant:
    """Confirm or turn down a role that another administrator asked for."""
    grant = lock(grant)
    require(_against_deciding(grant, by))
    grant.decided_by, grant.decided_at, grant.is_accepted = by, timezone.now(), accept
    grant.save(update_fields=["decided_by", "decided_at", "is_accepted"])
    if accept:
        user = lock(grant.user)
        _write(user, user.role_names | {grant.role}, user.role_names)
    return grant


def _write(user: User, wanted: frozenset[str], held: frozenset[str]) -> None:
    if wanted == held:
        return
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in sorted(wanted)])
    user.session_epoch = F("session_epoch") + 1
    user.save(update_fields=["session_epoch"])


def _must_be_confirmed(role: str, by: User | None) -> bool:
    if by is None or role not in roles.CONFIRMED_BY_ANOTHER:
        return False
    # The superuser that the command line made counts as an administrator, as it does everywhere.
    others = User.objects.filter(is_active=True).exclude(pk=by.pk)
    has_second = others.filter(groups__name=roles.ADMIN).exists() or others.filter(is_superuser=True).exists()
    return has_second or role != roles.ADMIN


def _against_setting(user: User, wanted: frozenset[str], held: frozenset[str], by: User | None) -> list[Reason]:
    if not may_configure(by):
        return [Forbidden("may_not_configure", _("Only an administrator gives roles."))]
    if by is not None and by.pk == user.pk and wanted != held:
        return [Forbidden("own_roles", _("Nobody changes the own roles."), _("Another administrator can do it."))]
    unknown = wanted - set(roles.HUMAN)
    return [Reason("unknown_role", _("There is no role %(role)s.") % {"role": ", ".join(sorted(unknown))})] if unknown else []


def _against_deciding(grant: RoleGrant, by: User) -> list[Reason]:
    if grant.decided_at is not None:
        raise RefusedError([Reason("already_decided", _("This was already decided."))])
    if not may_configure(by):
        return [Forbidden("may_not_configure", _("Only an administrator gives roles."))]
    if by.pk in (grant.asked_by_id, grant.user_id):
        text = _("Whoever asked for a role, or receives it, cannot confirm it.")
        return [Forbidden("needs_another", text, _("Another administrator can do it."))]
    return []
