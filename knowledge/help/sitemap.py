"""What search engines may find: a list of public articles in both languages, by parts, and where not to look."""

from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods

from knowledge.help.reading import articles_in_force, languages_of
from knowledge.help.structured import absolute_url
from knowledge.models import Article

PART = 2000
READ = ("title_zh", "title_en", "body_zh", "body_en", "effective_from")
XML = "application/xml"
PREFIXES = {"zh": "", "en": "/en"}
CLOSED = ("/admin/", "/api/", "/hooks/", "/live/", "/c/", "/t/", "/files/", "/file/", "/link/", "/return/")


@require_http_methods(["GET", "HEAD"])
def show_sitemap(request: HttpRequest) -> HttpResponse:
    """The parts of the list: each holds the articles of a range of ids, so the last part costs what the first one does."""
    parts = [absolute_url(f"/sitemap-{part}.xml") for part in range(_last_part() + 1)]
    return HttpResponse(render_to_string("knowledge/help/sitemap_index.xml", {"parts": parts}), content_type=XML)


@require_http_methods(["GET", "HEAD"])
def show_sitemap_part(request: HttpRequest, part: int) -> HttpResponse:
    if part > _last_part():
        raise Http404
    text = render_to_string("knowledge/help/sitemap.xml", {"pages": _pages(part)})
    return HttpResponse(text, content_type=XML)


@require_http_methods(["GET", "HEAD"])
def show_robots(request: HttpRequest) -> HttpResponse:
    closed = [f"Disallow: {prefix}{path}" for path in CLOSED for prefix in PREFIXES.values()]
    lines = ["User-agent: *", *closed, f"Sitemap: {absolute_url('/sitemap.xml')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def _last_part() -> int:
    return (articles_in_force().aggregate(last=Max("pk"))["last"] or 0) // PART


def _pages(part: int) -> list[dict]:
    """Each language of each article, and where the other one is."""
    found = articles_in_force().select_related(None).select_related("live").filter(pk__gte=part * PART, pk__lt=(part + 1) * PART)
    found = found.only("code", *(f"live__{name}" for name in READ)).order_by("pk")
    pages = [] if part else [_page("/help/", list(PREFIXES), each) for each in PREFIXES]
    return pages + [page for article in found for page in _pages_of(article)]


def _pages_of(article: Article) -> list[dict]:
    languages, changed_at = languages_of(article.live), article.live.effective_from
    return [_page(f"/help/{article.code}/", languages, each) | {"changed_at": changed_at} for each in languages]


def _page(path: str, languages: list[str], language: str) -> dict:
    others = [("zh-Hans" if each == "zh" else each, absolute_url(PREFIXES[each] + path)) for each in languages]
    return {"url": absolute_url(PREFIXES[language] + path), "languages": others if len(others) > 1 else []}
