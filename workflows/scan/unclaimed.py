"""Parcels without a case: looked at, photographed, searched for, and taken in for the case that they belong to."""

from uuid import uuid4

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from complaints.desk.doors import SeeOther
from complaints.intake.uploads import store_files
from foundation.exceptions import ReasonedError
from workflows.cases.numbers import parse_case_number
from workflows.models import Case, UnclaimedParcel
from workflows.scan.doors import scan_view
from workflows.scan.places import place_of
from workflows.scan.work import MOST, tally
from workflows.services.unclaimed import attach_unclaimed, describe_unclaimed, matches_for, unclaimed_for


class DescribeForm(forms.Form):
    """What can be read on the parcel."""

    sender_phone = forms.CharField(
        label=_("Sender's phone"),
        max_length=40,
        required=False,
        help_text=_("Only used to search; it is not kept in readable form."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


@scan_view()
def show_unclaimed(request):
    place = place_of(request)
    if place.here is None:
        return render(request, "workflows/scan/nowhere.html")
    rows = unclaimed_for(request.user).filter(warehouse=place.here)
    return render(request, "workflows/scan/unclaimed.html", {"place": place, "rows": rows[:MOST], "tally": tally(place.here)})


@scan_view()
def show_parcel(request, parcel_id):
    return _show(request, _parcel(request, parcel_id), clue=request.GET.get("clue", "")[:80])


@scan_view("POST")
def add_photos(request, parcel_id):
    row, form = _parcel(request, parcel_id), DescribeForm(request.POST)
    stored, refusals = store_files(request.FILES.getlist("photos"))
    if not form.is_valid() or refusals:
        return _show(request, row, form=form, problems=[str(each) for each in refusals], status=422)
    describe_unclaimed(row, photos=stored, by=request.user, **form.cleaned_data)
    return SeeOther(reverse("admin:scan-unclaimed-parcel", args=[row.pk]))


@scan_view("POST")
def attach(request, parcel_id):
    """Take it in for a case that was found, or that somebody names."""
    row = _parcel(request, parcel_id)
    clue = request.POST.get("case", "")[:80]
    case = _case_named(row, clue)
    if case is None:
        return _show(request, row, clue=clue, problems=[str(_("No case of this shop has this number."))], status=422)
    try:
        attach_unclaimed(row, case, by=request.user, request_id=request.POST.get("request_id", "")[:64] or None)
    except ReasonedError as error:
        return _show(request, row, clue=clue, problems=[str(reason.text) for reason in error.reasons], status=error.status_code)
    return SeeOther(reverse("admin:scan-unclaimed"))


def _case_named(row: UnclaimedParcel, text: str) -> Case | None:
    number = parse_case_number(text)
    return next((case for case in matches_for(row, clue=number) if case.number == number), None) if number else None


def _parcel(request: HttpRequest, number: int) -> UnclaimedParcel:
    found = unclaimed_for(request.user).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _show(request: HttpRequest, row: UnclaimedParcel, *, clue="", form=None, problems=(), status: int = 200) -> HttpResponse:
    context = {
        "row": row,
        "form": form or DescribeForm(initial={"note": row.note}),
        "clue": clue,
        "matches": matches_for(row, clue=clue),
        "problems": problems,
        "request_id": uuid4().hex,
    }
    return render(request, "workflows/scan/unclaimed_parcel.html", context, status=status)
