"""What search engines read of a page: schema.org descriptions as JSON-LD."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from knowledge.help.reading import Wording
from knowledge.models import Article
from ui.localize import localized
from ui.markdown import render_markdown

CONTEXT = "https://schema.org"


def absolute_url(path: str) -> str:
    return f"{settings.BIHUAN_BASE_URL}{path}"


def describe_crumbs(steps: list[tuple[str, str]]) -> list[dict]:
    """The way to a page from the help centre: pairs of name and path."""
    names = [(_("Help centre"), reverse("help:home")), *steps]
    items = [
        {"@type": "ListItem", "position": number, "name": str(name), "item": absolute_url(path)}
        for number, (name, path) in enumerate(names, start=1)
    ]
    return [{"@context": CONTEXT, "@type": "BreadcrumbList", "itemListElement": items}]


def describe_article(article: Article, wording: Wording) -> list[dict]:
    """A guide is a question with its answer, a rule or announcement an article; both with the way to them."""
    path = reverse("help:article", args=[article.code])
    shelf = (localized(article.category, "name"), reverse("help:category", args=[article.category.code]))
    crumbs = describe_crumbs([shelf, (wording.title, path)])
    return [_as_question(wording) if article.kind == Article.Kind.GUIDE else _as_article(article, wording, path), *crumbs]


def _as_question(wording: Wording) -> dict:
    answer = {"@type": "Answer", "text": str(render_markdown(wording.body))}
    question = {"@type": "Question", "name": wording.title, "acceptedAnswer": answer}
    return {"@context": CONTEXT, "@type": "FAQPage", "inLanguage": wording.lang, "mainEntity": [question]}


def _as_article(article: Article, wording: Wording, path: str) -> dict:
    return {
        "@context": CONTEXT,
        "@type": "Article",
        "headline": wording.title,
        "inLanguage": wording.lang,
        "datePublished": article.live.published_at.isoformat(),
        "dateModified": article.live.effective_from.isoformat(),
        "mainEntityOfPage": absolute_url(path),
        "publisher": {"@type": "Organization", "name": str(settings.BIHUAN_SHOP_NAME)},
    }
