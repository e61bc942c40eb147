"""A visitor's unfinished form: answers and files for seven days, behind a signed cookie. Contact details are sealed."""

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from complaints.intake.links import set_private_cookie
from complaints.models import Draft
from foundation.crypto import DecryptionError, decrypt, digest_token, encrypt
from foundation.prepared import Statement

COOKIE = f"{settings.SECURE_COOKIE_PREFIX}bihuan_draft"
SALT = "complaints.draft"
LIFETIME = timedelta(days=7)
SEALED = ("phone", "email", "name")

FIND = Statement.named("""
    SELECT id, answers::text,
           (SELECT json_agg(json_build_object('key', key, 'name', name, 'size', size, 'kind', kind) ORDER BY id)
              FROM complaints_attachment WHERE draft_id = complaints_draft.id)
      FROM complaints_draft WHERE digest = %(digest)s AND expires_at > %(now)s
""")
# What is not in the new answers stays, so that going back to page one keeps what page two was told. One statement, no lock held.
SAVE = Statement.named("""
    INSERT INTO complaints_draft (digest, answers, created_at, expires_at) VALUES (%(digest)s, %(answers)s::jsonb, now(), %(expires_at)s)
    ON CONFLICT (digest) DO UPDATE SET answers = complaints_draft.answers || EXCLUDED.answers, expires_at = EXCLUDED.expires_at
    WHERE NOT complaints_draft.answers ? 'filed'
    RETURNING id
""")


def draft_token(request: HttpRequest) -> str:
    """The secret of this browser's draft, "" when it has none or the cookie was tampered with."""
    try:
        return signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return ""


def new_token() -> str:
    return secrets.token_urlsafe(24)


def keep_token(response: HttpResponse, token: str) -> None:
    set_private_cookie(response, COOKIE, signing.dumps(token, salt=SALT), lifetime=LIFETIME)


def drop_token(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, samesite="Lax")


def find_draft(token: str) -> Draft | None:
    """The living draft of a token with its files as ``draft.files`` (key, name, size, kind). One statement."""
    if not token:
        return None
    digest = digest_token(token)
    for pk, answers, files in FIND.rows(digest=digest, now=timezone.now()):
        draft = Draft(pk=pk, digest=digest, answers=json.loads(answers))
        draft.files = files or []
        return draft
    return None


def save_draft(token: str, answers: Mapping[str, Any]) -> int | None:
    """Add answers to the draft of a token, making it if need be; None when it has become a complaint. One statement."""
    saved = SAVE.rows(digest=digest_token(token), answers=json.dumps(seal(answers)), expires_at=timezone.now() + LIFETIME)
    return saved[0][0] if saved else None


def seal(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as they are stored: contact details encrypted, everything else plain."""
    return {name: seal_text(value) if name in SEALED and value else value for name, value in answers.items()}


def unseal(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: unseal_text(value) if name in SEALED and value else value for name, value in answers.items()}


def seal_text(text: str) -> str:
    return b64encode(encrypt(text)).decode()


def unseal_text(text: str) -> str:
    try:
        return decrypt(b64decode(text))
    except (ValueError, DecryptionError):
        # A key that is gone costs the visitor one typed line, not the whole draft.
        return ""
