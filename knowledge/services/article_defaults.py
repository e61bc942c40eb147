"""The articles that the product ships, published as version 1. What the house has changed stays as the house has it."""

import json
from pathlib import Path

from django.db import transaction

from knowledge.models import Article, ArticleCategory
from knowledge.services.article_versions import publish, submit_draft
from knowledge.services.articles import create_article, set_article

DEFAULTS = Path(__file__).parent.parent / "defaults" / "articles.json"


@transaction.atomic
def load_default_articles() -> int:
    """Add the shipped categories and articles that are missing, both languages in force at once; returns how many articles."""
    shipped = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    categories = _load_categories(shipped["categories"])
    known = set(Article.objects.values_list("code", flat=True))
    missing = [fields for fields in shipped["articles"] if fields["code"] not in known]
    for fields in missing:
        _load(fields, categories)
    _relate(missing)
    return len(missing)


def _load_categories(shipped: list[dict]) -> dict[str, ArticleCategory]:
    ArticleCategory.objects.bulk_create([ArticleCategory(**fields) for fields in shipped], ignore_conflicts=True)
    return {category.code: category for category in ArticleCategory.objects.all()}


def _load(fields: dict, categories: dict[str, ArticleCategory]) -> None:
    words = {name: value for name, value in fields.items() if name not in ("category", "related")}
    article = create_article(by=None, category=categories[fields["category"]], **words)
    submit_draft(article, by=None, expected_revision=None)
    publish(article, by=None, expected_revision=None)


def _relate(missing: list[dict]) -> None:
    articles = {article.code: article for article in Article.objects.filter(code__in=[fields["code"] for fields in missing])}
    for fields in missing:
        related = [articles[code] for code in fields.get("related", ()) if code in articles]
        if related:
            set_article(articles[fields["code"]], by=None, related=related)
