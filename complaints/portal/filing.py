"""The two pages of filing: what went wrong, then check and submit."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from complaints.intake import drafts, submission
from complaints.intake.catalogue import catalogue
from complaints.intake.forms import DetailsForm, ProblemForm, details_initial
from complaints.intake.links import opened_links, remember_link
from complaints.intake.matching import order_of_link
from complaints.intake.uploads import MOST_FILES, add_to_draft
from complaints.models import Complaint, Draft
from complaints.portal.answers import calm_down, is_flooding, see_other, show
from complaints.portal.categories import draw_categories
from complaints.portal.review import review_of
from complaints.sla.opening import is_by_hours, promise_to
from foundation.exceptions import RefusedError
from knowledge.help.looking import suggest_by_category
from knowledge.help.sessions import note_complaint
from ui.localize import localized
from ui.timefmt import relative

PAGES_PER_NETWORK = 120
FILINGS_PER_NETWORK = 60


@require_http_methods(["GET", "HEAD", "POST"])
def show_problem(request: HttpRequest) -> HttpResponse:
    """Page one."""
    if request.method == "POST":
        return _start_over() if "reset" in request.POST else _submit_problem(request)
    token = drafts.draft_token(request)
    draft = drafts.find_draft(token)
    if draft is not None and "filed" in draft.answers:
        draft, token = None, ""
    known = drafts.unseal(draft.answers) if draft else {}
    match = order_of_link(request.GET["order"]) if "order" in request.GET else None
    order = submission.snapshot(match) if match else known.get("order") if known.get("signed") else None
    initial = known | {"category": request.GET.get("category") or known.get("category", "")}
    initial["lines"] = [str(number) for number in known.get("lines", [])]
    form = ProblemForm(initial={name: value for name, value in initial.items() if value}, catalogue=catalogue(), order=order)
    response = _problem_page(request, form, draft, signed=request.GET.get("order") or known.get("signed", ""))
    if not token:
        drafts.keep_token(response, drafts.new_token())
    return response


def _submit_problem(request: HttpRequest) -> HttpResponse:
    token = drafts.draft_token(request) or drafts.new_token()
    signed = request.POST.get("signed", "")
    match = order_of_link(signed) if signed else None
    draft, refusals = _take_files(request, token)
    order = submission.snapshot(match) if match else None
    form = ProblemForm(request.POST, catalogue=catalogue(), order=order, has_files=bool(draft and draft.files))
    if is_flooding(request, "problem", PAGES_PER_NETWORK):
        return _keep(calm_down(_problem_page(request, form, draft, signed=signed, is_flood=True)), token)
    if not form.is_valid() or refusals:
        draft = draft or drafts.find_draft(token)
        return _keep(_problem_page(request, form, draft, signed=signed, refusals=refusals, status=422), token)
    answers = submission.problem_answers(form.cleaned_data, catalogue=form.catalogue, match=match, link_ids=opened_links(request))
    answers["signed"] = signed if match else ""
    return _keep(see_other(reverse("complaints:filing-check")), _save(token, answers))


def _take_files(request: HttpRequest, token: str) -> tuple[Draft | None, list]:
    """Files that came with the page go into the draft at once, whatever else is wrong with the page."""
    files = request.FILES.getlist("evidence")
    if not files:
        # Only "something else" and an empty page ask whether the draft holds files.
        return (None if request.POST.get("description", "").strip() else drafts.find_draft(token)), []
    drafts.save_draft(token, submission.raw_answers(request.POST))
    _rows, refusals = add_to_draft(drafts.find_draft(token), files)
    return drafts.find_draft(token), refusals


def _save(token: str, answers: dict) -> str:
    """Save to the draft; one that has become a complaint stays closed, so the answers go to a new one."""
    if drafts.save_draft(token, answers) is None:
        token = drafts.new_token()
        drafts.save_draft(token, answers)
    return token


def _keep(response: HttpResponse, token: str) -> HttpResponse:
    drafts.keep_token(response, token)
    return response


def _start_over() -> HttpResponse:
    response = see_other(reverse("complaints:filing"))
    drafts.drop_token(response)
    return response


def _problem_page(request, form, draft, *, signed="", refusals=(), is_flood=False, status=200) -> HttpResponse:
    chosen = form["category"].value() or ""
    known = form.catalogue.categories.get(chosen)
    context = {
        "form": form,
        "signed": signed,
        "order": form.order,
        "categories": draw_categories(form.catalogue, chosen, (form.order or {}).get("status", "")),
        "evidence": localized(form.catalogue.forms[chosen], "evidence") if known else "",
        "files": draft.files if draft else [],
        "refusals": refusals,
        "most_files": MOST_FILES,
        "is_flood": is_flood,
        "is_resumed": request.method == "GET" and "from" not in request.GET and bool(draft and draft.answers),
        "is_carried": "from" in request.GET,
    }
    return show(request, "filing.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def show_check(request: HttpRequest) -> HttpResponse:
    """Page two."""
    token = drafts.draft_token(request)
    draft = drafts.find_draft(token)
    if draft is None:
        return see_other(reverse("complaints:filing"))
    if "filed" in draft.answers:
        return see_other(reverse("complaints:tracker", args=[draft.answers["filed"]]))
    answers, offered = drafts.unseal(draft.answers), catalogue()
    if answers.get("category") not in offered.categories or answers.get("wish") not in Complaint.Wish:
        return see_other(reverse("complaints:filing"))
    form = _details_form(request, answers, offered)
    if request.method != "POST":
        return _check_page(request, form, draft, answers, offered)
    return _submit_check(request, form, draft, answers, offered, token)


def _details_form(request, answers, offered) -> DetailsForm:
    questions, order = offered.forms[answers["category"]], answers.get("order")
    asks_lines = bool(order) and questions.asks_lines and len(order["lines"]) > 1 and not (answers.get("signed") and answers.get("lines"))
    about = {"form": questions, "order": order, "asks_lines": asks_lines, "known_phone": bool(order and order.get("phone_mask"))}
    return (
        DetailsForm(request.POST, **about)
        if request.method == "POST"
        else DetailsForm(initial=details_initial(questions, answers), **about)
    )


def _submit_check(request, form, draft, answers, offered, token) -> HttpResponse:
    is_valid = form.is_valid()
    if "change" in request.POST:
        drafts.save_draft(token, form.answers())
        return see_other(f"{reverse('complaints:filing')}#{request.POST['change'][:20]}")
    if "add_to" in request.POST:
        return _add_to_twin(request, draft, answers, token)
    if is_flooding(request, "filing", FILINGS_PER_NETWORK):
        return calm_down(_check_page(request, form, draft, answers, offered, is_flood=True))
    is_same = request.POST.get("draft") == draft.digest[:16]
    if not is_valid or not is_same:
        return _check_page(request, form, draft, answers, offered, is_other=not is_same, status=422)
    try:
        complaint, link = submission.file_draft(draft, answers | form.answers(), catalogue=offered, token=token)
    except RefusedError as error:
        return _check_page(request, form, draft, answers, offered, reasons=error.reasons, status=409)
    note_complaint(request)
    response = see_other(reverse("complaints:tracker", args=[complaint.number]))
    remember_link(request, response, link)
    return response


def _add_to_twin(request, draft, answers, token) -> HttpResponse:
    target = submission.add_to_twin(draft, answers, request.POST["add_to"], token=token)
    if target is None:
        return see_other(reverse("complaints:filing-check"))
    note_complaint(request)
    return see_other(reverse("complaints:tracker", args=[target.number]) + "?done=added")


def _check_page(request, form, draft, answers, offered, *, is_flood=False, is_other=False, reasons=(), status=200) -> HttpResponse:
    category, at = offered.categories[answers["category"]], timezone.now()
    promise = promise_to(category, at=at)
    context = {
        "form": form,
        "fingerprint": draft.digest[:16],
        "answers": answers,
        "category": category,
        "evidence": "" if draft.files else localized(offered.forms[category.code], "evidence"),
        "rows": review_of(answers, category, draft),
        "promise_words": relative(promise),
        "is_by_hours": is_by_hours(category, promise, at=at),
        "estimate": submission.refund_estimate(answers),
        "lines": submission.chosen_lines(answers),
        "twins": [number for _pk, number, is_shown in answers.get("twins", []) if is_shown],
        "is_flood": is_flood,
        "is_other": is_other,
        "reasons": reasons,
        "suggestions": suggest_by_category(category.code) if request.method == "GET" else [],
    }
    return show(request, "check.html", context, status=status)
