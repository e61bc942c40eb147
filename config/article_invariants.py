"""What must be true of articles: their chains are whole, and readers see a published version of that article whose time has come."""

from collections.abc import Iterator
from itertools import groupby

from django.db import connection

from foundation.events import find_break
from knowledge.models import Article, ArticleEvent

WRONG_LIVE = """
    SELECT a.code FROM knowledge_article a JOIN knowledge_articleversion v ON v.id = a.live_id
    WHERE v.article_id <> a.id OR v.status <> 'published' OR v.effective_from > statement_timestamp()
"""


def article_faults() -> list[str]:
    """Every article whose events or whose live version cannot be true."""
    with connection.cursor() as cursor:
        cursor.execute(WRONG_LIVE)
        wrong = [f"article {code}: readers see a version that is not in force" for (code,) in cursor.fetchall()]
    return [*_broken_chains(), *wrong]


def _broken_chains() -> Iterator[str]:
    events = ArticleEvent.objects.order_by("article_id", "seq", "id").iterator(chunk_size=2000)
    chains = groupby(events, key=lambda event: event.article_id)
    article_id, chain = next(chains, (None, ()))
    for article in Article.objects.order_by("pk").only("code", "head_seq", "head_hash"):
        own = list(chain) if article_id == article.pk else []
        if own:
            article_id, chain = next(chains, (None, ()))
        if found := find_break(own, head_seq=article.head_seq, head_hash=article.head_hash):
            yield f"article {article.code}: entry {found.seq} is {found.fault}"
