"""What people looked for in vain, for those who write articles. Without personal data: who searched is not kept at all."""

import re
from datetime import datetime

from django.db import connection

from knowledge.models import SearchLog
from knowledge.redaction import redact
from knowledge.search.text import normalise

LONGEST = 100
NUMBERS = re.compile(r"\d(?:[\s-]?\d){4,}")


def note_miss(query: str, *, language: str, place: str, found: int) -> None:
    """Count a search that found nothing or nothing that fits well, without what names people or purchases."""
    words = _without_people(query)
    if not any(character.isalpha() for character in words):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO knowledge_searchlog (query, language, place, found, times) VALUES (%s, %s, %s, %s, 1)"
            " ON CONFLICT (query, language, place) DO UPDATE"
            " SET times = knowledge_searchlog.times + 1, found = EXCLUDED.found, last_at = now(), settled_at = NULL",
            [words[:LONGEST], language, place, found],
        )


def _without_people(query: str) -> str:
    """A query with personal data, and every number of five digits and more, replaced by a sign."""
    text = redact(normalise(query), mark=lambda _kind: "#").text
    return " ".join(NUMBERS.sub("#", text).split())


def old_misses(before: datetime):
    """What nobody has searched since; for retention."""
    return SearchLog.objects.filter(last_at__lt=before).order_by("last_at")
