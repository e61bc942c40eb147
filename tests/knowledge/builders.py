"""Articles as rows, in any state at once: published, drafted, ahead of time, ended. Those that readers see can be found too."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from knowledge.models import Article, ArticleCategory, ArticleVersion
from knowledge.search.indexing import index_article

Status = ArticleVersion.Status
_numbers = count(1)


def make_category(code: str = "refunds", **overrides: Any) -> ArticleCategory:
    return ArticleCategory.objects.get_or_create(code=code, defaults={"name_zh": "退款", "name_en": "Refunds", **overrides})[0]


def make_version(
    article: Article, *, status: str = Status.PUBLISHED, effective_from: datetime | None = None, **overrides: Any
) -> ArticleVersion:
    """The next version of an article; published ones are in force from an hour ago unless told otherwise."""
    at = effective_from or timezone.now() - timedelta(hours=1)
    dates = {"published_at": at, "effective_from": at} if status == Status.PUBLISHED else {}
    number = article.versions.count() + 1
    words = {
        "title_zh": f"退款多久到账 {article.code}",
        "title_en": f"When a refund arrives {article.code}",
        "body_zh": "微信和支付宝一至三个工作日到账。",
        "body_en": "It takes one to three working days.",
    }
    return ArticleVersion.objects.create(article=article, number=number, status=status, **{**words, **dates, **overrides})


def make_article(code: str = "", *, status: str = Status.PUBLISHED, category: ArticleCategory | None = None, **overrides: Any) -> Article:
    """An article with one version, live when that is published and has begun. Names of version fields go to the version."""
    own = {field.name for field in Article._meta.concrete_fields} & overrides.keys()
    fields = {name: overrides.pop(name) for name in own}
    article = Article.objects.create(code=code or f"article-{next(_numbers)}", category=category or make_category(), **fields)
    version = make_version(article, status=status, **overrides)
    if status == Status.PUBLISHED and version.effective_from <= timezone.now():
        article.live = version
        article.save(update_fields=["live"])
    index_article(article)
    return article


def make_next_version(article: Article, **overrides: Any) -> ArticleVersion:
    """A further published version, live at once when it has begun."""
    version = make_version(article, **overrides)
    if version.effective_from <= timezone.now():
        article.live = version
        article.save(update_fields=["live"])
        index_article(article)
    return version


def hidden_articles() -> dict[str, Article]:
    """One article of every kind that the public must not know of."""
    now = timezone.now()
    return {
        "internal": make_article("internal", audience=Article.Audience.INTERNAL),
        "draft": make_article("draft", status=Status.DRAFT),
        "review": make_article("review", status=Status.REVIEW),
        "outdated": make_article("outdated", outdated_at=now),
        "future": make_article("future", effective_from=now + timedelta(days=3)),
        "ended": make_article("ended", kind=Article.Kind.ANNOUNCEMENT, effective_until=now - timedelta(minutes=1)),
    }
