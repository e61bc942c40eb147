"""The pages that lead to articles: the help centre's first page, its lists, its search, and what is shown while somebody types."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from foundation.keyset import InvalidCursorError, keyset_page
from knowledge.help import reading
from knowledge.help.answers import see_other, show
from knowledge.help.looking import Found, look_up, suggest, tidy
from knowledge.help.readers import is_flooding
from knowledge.help.structured import describe_crumbs
from knowledge.models import Article
from ui.localize import localized

SEARCHES_PER_NETWORK = 240
TYPED_PER_NETWORK = 1200
PAGE_SIZE = 30
MOST_FOUND, MOST_INSTANT = 20, 6
LONGEST_TEXT = 2000


@require_http_methods(["GET", "HEAD"])
def show_home(request: HttpRequest) -> HttpResponse:
    context = {
        "categories": reading.categories_with_counts(),
        "popular": reading.most_read(8),
        "announcements": reading.newest_of_kind(Article.Kind.ANNOUNCEMENT, 4),
        "rules": reading.newest_of_kind(Article.Kind.RULE, 6),
    }
    return show(request, "home.html", context)


@require_http_methods(["GET", "HEAD"])
def show_category(request: HttpRequest, topic: str) -> HttpResponse:
    category = reading.category_or_404(topic)
    found = reading.articles_in_force().filter(category=category)
    return _show_list(request, found, localized(category, "name"), category)


@require_http_methods(["GET", "HEAD"])
def show_kind(request: HttpRequest, kind: str) -> HttpResponse:
    titles = {Article.Kind.RULE: _("Rules"), Article.Kind.ANNOUNCEMENT: _("Announcements")}
    return _show_list(request, reading.articles_in_force().filter(kind=kind), titles[kind], None)


def _show_list(request, articles, title, category) -> HttpResponse:
    try:
        page = keyset_page(reading.listed(articles), order=("-id",), after=request.GET.get("after", ""), size=PAGE_SIZE)
    except InvalidCursorError:
        return see_other(request.path)
    context = {"title": title, "category": category, "page": page, "structured": describe_crumbs([(title, request.path)])}
    return show(request, "list.html", context)


@require_http_methods(["GET", "HEAD"])
def show_search(request: HttpRequest) -> HttpResponse:
    words = tidy(request.GET.get("q", ""))
    is_flood = bool(words) and is_flooding(request, "search", SEARCHES_PER_NETWORK)
    found = Found(words) if is_flood else look_up(words, limit=MOST_FOUND)
    context = {"found": found, "is_flood": is_flood, "popular": [] if found.hits else reading.most_read(6)}
    return show(request, "search.html", context, status=429 if is_flood else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def show_instant(request: HttpRequest) -> HttpResponse:
    """The hits while somebody types. Scripts POST the words, so that they stand in no address; a plain GET works too."""
    words = tidy((request.POST if request.method == "POST" else request.GET).get("q", ""))
    is_flood = is_flooding(request, "typed", TYPED_PER_NETWORK)
    found = Found(words) if is_flood else look_up(words, limit=MOST_INSTANT, is_typing=True)
    return show(request, "_hits.html", {"found": found}, status=429 if is_flood else 200)


@require_POST
def show_suggestions(request: HttpRequest) -> HttpResponse:
    """What may help with a complaint that is being written. Words of a complaint come by POST only and are not noted."""
    if is_flooding(request, "typed", TYPED_PER_NETWORK):
        return HttpResponse(status=429)
    category, text = tidy(request.POST.get("category", "")), request.POST.get("description", "")[:LONGEST_TEXT]
    return show(request, "_suggestions.html", {"suggestions": suggest(category, text)})
