"""The customer's secret links, and the cookie that remembers which of them this browser has opened.

A link is a fresh random token each time one is saved, printed or sent; only its hash is kept. The cookie holds numbers of link
rows, never a token, so a revoked or expired link closes every browser that came by it.
"""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from complaints.access import live_links
from complaints.models import Complaint, SecretLink
from foundation.crypto import digest_token

COOKIE = f"{settings.SECURE_COOKIE_PREFIX}bihuan_links"
SALT = "complaints.links"
LIFETIME = timedelta(days=180)
MOST_REMEMBERED = 12
LONGEST_TOKEN = 64


def make_link(complaint: Complaint, **kept: Any) -> str:
    """Make a fresh secret for a complaint and return it. It cannot be read again later. ``kept`` as ``make_link_row`` takes it."""
    return make_link_row(complaint, **kept)[1]


def make_link_row(complaint: Complaint, *, lifetime: timedelta = LIFETIME, **kept: str) -> tuple[SecretLink, str]:
    """A link and its secret. ``kept``: its ``purpose``, and the ``contact_index`` of the address to which it is mailed."""
    link, token = draft_link(lifetime, **kept)
    link.complaint = complaint
    link.save()
    return link, token


def draft_link(lifetime: timedelta = LIFETIME, **kept: str) -> tuple[SecretLink, str]:
    """A fresh link without its complaint, not yet saved, and its secret."""
    token = secrets.token_urlsafe(32)
    return SecretLink(digest=digest_token(token), expires_at=timezone.now() + lifetime, **kept), token


def open_link(token: str) -> SecretLink | None:
    """The living link of a token with its complaint's number and whether its contact is proven, or None."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    return live_links().filter(digest=digest_token(token)).select_related("complaint").only(*OPENED).first()


OPENED = ("pk", "contact_index", "complaint__number", "complaint__contact_email_index", "complaint__is_proven")


def revoke_links(complaint: Complaint) -> int:
    """End every link of a complaint at once; returns how many were alive."""
    return live_links().filter(complaint=complaint).update(revoked_at=timezone.now())


@transaction.atomic
def rotate_links(complaint: Complaint) -> tuple[SecretLink, str]:
    """End every link of a complaint and make the one that takes their place."""
    revoke_links(complaint)
    return make_link_row(complaint)


def link_path(token: str, language: str, page: str = "") -> str:
    """The address of a link below the site's own; ``page`` is empty, ``survey`` or another page of the complaint."""
    prefix = "/en" if language.startswith("en") else ""
    return f"{prefix}/t/{token}/{page}{'/' if page else ''}"


def link_url(token: str, language: str, page: str = "") -> str:
    """The full address of a link, built on the configured base address and never on what a request claims."""
    return settings.BIHUAN_BASE_URL + link_path(token, language, page)


def opened_links(request: HttpRequest) -> list[int]:
    """Numbers of the links that this browser has opened, newest first; anything forged or damaged counts as none."""
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return []
    return [number for number in found if isinstance(number, int)][:MOST_REMEMBERED] if isinstance(found, list) else []


def remember_link(request: HttpRequest, response: HttpResponse, link: SecretLink) -> None:
    """Let this browser open the complaint of a link from now on."""
    numbers = [link.pk, *(number for number in opened_links(request) if number != link.pk)][:MOST_REMEMBERED]
    set_private_cookie(response, COOKIE, signing.dumps(numbers, salt=SALT), lifetime=LIFETIME)


def set_private_cookie(response: HttpResponse, name: str, value: str, *, lifetime: timedelta) -> None:
    """A cookie that scripts cannot read and other sites cannot send along with a form."""
    response.set_cookie(name, value, max_age=int(lifetime.total_seconds()), secure=settings.IS_HTTPS, httponly=True, samesite="Lax")
