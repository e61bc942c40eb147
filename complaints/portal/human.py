"""The way to a person: a place in the queue while somebody is there, a call or an answer in writing when nobody is."""

import secrets

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from complaints.chat.hours import call_windows, closes_at, is_open, opens_at
from complaints.chat.queue import outlook_for_newcomer
from complaints.intake import drafts, submission
from complaints.intake.catalogue import catalogue
from complaints.intake.forms import CallForm, HumanForm
from complaints.intake.links import remember_link
from complaints.portal import talk
from complaints.portal.answers import calm_down, is_flooding, see_other, show
from complaints.portal.filing import FILINGS_PER_NETWORK
from knowledge.help.sessions import note_complaint


@require_http_methods(["GET", "HEAD", "POST"])
def show_human(request: HttpRequest) -> HttpResponse:
    """To a person in one page. What the visitor has already typed elsewhere is there."""
    if request.method != "POST":
        return _human_page(request, _form(initial=_known(request)), secrets.token_urlsafe(24))
    form = _form(request.POST)
    token = request.POST.get("request_id", "")[:64] or secrets.token_urlsafe(24)
    if is_flooding(request, "filing", FILINGS_PER_NETWORK):
        return calm_down(_human_page(request, form, token, is_flood=True))
    if not form.is_valid():
        return _human_page(request, form, token, status=422)
    complaint, link, page = submission.ask_for_human(form.cleaned_data, catalogue=catalogue(), token=token, is_open=not form.asks_window)
    note_complaint(request)
    response = see_other(reverse(page, args=[complaint.number]))
    remember_link(request, response, link)
    return response


def _form(*posted, **options) -> HumanForm:
    at = timezone.now()
    return HumanForm(*posted, **options) if is_open(at) else CallForm(*posted, windows=call_windows(at), **options)


def _known(request: HttpRequest) -> dict:
    draft = drafts.find_draft(drafts.draft_token(request))
    known = drafts.unseal(draft.answers) if draft else {}
    return {name: known.get(name, "") for name in HumanForm.base_fields}


def _human_page(request, form, token, *, is_flood=False, status=200) -> HttpResponse:
    at = timezone.now()
    context = {"form": form, "request_id": token, "is_flood": is_flood, "is_open": not form.asks_window}
    if form.asks_window:
        context["opens_at"] = opens_at(at)
    else:
        outlook = outlook_for_newcomer(submission.category_of_strangers(catalogue()).team_id, at)
        words = {"place_words": talk.place_words(outlook), "wait_words": talk.wait_words(outlook)}
        context |= words | {"outlook": outlook, "closes_at": closes_at(at)}
    return show(request, "human.html", context, status=status)
