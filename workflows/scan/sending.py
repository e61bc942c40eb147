"""Goods that go out for cases: packed, sent with a waybill, or not on the shelf."""

from uuid import uuid4

from django import forms
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from complaints.desk.doors import SeeOther, number_in
from foundation.exceptions import ReasonedError
from orders.models import Carrier
from ui.forms import NamedChoiceField
from workflows.scan.doors import scan_view
from workflows.scan.places import place_of
from workflows.scan.work import outbound_for, sendings_at, tally
from workflows.services.outbounds import pick_outbound, ship_outbound
from workflows.services.stock import run_out


class SendForm(forms.Form):
    """Who takes the parcel and under which number."""

    carrier = NamedChoiceField(label=_("Carrier"), queryset=Carrier.objects.order_by("code"))
    waybill = forms.CharField(label=_("Waybill"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    weight_g = forms.IntegerField(label=_("Weight in grams"), min_value=1, max_value=1_000_000, required=False)
    serials = forms.CharField(label=_("Serial numbers"), max_length=400, required=False, help_text=_("Several with a comma between."))

    def clean_serials(self) -> list[str]:
        return [each.strip() for each in self.cleaned_data["serials"].replace("，", ",").split(",") if each.strip()]


@scan_view()
def show_sendings(request):
    return _show(request)


@scan_view("POST")
def act(request, outbound_id, verb):
    row = outbound_for(request.user, outbound_id)
    how = {"by": request.user, "expected_version": number_in(request.POST.get("version"))}
    how["request_id"] = request.POST.get("request_id", "")[:64] or None
    if verb == "pick":
        pick_outbound(row, **how)
    elif verb == "empty":
        run_out(row, left=number_in(request.POST.get("left")) or 0, **how)
    elif verb == "ship":
        return _ship(request, row, how)
    else:
        raise BadRequest
    return SeeOther(reverse("admin:scan-send"))


def _ship(request, row, how) -> HttpResponse:
    form = SendForm(request.POST, prefix=f"out{row.pk}")
    if not form.is_valid():
        return _show(request, bound=(row.pk, form), status=422)
    try:
        ship_outbound(row, **form.cleaned_data, **how)
    except ReasonedError as error:
        for reason in error.reasons:
            form.add_error(None if reason.code != "waybill_malformed" else "waybill", f"{reason.text} {reason.cure}")
        return _show(request, bound=(row.pk, form), status=error.status_code)
    return SeeOther(reverse("admin:scan-send"))


def _show(request, *, bound=(None, None), status: int = 200) -> HttpResponse:
    place = place_of(request)
    if place.here is None:
        return render(request, "workflows/scan/nowhere.html")
    number, form = bound
    sendings = sendings_at(place.here)
    rows = [(row, form if row.pk == number else SendForm(prefix=f"out{row.pk}"), uuid4().hex) for row in sendings]
    context = {"place": place, "rows": rows, "wrong": form, "tally": tally(place.here)}
    return render(request, "workflows/scan/sendings.html", context, status=status)
