"""Machines at the door of the API: who they are (a token), what they may do (its scopes), how often (its limit)."""

from django.utils.translation import gettext as _
from rest_framework import authentication, exceptions, permissions, throttling

from accounts.models import User
from foundation.limits import flood, hit
from orders.models import ApiToken
from orders.services.faults import UNSTORABLE
from orders.tokens import MARK, authenticate

CALLS_PER_MINUTE = 600
WRONG_PER_NETWORK, WRONG_SECONDS = 60, 300


class TokenAuthentication(authentication.BaseAuthentication):
    """``Authorization: Bearer bh_…`` and nothing else: no cookie, no address, no session is read or made."""

    def authenticate(self, request) -> tuple[User, ApiToken] | None:
        asked = [value for __, values in request.GET.lists() for value in values]
        if any(value.startswith(MARK) for value in asked):
            raise exceptions.ParseError(_("A token never stands in an address. Revoke this one and send the new one as a header."))
        if any(UNSTORABLE.search(value) for value in asked):
            raise exceptions.ParseError(_("The address holds signs that cannot be kept."))
        scheme, _space, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = authenticate(secret.strip())
        if token is None:
            self._refuse(request)
        return token.actor, token

    def authenticate_header(self, request) -> str:
        return 'Bearer realm="api"'

    def _refuse(self, request):
        if not hit(f"token:{request.META.get('REMOTE_ADDR', '')}", WRONG_PER_NETWORK, WRONG_SECONDS):
            raise exceptions.Throttled(wait=WRONG_SECONDS)
        raise exceptions.AuthenticationFailed(_("This token is unknown, expired or revoked."))


class HasScope(permissions.BasePermission):
    """The view names a scope per action in ``scopes``, or several of which one is enough.

    An action that names none is closed to everybody.
    """

    def has_permission(self, request, view) -> bool:
        if not isinstance(request.auth, ApiToken):
            return False
        needed = view.scopes.get(getattr(view, "action", None) or request.method.lower(), ())
        any_of = (needed,) if isinstance(needed, str) else needed
        self.message = _("This token lacks the scope %(scope)s.") % {"scope": " / ".join(any_of)}
        return not set(any_of).isdisjoint(request.auth.scopes)


class TokenThrottle(throttling.BaseThrottle):
    """One budget per token, whatever it calls."""

    def allow_request(self, request, view) -> bool:
        return request.auth is None or flood(f"api:{request.auth.pk}", CALLS_PER_MINUTE, 60)

    def wait(self) -> int:
        return 60
