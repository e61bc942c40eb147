"""From a solution to an article: a draft in the customer's language, without the customer, that an agent looks over first."""

from collections import Counter
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from complaints import access
from complaints.clauses import against_touching
from complaints.desk.doors import desk_view, leave_for
from complaints.desk.places import place_of
from complaints.models import Complaint
from complaints.redaction import answers_of_cycle, question_of, without_people
from foundation.exceptions import ReasonedError
from foundation.verbs import require
from knowledge.models import Article, ArticleCategory, ArticleVersion
from knowledge.redaction import WORDS
from knowledge.services import create_article
from ui.forms import NamedChoiceField
from ui.localize import is_english

RELATED = ("category", "customer", "order")
LONGEST_TITLE = ArticleVersion._meta.get_field("title_zh").max_length
LONGEST_BODY = ArticleVersion._meta.get_field("body_zh").max_length


class ArticleDraftForm(forms.Form):
    """What goes into the draft, in the language of the complaint."""

    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)
    body = forms.CharField(label=_("Text"), max_length=LONGEST_BODY, widget=forms.Textarea(attrs={"rows": 14}))
    question = forms.CharField(
        label=_("How the customer asked"),
        max_length=200,
        required=False,
        help_text=_("Helps to find the article; shown to nobody."),
    )
    category = NamedChoiceField(label=_("Category"), queryset=ArticleCategory.objects.all(), empty_label=_("Choose one"))
    audience = forms.ChoiceField(label=_("For whom"), choices=Article.Audience.choices)


@desk_view("GET", "HEAD", "POST", permission="knowledge.write_article")
def write_article(request, number):
    """The draft as a form. Nothing is kept before it was looked over, and nobody else reads it before another person published it."""
    complaint = access.complaint_for(request.user, number, *RELATED)
    require(list(against_touching(complaint)))
    if request.method != "POST":
        initial, taken = prefill(complaint, asked=request.GET.get("q", "")[:LONGEST_TITLE].replace("\x00", ""))
        return _show(request, complaint, ArticleDraftForm(initial=initial), taken=taken)
    form = ArticleDraftForm(request.POST)
    if not form.is_valid():
        return _show(request, complaint, form, status=422)
    try:
        article = _create(complaint, form.cleaned_data, by=request.user)
    except ReasonedError as error:
        return _show(request, complaint, form, status=error.status_code, reasons=error.reasons)
    return leave_for(request, reverse("admin:knowledge_article_change", args=[article.pk]))


def prefill(complaint: Complaint, *, asked: str = "") -> tuple[dict[str, Any], Counter]:
    """What the form begins with, and what was taken out of it. ``asked`` is what an agent searched in vain."""
    texts, taken = without_people(complaint, asked or complaint.subject, *answers_of_cycle(complaint))
    body = "\n\n".join(texts[1:])[:LONGEST_BODY]
    return {"title": texts[0], "body": body, "question": question_of(complaint), "audience": Article.Audience.PUBLIC}, taken


def _create(complaint: Complaint, answers: dict[str, Any], *, by) -> Article:
    language = "en" if is_english(complaint.language) else "zh"
    return create_article(
        by=by,
        category=answers["category"],
        category_code=complaint.category.code,
        audience=answers["audience"],
        phrasings=[answers["question"]],
        **{f"title_{language}": answers["title"], f"body_{language}": answers["body"]},
    )


def _show(request: HttpRequest, complaint: Complaint, form: ArticleDraftForm, *, status: int = 200, taken=None, reasons=()) -> HttpResponse:
    context = {
        "complaint": complaint,
        "place": place_of(request),
        "form": form,
        "taken": [(WORDS[kind], count) for kind, count in sorted((taken or {}).items())],
        "is_first": taken is not None,
        "reasons": reasons,
    }
    return render(request, "complaints/desk/article_draft.html", context, status=status)
