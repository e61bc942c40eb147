"""Articles as people make them: through the services, by somebody who writes and somebody who publishes."""

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from knowledge import services
from knowledge.models import Article, ArticleCategory

WORDS = {
    "title_zh": "退款多久到账",
    "title_en": "When a refund arrives",
    "body_zh": "微信和支付宝 1 至 3 个工作日。",
    "body_en": "One to three working days.",
}


def make_category(code: str = "refunds", **overrides) -> ArticleCategory:
    return ArticleCategory.objects.get_or_create(code=code, defaults={"name_zh": "退款", "name_en": "Refunds", **overrides})[0]


def make_draft(*, by: User | None = None, category: ArticleCategory | None = None, **overrides) -> Article:
    """An article that nobody has published."""
    return services.create_article(by=by, category=category or make_category(), **{**WORDS, **overrides})


def make_review(*, by: User | None = None, **overrides) -> Article:
    """An article whose first version waits for somebody else."""
    article = make_draft(by=by, **overrides)
    services.submit_draft(article, by=by, expected_revision=None)
    return article


def make_published(
    *, by: User | None = None, effective_from: datetime | None = None, effective_until: datetime | None = None, **overrides
) -> Article:
    """An article in force, unless it begins later."""
    article = make_review(by=by, **overrides)
    services.publish(article, by=None, expected_revision=None, effective_from=effective_from, effective_until=effective_until)
    return Article.objects.get(pk=article.pk)


def publish_next(article: Article, *, by: User | None = None, effective_from: datetime | None = None, **words) -> Article:
    """The next version of an article, published by the system."""
    services.start_draft(article, by=by)
    services.edit_draft(article, by=by, expected_revision=None, **(words or {"body_zh": f"第 {article.head_seq} 次的新说法。"}))
    services.submit_draft(article, by=by, expected_revision=None)
    services.publish(article, by=None, expected_revision=None, effective_from=effective_from)
    return Article.objects.get(pk=article.pk)


def go_to(monkeypatch, moment: datetime) -> None:
    """Let it be another time from here on."""
    monkeypatch.setattr(timezone, "now", lambda: moment)
