"""The page on which finance signs several refunds at once: first what would be signed and what not, then what was."""

from collections.abc import Sequence

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from complaints.desk.doors import SeeOther, new_request_id
from workflows.access import PAY
from workflows.finance.bulk import MOST, group_chosen, sign_group
from workflows.reconciling.doors import money_view

LAST = "refunds_signed"


class Chosen(forms.Form):
    request_id = forms.CharField(max_length=64)


@money_view("GET", "HEAD", "POST", permission=PAY)
def sign_several(request):
    """Nothing is signed where the choice is of several classes, or of more than one page of the list shows."""
    if request.method != "POST":
        return _show_signed(request) if "signed" in request.GET else _show(request, request.GET.getlist("row"))
    form, seals = Chosen(request.POST), request.POST.getlist("row")
    groups = group_chosen(request, seals)
    if not form.is_valid() or len(groups) != 1 or len(seals) > MOST:
        return _show(request, seals, groups, status=422)
    told = sign_group(request, groups[0], **form.cleaned_data)
    request.session[LAST] = told
    return SeeOther(f"{reverse('admin:refunds-bulk')}?signed={len(told['signed'])}")


def _show(request: HttpRequest, seals: Sequence[str], groups=None, *, status: int = 200) -> HttpResponse:
    groups = group_chosen(request, seals) if groups is None else groups
    context = {"groups": groups, "is_too_many": len(seals) > MOST, "most": MOST, "request_id": new_request_id()}
    return render(request, "workflows/finance/bulk.html", context, status=status)


def _show_signed(request: HttpRequest) -> HttpResponse:
    """What the last choice of this session came to."""
    return render(request, "workflows/finance/bulk_signed.html", {"told": request.session.get(LAST)})
