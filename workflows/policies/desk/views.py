"""The pages of the rules of after-sales."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from complaints.desk.doors import SeeOther, number_in
from foundation.exceptions import Reason, ReasonedError, RefusedError, VersionConflictError
from workflows.policies.content import CONTENT, content_of, worse_for_customers
from workflows.policies.desk.forms import PublishForm, ReasonRows, RulesForm, reasons_in, rows_of
from workflows.policies.publishing import NOTICE, PROPOSE, PUBLISH, propose_policy, publish_policy, sign_shipped_policy
from workflows.policies.shelf import PolicyShelf, shelf_of, shelves
from workflows.policies.words import say_differences, say_policy

READ = "workflows.view_casepolicy"
View = Callable[..., HttpResponse]


def policy_view(view: View) -> View:
    """Let in whoever may read the rules; what changes one asks its service."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not request.user.has_perm(READ):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@policy_view
def show_policies(request):
    found = shelves()
    told = {"shelves": [(shelf, _in_short(shelf)) for shelf in found], "unsigned": sum(shelf.is_unsigned for shelf in found)}
    return render(request, "workflows/policies.html", told | {"may_sign": request.user.has_perm(PUBLISH)})


@require_http_methods(["GET", "HEAD", "POST"])
@policy_view
def edit_policy(request, case_type):
    shelf = shelf_of(case_type)
    if request.method != "POST":
        number = number_in(request.GET.get("version"))
        return _page(request, shelf, shown=shelf.version(number) if number is not None else None)
    if not (request.user.has_perm(PROPOSE) or request.user.has_perm(PUBLISH)):
        raise PermissionDenied
    try:
        return STEPS.get(request.POST.get("step", ""), _propose)(request, shelf)
    except VersionConflictError:
        forms = _posted(request) if request.POST.get("step") == "propose" else {}
        return _page(request, shelf_of(case_type), status=409, is_stale=True, **forms)
    except ReasonedError as error:
        return _page(request, shelf_of(case_type), status=error.status_code, reasons=error.reasons)


def _propose(request: HttpRequest, shelf: PolicyShelf) -> HttpResponse:
    posted = _posted(request)
    form, rows = posted["form"], posted["rows"]
    if not (form.is_valid() & rows.is_valid()):
        return _page(request, shelf, status=422, **posted)
    changes, seen = form.changes() | {"reasons": reasons_in(rows)}, form.cleaned_data["expected_version"]
    try:
        propose_policy(shelf.type, merchant=None, by=request.user, expected_version=seen, **changes)
    except RefusedError as error:
        return _page(request, shelf, status=422, reasons=form.place(error.reasons), **posted)
    messages.success(request, _("Your proposal is kept. A colleague publishes it."))
    return _back(shelf)


def _publish(request: HttpRequest, shelf: PolicyShelf) -> HttpResponse:
    form = PublishForm(request.POST)
    policy = shelf.version(number_in(request.POST.get("version")) or 0)
    if not form.is_valid():
        return _page(request, shelf, publish_form=form, status=422)
    published = publish_policy(policy, by=request.user, effective_from=form.cleaned_data["effective_from"])
    messages.success(request, _("Version %(number)d is published. Open cases keep theirs.") % {"number": published.version})
    return _back(shelf)


def _sign(request: HttpRequest, shelf: PolicyShelf) -> HttpResponse:
    sign_shipped_policy(shelf.version(number_in(request.POST.get("version")) or 0), by=request.user)
    messages.success(request, _("You have signed these rules. From now on they grant by themselves what they allow."))
    return _back(shelf)


STEPS: dict[str, View] = {"propose": _propose, "publish": _publish, "sign": _sign}


def _back(shelf: PolicyShelf) -> HttpResponse:
    return SeeOther(reverse("admin:policy", args=[shelf.type]))


def _posted(request: HttpRequest) -> dict[str, Any]:
    return {"form": RulesForm(request.POST), "rows": ReasonRows(request.POST, prefix="reasons")}


def _blank(shelf: PolicyShelf, begins_as: Any) -> dict[str, Any]:
    initial = {name: value for name, value in content_of(begins_as).items() if name in CONTENT}
    form = RulesForm(initial=initial | {"expected_version": shelf.newest.version})
    return {"form": form, "rows": ReasonRows(initial=rows_of(begins_as), prefix="reasons")}


def _in_short(shelf: PolicyShelf) -> list[Any]:
    """The conditions that tell types apart at a glance."""
    short = ("receipt", "release", "window_days", "auto_limit_fen")
    return [each for each in say_policy(shelf.live or shelf.newest) if each.name in short]


def _page(
    request: HttpRequest,
    shelf: PolicyShelf,
    *,
    form: RulesForm | None = None,
    rows: Any = None,
    publish_form: PublishForm | None = None,
    shown: Any = None,
    reasons: list[Reason] | None = None,
    status: int = 200,
    is_stale: bool = False,
) -> HttpResponse:
    told = shown or shelf.live or shelf.newest
    blank, proposal = _blank(shelf, shown or shelf.newest), shelf.proposal
    if form is not None and is_stale:
        form.data = form.data.copy()
        form.data["expected_version"] = str(shelf.newest.version)
    context = {
        "shelf": shelf,
        "told": told,
        "words": say_policy(told),
        "shown": shown,
        "form": form or blank["form"],
        "rows": rows if rows is not None else blank["rows"],
        "is_open": form is not None or shown is not None,
        "publish_form": publish_form or PublishForm(),
        "changes": say_differences(_before(shelf), proposal) if proposal else [],
        "adverse": worse_for_customers(_before(shelf), proposal) if proposal else [],
        "is_own": proposal is not None and proposal.proposed_by_id == request.user.pk,
        "reasons": reasons or [],
        "is_stale": is_stale,
        "may_propose": request.user.has_perm(PROPOSE),
        "may_publish": request.user.has_perm(PUBLISH),
        "notice_days": NOTICE.days,
    }
    return render(request, "workflows/policy.html", context, status=status)


def _before(shelf: PolicyShelf) -> Any:
    return shelf.published[0] if shelf.published else None
