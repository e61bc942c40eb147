"""The news about articles: hash-chained per article, fed in commit order to the apps above."""

from django.db import models

from foundation.events import ChainedEvent, FeedEntry, PendingEvent

from .article import Article


class ArticleEventPending(PendingEvent):
    """Events that the feed has not numbered yet."""


class ArticleEvent(ChainedEvent):
    """``article.written``, ``.submitted``, ``.sent_back``, ``.dropped``, ``.published``, ``.in_force``, ``.ended``, ``.outdated``,
    ``.revived`` and ``.set``. Codes hold the version's number or what was set; a reason is payload.
    """

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="events", db_index=False)
    subject_field = "article"
    pending_model = ArticleEventPending

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "seq"], name="knowledge_articleevent_seq_once")]


class ArticleFeed(FeedEntry):
    """Article events in commit order; ``subject_id`` is the article's id."""
