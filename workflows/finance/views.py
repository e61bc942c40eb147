"""The pages of finance: what waits for a signature, one refund, and each act on it."""

from django.conf import settings
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from psycopg2.errors import LockNotAvailable

from accounts.models import AccessLog
from accounts.services import record_access
from complaints.access import files_of
from complaints.desk.doors import leave_for, new_request_id
from foundation.exceptions import ReasonedError, VersionConflictError
from workflows import access
from workflows.access import PAY
from workflows.finance.acts import ACTS, BUSY, FinanceAct, RefundForm
from workflows.finance.exports import write_refunds
from workflows.finance.lists import TABS, page_of_refunds, row_of, tab_in, with_facts
from workflows.finance.sheet import history_of, sheet_of, voucher_of, words_of_refusal
from workflows.models import Refund
from workflows.reconciling.doors import money_view
from workflows.scan.photos import picture_of


@money_view(permission=PAY)
def show_refunds(request):
    """One tab of the list; beside it the refund that is looked at, the first one unless another is asked for."""
    context = page_of_refunds(request.user, request.GET)
    wanted = request.GET.get("at") or next((row.refund.out_refund_no for row in context["rows"]), "")
    shown = next((row.refund for row in context["rows"] if row.refund.out_refund_no == wanted), None)
    sheet = sheet_of(request, shown) if shown else {}
    return render(request, "workflows/finance/refunds.html", context | sheet | {"is_trial": settings.BIHUAN_ENV == "trial"})


@money_view(permission=PAY)
def export_refunds(request):
    """One tab as a file; that it was taken is written down."""
    tab = tab_in(request.GET)
    record_access(AccessLog.Act.EXPORT, Refund(pk=0), by=request.user, field=tab, network=request.META.get("REMOTE_ADDR"))
    response = StreamingHttpResponse(write_refunds(request.user, tab), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="refunds-{tab}.csv"'
    return response


@money_view(permission=PAY)
def show_refund(request, refund_no):
    refund = _find(request, refund_no)
    return render(request, "workflows/finance/refund.html", sheet_of(request, refund) | history_of(refund))


@money_view(permission=PAY)
def print_refund(request, refund_no):
    """One refund on one sheet of paper, for the books; the customer's name stays masked."""
    return render(request, "workflows/finance/voucher.html", voucher_of(_find(request, refund_no), request.user))


@money_view("GET", "HEAD", "POST", permission=PAY)
def do_act(request, refund_no, name):
    act, refund = ACTS.get(name), _find(request, refund_no)
    if act is None:
        raise Http404
    if request.method != "POST":
        return _show(request, act, refund, _blank(request, act, refund))
    form = act.form(request.POST, refund=refund, request=request)
    if not form.is_valid():
        return _show(request, act, refund, form, status=422)
    try:
        form.run()
    except VersionConflictError:
        fresh = _find(request, refund_no)
        return _show(request, act, fresh, _again(request, act, fresh), status=409, is_stale=True)
    except ReasonedError as error:
        return _show(request, act, refund, form, status=error.status_code, reasons=error.reasons)
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        return _show(request, act, refund, form, status=409, reasons=[BUSY])
    return leave_for(request, _next(request, refund))


@money_view(permission=PAY)
def show_file(request, refund_no, key, variant):
    """A picture that the customer sent or the warehouse took, re-encoded and never the original."""
    refund = _find(request, refund_no)
    file = files_of(refund.case.complaint, is_staff=False).filter(key=key).first()
    if file is None:
        raise Http404
    return picture_of(file.preview_path if variant == "preview" else file.thumb_path, variant)


def _find(request: HttpRequest, refund_no: str) -> Refund:
    found = with_facts(access.refunds_for(request.user)).filter(out_refund_no=refund_no).first()
    if found is None:
        raise Http404
    return found


def _next(request: HttpRequest, refund: Refund) -> str:
    """Back to the list where it was done beside the list, so that the next one is there at once."""
    if (tab := request.POST.get("tab")) in TABS:
        return f"{reverse('admin:refunds')}?tab={tab}"
    return reverse("admin:refund", args=[refund.out_refund_no])


def _blank(request: HttpRequest, act: FinanceAct, refund: Refund) -> RefundForm:
    return act.form(refund=refund, request=request, initial={"request_id": new_request_id()})


def _again(request: HttpRequest, act: FinanceAct, fresh: Refund) -> RefundForm:
    """The same answers over the newest version. What is signed has to be seen again, so a signature begins anew."""
    if "proposal_hash" in act.form.base_fields:
        return _blank(request, act, fresh)
    answers = request.POST.copy()
    answers["expected_version"] = str(fresh.version)
    return act.form(answers, refund=fresh, request=request)


def _show(request: HttpRequest, act: FinanceAct, refund: Refund, form: RefundForm, *, status: int = 200, **context) -> HttpResponse:
    context |= {"act": act, "refund": refund, "row": row_of(refund, request.user), "form": form, "tab": _tab(request)}
    if act.name == "refuse":
        context["told"] = words_of_refusal(refund)
    template = "workflows/finance/_act.html" if request.htmx else "workflows/finance/act.html"
    return render(request, template, context, status=status)


def _tab(request: HttpRequest) -> str:
    asked = (request.POST or request.GET).get("tab", "")
    return asked if asked in TABS else ""
