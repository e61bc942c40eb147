"""What people looked for in vain, for those who write articles. Without personal data: who searched is not kept at all."""

import re
from datetime import datetime

from django.db import connection

from knowledge.models import SearchLog
from knowledge.search.text import normalise

LONGEST = 100
NUMBERS = re.compile(r"\d(?:[\s-]?\d){4,}")
ADDRESSES = re.compile(r"\S+@\S+|https?://\S+")


def note_miss(query: str, *, language: str, place: str, found: int) -> None:
    """Count a search that found nothing or nothing that fits well; numbers and addresses of people are left out."""
    words = without_numbers(query)
    if not any(character.isalpha() for character in words):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO knowledge_searchlog (query, language, place, found, times) VALUES (%s, %s, %s, %s, 1)"
            " ON CONFLICT (query, language, place) DO UPDATE"
            " SET times = knowledge_searchlog.times + 1, found = EXCLUDED.found, last_at = now(), settled_at = NULL",
            [words[:LONGEST], language, place, found],
        )


def without_numbers(query: str) -> str:
    """A query with long numbers, mail addresses and links replaced by signs."""
    return " ".join(NUMBERS.sub("#", ADDRESSES.sub("@", normalise(query))).split())


def old_misses(before: datetime):
    """What nobody has searched since; for retention."""
    return SearchLog.objects.filter(last_at__lt=before).order_by("last_at")
