"""Keys of machines: made once, stored as a hash, read at every request so that a revoked one is dead at once."""

import secrets
from datetime import timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import roles
from accounts.models import User
from foundation.crypto import digest_token
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import lock, require
from orders.models import ApiToken, Merchant, MerchantMember

MARK = "bh_"
SEEN_EVERY = timedelta(minutes=1)
Scope = ApiToken.Scope

# What a scope lets the machine's account do; everything else is refused by the same guards that refuse people.
PERMISSIONS: dict[str, frozenset[str]] = {
    Scope.COMPLAINTS_READ: frozenset({"complaints.use_desk", "complaints.manage_shop", "complaints.view_evidence"}),
    Scope.COMPLAINTS_CREATE: frozenset({"complaints.file_on_behalf"}),
    Scope.COMPLAINTS_WRITE: frozenset(
        {
            "complaints.use_desk",
            "complaints.manage_shop",
            "complaints.reply_complaint",
            "complaints.change_complaint_state",
            "complaints.label_complaint",
            "complaints.lead_complaint",
        }
    ),
    Scope.NOTES: frozenset({"complaints.use_desk", "complaints.manage_shop", "complaints.note_complaint"}),
    # Cases ask for the scope itself: their tables of verbs name it.
    Scope.CASES_CREATE: frozenset(),
    Scope.WMS: frozenset(),
    Scope.ORDERS_READ: frozenset({"orders.view_order"}),
    Scope.ORDERS_WRITE: frozenset(),
    Scope.PII: frozenset(),
}


@transaction.atomic
def issue_token(merchant: Merchant, *, name: str, scopes: list[str], by: User | None, expires_at=None) -> tuple[ApiToken, str]:
    """Make a token for one shop; returns its row and the secret, which is shown this once and stored nowhere."""
    require(_may_issue(by) + _known(scopes))
    secret = MARK + secrets.token_urlsafe(32)
    prefix = secret[:12]
    actor = _make_actor(name=name, merchant=merchant)
    token = ApiToken.objects.create(
        merchant=merchant,
        name=name,
        digest=digest_token(secret),
        prefix=prefix,
        actor=actor,
        scopes=sorted(set(scopes)),
        created_by=by,
        expires_at=expires_at,
    )
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, by: User | None) -> ApiToken:
    """End a token for good; the next request with it is refused. Revoking twice keeps the first time."""
    require(_may_issue(by))
    token = lock(token)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        User.objects.filter(pk=token.actor_id).update(is_active=False)
    return token


def authenticate(secret: str) -> ApiToken | None:
    """Find the live token of a secret with its shop and its account, one query; notes once a minute that it was used."""
    if not secret.startswith(MARK):
        return None
    now = timezone.now()
    alive = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    rows = ApiToken.objects.filter(alive, revoked_at__isnull=True, merchant__is_active=True, actor__is_active=True)
    token = rows.select_related("merchant", "actor").defer("actor__totp_secret").filter(digest=digest_token(secret)).first()
    if token is not None:
        _lend_rights(token)
        _note_use(token, now)
    return token


def _make_actor(*, name: str, merchant: Merchant) -> User:
    actor = User(username=f"api-{secrets.token_hex(6)}", name=name[:60], is_staff=False)
    actor.set_unusable_password()
    actor.save()
    actor.groups.add(Group.objects.get_or_create(name=roles.INTEGRATION)[0])
    MerchantMember.objects.create(merchant=merchant, user=actor)
    return actor


def _lend_rights(token: ApiToken) -> None:
    token.actor.token_scopes = frozenset(token.scopes)
    token.actor.role_names = frozenset({roles.INTEGRATION})
    token.actor.permission_names = frozenset().union(*(PERMISSIONS.get(scope, frozenset()) for scope in token.scopes))
    token.actor.team_ids = token.actor.led_team_ids = frozenset()


def _note_use(token: ApiToken, now) -> None:
    if token.last_used_at is None or token.last_used_at < now - SEEN_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _may_issue(by: User | None) -> list[Reason]:
    if by is None or by.has_perm("orders.add_apitoken"):
        return []
    return [Forbidden("may_not_issue", _("Only an administrator makes and revokes tokens."))]


def _known(scopes: list[str]) -> list[Reason]:
    unknown = sorted(set(scopes) - set(Scope.values))
    if not scopes:
        return [Reason("no_scope", _("Choose what the token may do."))]
    return [Reason("unknown_scope", _("There is no scope %(scope)s.") % {"scope": ", ".join(unknown)})] if unknown else []
