"""How much a role may grant without approval."""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts import roles
from accounts.models import AuthorityLimit, User
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import require

LOCK = "SELECT pg_advisory_xact_lock(hashtext('accounts.authority_limit'))"


@transaction.atomic
def add_limit(*, role: str, scope: str, window: timedelta | None, limit_fen: int, by: User | None) -> AuthorityLimit:
    """Publish a new limit; it counts from now on, and what was decided under the older ones stays as it was. Amounts in fen."""
    require(_against_adding(role, by))
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    older = AuthorityLimit.objects.filter(role=role, scope=scope, window=window).aggregate(newest=Max("version"))
    return AuthorityLimit.objects.create(role=role, scope=scope, window=window, limit_fen=limit_fen, version=(older["newest"] or 0) + 1)


def _against_adding(role: str, by: User | None) -> list[Reason]:
    if by is not None and not by.has_perm("accounts.add_authoritylimit"):
        return [Forbidden("may_not_configure", _("Only an administrator changes limits."))]
    return [] if role in roles.HUMAN else [Reason("unknown_role", _("There is no role %(role)s.") % {"role": role})]
