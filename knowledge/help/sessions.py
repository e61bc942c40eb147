"""Reading sessions: begun by the page's script, marked by what the same browser says or files, and settled when that is over.

The cookie holds a random word and ends with the browser; the server keeps a digest of it for two days. Whoever runs no script has no
session and is in no figure.
"""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from foundation.crypto import blind_index
from knowledge.models import Article, ReadingSession

COOKIE = f"{settings.SECURE_COOKIE_PREFIX}bihuan_reading"
LASTS = timedelta(hours=24)
COMPLAINED_WITHIN = timedelta(hours=24)
SETTLED_AFTER = LASTS + COMPLAINED_WITHIN
BATCH = 1000


def note_reading(request: HttpRequest, response: HttpResponse, article: Article) -> None:
    """An article is being read: go on with the session of this browser, or begin one and give the response its word."""
    now = timezone.now()
    if not _running(request, now).update(last_at=now):
        _begin(request, response, article, now)


def note_helped(request: HttpRequest, response: HttpResponse, article: Article) -> None:
    """An article helped. A vote may be faster than the count of the reading; the script that sends it begins the session then."""
    now = timezone.now()
    named = {
        name: Case(When(helped_at=None, then=Value(value)), default=F(name))
        for name, value in (("article_code", article.code), ("category_code", article.category_code))
    }
    is_known = _running(request, now).update(last_at=now, helped_at=Coalesce("helped_at", Value(now)), **named)
    if not is_known and request.htmx:
        _begin(request, response, article, now, helped_at=now)


def note_not_helped(request: HttpRequest, article: Article) -> None:
    """Whoever says that the article did not help takes back that it did."""
    _running(request, timezone.now()).filter(article_code=article.code, helped_at__isnull=False).update(helped_at=None)


def note_complaint(request: HttpRequest) -> None:
    """This browser has complained. Counts within a day of what helped, or else of the last reading. Without the cookie nothing is asked."""
    now = timezone.now()
    mine = _of(request).filter(complained_at=None).alias(over_at=Coalesce("helped_at", "last_at"))
    mine.filter(over_at__gt=now - COMPLAINED_WITHIN).update(complained_at=now)


def settle_readings(*, limit: int = BATCH) -> int:
    """Make sessions that nothing can change any more nobody's, and give them their places; returns how many.

    One settles at a time, and a place is seen only after the commit that ends its lock, so places grow in commit order.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('feed'), hashtext('knowledge_readingsession'))")
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(SETTLE, [timezone.now() - SETTLED_AFTER, limit])
        return cursor.rowcount


SETTLE = """
    WITH over AS (
        SELECT id, row_number() OVER (ORDER BY began_at, id) AS place FROM knowledge_readingsession
        WHERE pos IS NULL AND began_at < %s ORDER BY began_at, id LIMIT %s
    ),
    last AS (SELECT coalesce(max(pos), 0) AS pos FROM knowledge_readingsession)
    UPDATE knowledge_readingsession AS session SET digest = '', pos = last.pos + over.place FROM over, last WHERE session.id = over.id
"""


def _begin(request: HttpRequest, response: HttpResponse, article: Article, now: datetime, *, helped_at: datetime | None = None) -> None:
    """A browser that stays open keeps its word: what it files tomorrow may be about what it reads in the last hour of today's session."""
    word = request.COOKIES.get(COOKIE) or secrets.token_urlsafe(16)
    ReadingSession.objects.create(
        digest=_digest(word),
        began_at=now,
        last_at=now,
        helped_at=helped_at,
        language=get_language(),
        article_code=article.code,
        category_code=article.category_code,
    )
    response.set_cookie(COOKIE, word, secure=settings.IS_HTTPS, httponly=True, samesite="Lax")


def _running(request: HttpRequest, now: datetime) -> QuerySet[ReadingSession]:
    return _of(request).filter(began_at__gt=now - LASTS)


def _of(request: HttpRequest) -> QuerySet[ReadingSession]:
    word = request.COOKIES.get(COOKIE, "")
    return ReadingSession.objects.filter(digest=_digest(word)) if word else ReadingSession.objects.none()


def _digest(word: str) -> str:
    """A digest under a purpose of its own: it cannot be joined with the votes of the same browser."""
    return blind_index(word, purpose="reading-session")
