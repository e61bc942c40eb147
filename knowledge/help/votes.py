"""What readers think of articles, and what is counted of them by day. Nothing is kept that a person is found by."""

from django.utils import timezone

from foundation.crypto import blind_index
from foundation.prepared import Statement
from knowledge.models import Article, ArticleVersion, ArticleVote
from knowledge.redaction import redact

LONGEST_TEXT = 500
COUNTED = ("views", "deflections")
COUNT = {
    what: Statement.named(f"""
        INSERT INTO knowledge_articleday AS day (article_id, "on", views, deflections, inserts, solved, wrong)
        VALUES (%(article)s, %(on)s, {int(what == "views")}, {int(what == "deflections")}, 0, 0, 0)
        ON CONFLICT (article_id, "on") DO UPDATE SET {what} = day.{what} + 1
        RETURNING 1
    """)  # noqa: S608 - the names of two columns
    for what in COUNTED
}


def vote(version: ArticleVersion, *, reader: str, is_helpful: bool, text: str = "", language: str) -> None:
    """Keep whether a version helped a reader; voting again changes the vote. ``reader`` is the secret of the browser.

    Free text loses what names a person or a purchase before it is stored.
    """
    kept = ArticleVote(
        version=version,
        reader=reader_digest(version, reader),
        is_helpful=is_helpful,
        text="" if is_helpful else redact(text.replace("\x00", "").strip()[: 2 * LONGEST_TEXT]).text[:LONGEST_TEXT],
        language=language,
        at=timezone.now(),
    )
    changes = ["is_helpful", "text", "language", "at"]
    ArticleVote.objects.bulk_create([kept], update_conflicts=True, unique_fields=["version", "reader"], update_fields=changes)


def reader_digest(version: ArticleVersion, reader: str) -> str:
    """A keyed digest of browser and version together: the votes of one reader on two articles cannot be joined."""
    return blind_index(f"{version.pk}:{reader}", purpose="article-reader")


def count_view(article: Article) -> None:
    """One reading of an article, told by the page's script: whoever runs none is not counted."""
    COUNT["views"].rows(article=article.pk, on=timezone.localdate())


def count_deflection(article: Article) -> None:
    """An article solved what somebody was about to complain of; counted only when they say so."""
    COUNT["deflections"].rows(article=article.pk, on=timezone.localdate())
