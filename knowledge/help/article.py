"""The page of one article, its earlier versions and files, and what readers tell about it."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from knowledge.file_answers import answer_file
from knowledge.help import reading
from knowledge.help.answers import see_other, show
from knowledge.help.readers import is_flooding, keep_reader, reader_of
from knowledge.help.sessions import note_helped, note_not_helped, note_reading
from knowledge.help.structured import describe_article
from knowledge.help.votes import count_deflection, count_view, vote
from knowledge.models import Article
from ui.localize import is_english

VOTES_PER_NETWORK, READINGS_PER_NETWORK = 60, 240
A_DAY = 24 * 3600


@require_http_methods(["GET", "HEAD"])
def show_article(request: HttpRequest, code: str) -> HttpResponse:
    article = reading.article_or_404(code)
    if "panel" in request.GET:
        context = {"article": article, "version": article.live, "wording": reading.wording_of(article.live)}
        return show(request, "_panel.html", context)
    return _article_page(request, article, voted=request.GET.get("voted", ""))


def _article_page(request, article: Article, *, voted="", is_flood=False, text="") -> HttpResponse:
    editions, wording = reading.editions_of(article), reading.wording_of(article.live)
    context = {
        "article": article,
        "version": article.live,
        "wording": wording,
        "files": reading.files_of(article),
        "related": reading.related_to(article),
        "past": reading.past_of(article, editions),
        "coming": reading.coming_of(article, editions),
        "languages": reading.languages_of(article.live),
        "voted": voted if voted in ("yes", "no", "told", "solved") else "",
        "is_flood": is_flood,
        "text": text,
        "is_from_form": "form" in request.GET,
        "structured": describe_article(article, wording),
    }
    return show(request, "article.html", context, fragment="_vote.html", status=429 if is_flood else 200)


@require_http_methods(["GET", "HEAD"])
def show_edition(request: HttpRequest, code: str, edition: int) -> HttpResponse:
    """One version as it was or will be. The one in force has the article's own address."""
    article = reading.article_or_404(code)
    version = reading.edition_or_404(article, edition)
    if version.pk == article.live_id:
        return see_other(reverse("help:article", args=[code]))
    wording = reading.wording_of(version)
    return show(request, "edition.html", {"article": article, "version": version, "wording": wording})


@require_POST
def vote_on(request: HttpRequest, code: str) -> HttpResponse:
    """Yes or no, and after a no what was missing. The page comes back and says thanks; a second vote replaces the first."""
    article = reading.article_or_404(code)
    answer, text = request.POST.get("helpful", ""), request.POST.get("text", "").strip()
    if answer not in ("yes", "no"):
        return see_other(reverse("help:article", args=[code]))
    if is_flooding(request, "vote", VOTES_PER_NETWORK):
        return _article_page(request, article, is_flood=True, text=text)
    reader, is_helpful = reader_of(request), answer == "yes"
    vote(article.live, reader=reader, is_helpful=is_helpful, text=text, language="en" if is_english() else "zh")
    response = keep_reader(_voted(request, article, "told" if text and not is_helpful else answer), reader)
    if is_helpful:
        note_helped(request, response, article)
    else:
        note_not_helped(request, article)
    return response


@require_POST
def tell_solved(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody who was about to complain says that this article solved it. Once a day for each article and browser."""
    article, reader = reading.article_or_404(code), reader_of(request)
    response = keep_reader(_voted(request, article, "solved"), reader)
    if not is_flooding(request, "vote", VOTES_PER_NETWORK) and not is_flooding(request, f"solved:{article.pk}:{reader}", 1, seconds=A_DAY):
        count_deflection(article)
        vote(article.live, reader=reader, is_helpful=True, language="en" if is_english() else "zh")
        note_helped(request, response, article)
    return response


def _voted(request: HttpRequest, article: Article, voted: str) -> HttpResponse:
    if request.htmx:
        return show(request, "_vote.html", {"article": article, "voted": voted}, fragment="_vote.html")
    return see_other(f"{reverse('help:article', args=[article.code])}?voted={voted}#helpful")


@require_POST
def count_reading(request: HttpRequest, code: str) -> HttpResponse:
    """Told by the page's script some seconds after it was opened."""
    article, response = reading.article_or_404(code), HttpResponse(status=204)
    if not is_flooding(request, "read", READINGS_PER_NETWORK):
        count_view(article)
        note_reading(request, response, article)
    return response


@require_http_methods(["GET", "HEAD"])
def show_file(request: HttpRequest, code: str, article_file: int) -> HttpResponse:
    """A file of a public article."""
    return answer_file(reading.file_or_404(reading.article_or_404(code), article_file), size=request.GET.get("size", ""))
