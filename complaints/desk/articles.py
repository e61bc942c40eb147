"""The articles panel beside a complaint: suggestions, search, preview, and what an agent does with one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from complaints import access
from complaints.clauses import against_touching
from complaints.desk import drafts
from complaints.desk.article_offers import LONGEST_ASKED, preview_article, search_articles, suggest_articles
from complaints.desk.doors import SeeOther, desk_view
from complaints.desk.places import address_of, place_of
from complaints.models import ArticleUse, Complaint
from complaints.redaction import known_of, question_of
from complaints.services.article_uses import note_article_use
from foundation.verbs import require
from knowledge.access import usable_articles
from knowledge.models import Article, SearchLog
from knowledge.redaction import redact
from knowledge.search.logs import note_miss
from ui.localize import is_english

READ = "knowledge.view_article"
RELATED = ("category", "customer")
# What a form of the preview may do: put the link or the steps into the reply, say that it solved it, say that it is wrong here.
INSERTS = ("link", "steps")
ACTS = {"link": ArticleUse.Act.INSERTED, "steps": ArticleUse.Act.INSERTED, "solved": ArticleUse.Act.SOLVED, "wrong": ArticleUse.Act.WRONG}


@desk_view(permission=READ)
@never_cache
def show_articles(request, number):
    """The panel; for what is typed into its search only the list."""
    complaint = access.complaint_for(request.user, number, *RELATED)
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_ASKED]
    offers = search_articles(complaint, request.user, asked) if asked else suggest_articles(complaint, request.user)
    is_list = request.htmx and request.htmx.target == "article-list"
    name = "_article_list.html" if is_list else "_articles.html" if request.htmx else "articles.html"
    return _show(request, name, complaint, found=offers, q=asked)


@desk_view(permission=READ)
def show_article(request, number, article_id):
    complaint = access.complaint_for(request.user, number, *RELATED)
    return _show_preview(request, complaint, _article_or_404(request, article_id))


@desk_view("POST", permission=READ)
def use_article(request, number, article_id, act):
    """Count what was done. Without scripts, inserting adds the words to the draft of the reply; with them the page has done so."""
    if act not in ACTS:
        raise Http404
    complaint = access.complaint_for(request.user, number, *RELATED)
    article = _article_or_404(request, article_id)
    note_article_use(complaint, article, act=ACTS[act], by=request.user)
    if act in INSERTS and "inserted" in request.POST:
        return HttpResponse(status=204)
    if act in INSERTS:
        _add_to_draft(complaint, article, act, request)
        return SeeOther(f"{address_of(complaint.number, place_of(request).query)}#composer")
    if request.htmx:
        return _show_preview(request, complaint, article, done=act)
    return SeeOther(address_of(complaint.number, place_of(request).query))


@desk_view("POST", permission=READ)
def report_missing(request, number):
    """Nothing helps here: it is counted for those who write, and whoever may write goes on to a draft."""
    complaint = access.complaint_for(request.user, number, *RELATED)
    require(list(against_touching(complaint)))
    asked = request.POST.get("q", "").replace("\x00", "").strip()[:LONGEST_ASKED]
    language = "en" if is_english(get_language()) else "zh"
    words = redact(asked, known_of(complaint)).text if asked else question_of(complaint)
    note_miss(words, language=language, place=SearchLog.Place.DESK, found=0)
    if request.htmx:
        return _show(request, "_article_missed.html", complaint, q=asked)
    return _show(request, "articles.html", complaint, found=suggest_articles(complaint, request.user), q=asked, is_missed=True)


def _article_or_404(request: HttpRequest, article_id: int) -> Article:
    return get_object_or_404(usable_articles(request.user).select_related("live"), pk=article_id)


def _show_preview(request: HttpRequest, complaint: Complaint, article: Article, **context) -> HttpResponse:
    preview = preview_article(complaint, article)
    name = "_article.html" if request.htmx else "article.html"
    return _show(request, name, complaint, preview=preview, is_dialog=bool(request.htmx), **context)


def _show(request: HttpRequest, name: str, complaint: Complaint, **context) -> HttpResponse:
    can_insert = request.user.has_perm("complaints.reply_complaint") and not complaint.erased_at
    context |= {"complaint": complaint, "place": place_of(request), "can_insert": can_insert}
    return render(request, f"complaints/desk/{name}", context)


def _add_to_draft(complaint: Complaint, article: Article, act: str, request: HttpRequest) -> None:
    preview = preview_article(complaint, article)
    words = {"link": f"{preview.wording.title}\n{preview.link}", "steps": preview.steps}[act]
    kept = drafts.drafts_of(complaint, request.user)["reply"]
    drafts.save_draft(complaint, kind="reply", body=f"{kept}\n{words}".strip(), by=request.user)
