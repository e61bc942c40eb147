"""Who reads: a random word in a cookie, given only to those who vote, and limits by network."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.services.signing_in import network_of
from foundation.limits import flood

COOKIE = f"{settings.SECURE_COOKIE_PREFIX}bihuan_reader"
SALT = "knowledge.reader"
LIFETIME = timedelta(days=180)
FLOOD_SECONDS = 600


def reader_of(request: HttpRequest) -> str:
    """The word of this browser; a new one when it has none or brings one that is not ours."""
    try:
        return signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return secrets.token_urlsafe(16)


def keep_reader(response: HttpResponse, reader: str) -> HttpResponse:
    """Remember the word for half a year, so that changing one's mind changes the vote."""
    value, seconds = signing.dumps(reader, salt=SALT), int(LIFETIME.total_seconds())
    response.set_cookie(COOKIE, value, max_age=seconds, secure=settings.IS_HTTPS, httponly=True, samesite="Lax")
    return response


def is_flooding(request: HttpRequest, what: str, limit: int, *, seconds: int = FLOOD_SECONDS) -> bool:
    """Whether this network has done ``what`` more often than ``limit`` times."""
    network = network_of(request.META.get("REMOTE_ADDR", ""))
    return not flood(f"help-{what}:{network}", limit, seconds)
