"""The customer's page of a return: the application at first, then the whole life of the case, and every act that is theirs."""

import secrets
from typing import Any

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from complaints.intake.uploads import MOST_FILES
from complaints.models import Complaint
from complaints.portal import linking
from complaints.portal.answers import calm_down, is_flooding, see_other, show
from complaints.portal.linking import show_resend
from complaints.portal.tracker import ACTS_PER_NETWORK, opened_complaint, sign_file, take_files
from foundation.exceptions import NotAllowedError, Reason, RefusedError, VersionConflictError
from workflows.models import Case
from workflows.portal.acts import ACTS, CHOICES, Said
from workflows.portal.forms import WordsForm
from workflows.portal.pages import choose_case, describe_case, name_of, sent_cases, waybill_form

FOLDER = "workflows/portal/"
WITH_WAYBILL, WITH_FILES = {"waybill", "share"}, {"evidence", "appeal-evidence"}
WITH_WORDS = {"appeal", "choose", *WITH_FILES}
NEEDS_WORDS = {"appeal"}
SIZES = {"76x130": "76 × 130 mm", "100x150": "100 × 150 mm"}
DONE = {"sent", *ACTS}
REQUEST_SIGNS = 50
CHANGED = Reason("version", _("Something changed meanwhile."), _("Please look at the page and decide again."))


@require_http_methods(["GET", "HEAD"])
def show_return(request: HttpRequest, number: str) -> HttpResponse:
    """The newest case of a complaint; where there is none, the application."""
    try:
        complaint = opened_complaint(request, number)
    except Http404:
        return show_resend(request, number)
    cases = sent_cases(complaint)
    case = choose_case(cases, request.GET.get("case", ""))
    if case is None:
        return see_other(reverse("workflows:return-apply", args=[complaint.number]))
    return case_page(request, complaint, case, cases)


def case_page(request, complaint, case, cases, *, acting="", forms=None, reasons=(), kept=(), refusals=(), status=200) -> HttpResponse:
    """The page as it stands now, with what was typed and why it was refused if an act failed."""
    about = describe_case(case, complaint)
    forms = forms or {}
    failed = [form for form in forms.values() if form.errors]
    context = {
        **about,
        "complaint": complaint,
        "others": [(each, name_of(each)) for each in cases if each.pk != case.pk],
        "acting": acting,
        "form": failed[0] if failed else None,
        "waybill_form": forms.get("waybill") or waybill_form(parcel=about["rows"].parcel),
        "words_form": forms.get("words") or WordsForm(is_required=acting in NEEDS_WORDS),
        "choices": CHOICES.items(),
        "reasons": reasons,
        "can_share": any(reason.code == "waybill_taken" for reason in reasons),
        "kept": [(sign_file(file, complaint), file.name) for file in kept],
        "refusals": refusals,
        "most_files": MOST_FILES,
        "request_id": secrets.token_urlsafe(16),
        "done": request.GET.get("done") if request.GET.get("done") in DONE else "",
    }
    return show(request, FOLDER + "case.html", context, status=status)


@require_POST
def act_on_return(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Everything that a customer does about a case: evidence, waybill, appeal, withdrawal and the rest."""
    if verb not in ACTS:
        raise Http404
    complaint = opened_complaint(request, number)
    cases = sent_cases(complaint)
    case = next((each for each in cases if each.number == request.POST.get("case")), None)
    if case is None:
        raise Http404
    page = {"request": request, "complaint": complaint, "case": case, "cases": cases, "acting": verb}
    if is_flooding(request, "act", ACTS_PER_NETWORK):
        return calm_down(case_page(**page))
    return _act(page, verb)


def _act(page: dict[str, Any], verb: str) -> HttpResponse:
    request, case = page["request"], page["case"]
    forms = _forms_of(verb, request.POST)
    kept, refusals = take_files(request, page["complaint"]) if verb in WITH_FILES else ([], [])
    page |= {"forms": forms, "kept": kept, "refusals": refusals}
    if not _is_complete(verb, request.POST, forms, kept) or refusals:
        return case_page(**page, status=422)
    try:
        ACTS[verb](case, _said(request.POST, forms, kept))
    except VersionConflictError as error:
        return case_page(**page, reasons=[CHANGED], status=error.status_code)
    except (RefusedError, NotAllowedError) as error:
        return case_page(**page, reasons=error.reasons, status=error.status_code)
    return _back(page["complaint"], case, verb)


def _forms_of(verb: str, posted: Any) -> dict[str, Any]:
    forms = {}
    if verb in WITH_WAYBILL:
        forms["waybill"] = waybill_form(posted)
    if verb in WITH_WORDS:
        forms["words"] = WordsForm(posted, is_required=verb in NEEDS_WORDS)
    return forms


def _is_complete(verb: str, posted: Any, forms: dict[str, Any], kept: list) -> bool:
    """Whether every form of the act is filled; evidence is words or a file, a choice one of those offered."""
    is_valid = all(form.is_valid() for form in forms.values())
    if is_valid and verb in WITH_FILES and not (kept or forms["words"].cleaned_data["words"]):
        forms["words"].require_words()
        return False
    return is_valid and (verb != "choose" or posted.get("choice") in CHOICES)


def _said(posted: Any, forms: dict[str, Any], kept: list) -> Said:
    fields = dict(forms["waybill"].cleaned_data) if "waybill" in forms else {}
    return Said(
        words=forms["words"].cleaned_data["words"] if "words" in forms else "",
        files=tuple(file.pk for file in kept),
        fields=fields | {"choice": posted.get("choice", ""), "amount": _whole(posted.get("amount", "")) or 0},
        version=_whole(posted.get("version", "")),
        request_id=posted.get("request_id", "")[:REQUEST_SIGNS] or None,
    )


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 12 else None


def _back(complaint: Complaint, case: Case, done: str) -> HttpResponse:
    return see_other(f"{reverse('workflows:return', args=[complaint.number])}?case={case.number}&done={done}")


@require_GET
def show_label(request: HttpRequest, number: str) -> HttpResponse:
    """The label for a parcel, to be printed on the paper of thermal printers or to be copied by hand."""
    try:
        complaint = opened_complaint(request, number)
    except Http404:
        return show_resend(request, number)
    case, parcel = _expected(request, complaint)
    size = request.GET.get("size") if request.GET.get("size") in SIZES else "100x150"
    context = {"complaint": complaint, "case": case, "parcel": parcel, "size": size, "sizes": SIZES.items()}
    return show(request, FOLDER + "label.html", context)


@require_GET
def save_code(request: HttpRequest, number: str) -> HttpResponse:
    """The code of the label as a picture for the phone's album."""
    complaint = opened_complaint(request, number)
    _case, parcel = _expected(request, complaint)
    response = HttpResponse(content_type="image/png")
    response.headers["Content-Disposition"] = f'attachment; filename="{parcel.label["code"]}.png"'
    segno.make(parcel.label["code"], error="m", micro=False).save(response, kind="png", scale=16, border=4)
    return response


def _expected(request: HttpRequest, complaint: Complaint):
    """The case and the parcel that its customer was told to send."""
    case = choose_case(sent_cases(complaint), request.GET.get("case", ""))
    parcel = case.parcels.exclude(state__in=["cancelled", "abandoned"]).order_by("-pk").first() if case else None
    if parcel is None or not parcel.label.get("code"):
        raise Http404
    return case, parcel


@require_GET
def open_return(request: HttpRequest, token: str) -> HttpResponse:
    """Follow a secret link to the return of a complaint."""
    response = linking.open_complaint(request, token)
    if response.status_code == 303:
        response.headers["Location"] += "return/"
    return response
