"""How every verb on an article ends: its event, its row, its place in the search."""

from typing import Any

from accounts.models import User
from foundation.events import HEAD_FIELDS, EventSpec, append_events
from knowledge.models import Article
from knowledge.search.indexing import index_article


def log(article: Article, kind: str, *, by: User | None, fields: tuple[str, ...] = (), reason: str = "", **codes: Any) -> None:
    """Append ``article.<kind>`` to a locked article and save its head together with the fields that the verb has set."""
    payload = {"reason": reason} if reason else None
    append_events(article, [EventSpec(f"article.{kind}", codes, payload, by=by)])
    article.save(update_fields=[*fields, *HEAD_FIELDS])


def log_and_index(article: Article, kind: str, *, by: User | None, fields: tuple[str, ...] = (), reason: str = "", **codes: Any) -> None:
    """The same for what readers notice: search has it, or has it no more, with the same commit."""
    log(article, kind, by=by, fields=fields, reason=reason, **codes)
    index_article(article)
