"""Pausing the solution for the provinces that force majeure has struck: choose, look at what it would do, do it, end it."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from complaints import access
from complaints.desk.clock_acts import moment_field
from complaints.desk.doors import SeeOther, desk_view, new_request_id
from complaints.desk.wall import LEAD
from complaints.models import RegionPause
from complaints.services.regions import LONGEST_REASON, against_region, carry_out, end_region, pause_region
from complaints.sla.regions import effect_of, provinces_of, struck_in
from foundation.exceptions import ReasonedError

USUAL = timedelta(days=3)
APPLY = "apply"


class DisasterForm(forms.Form):
    """Where, why and until when. What speaks against it stands at its field, before the preview already."""

    provinces = forms.MultipleChoiceField(
        label=gettext_lazy("Provinces"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Where the parcels of open complaints go. New complaints from there stand still too."),
    )
    reason = forms.CharField(label=gettext_lazy("What has happened"), max_length=LONGEST_REASON)
    until = moment_field(gettext_lazy("Until"), help_text=gettext_lazy("At most 7 days from now; it can be ended before."))
    request_id = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, answers, *, user, provinces: list[tuple[str, int]]):
        usual = {"until": timezone.localtime(timezone.now() + USUAL), "request_id": new_request_id()}
        super().__init__(answers, initial=usual)
        self.user = user
        self.fields["provinces"].choices = [(name, f"{name} ({number})") for name, number in provinces]

    def clean(self):
        answers = super().clean()
        if not self.errors:
            self.put_reasons(against_region(self.user, **self.decision, at=timezone.now()))
        return answers

    def put_reasons(self, reasons) -> None:
        for reason in reasons:
            self.add_error(reason.code if reason.code in self.fields else None, str(reason.text))

    @property
    def decision(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("provinces", "reason", "until")}


@desk_view("GET", "HEAD", "POST", permission=LEAD)
def show_disaster(request):
    led = access.led_by(request.user)
    answers = request.POST if request.method == "POST" else None
    form = DisasterForm(answers, user=request.user, provinces=provinces_of(led))
    if not form.is_bound:
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    if request.POST.get("step") == APPLY:
        return _apply(request, form)
    struck = struck_in(led, form.cleaned_data["provinces"])
    return _page(request, form, effect=effect_of(struck, at=timezone.now(), until=form.cleaned_data["until"]))


@desk_view("POST", permission=LEAD)
def end(request, pause_id):
    pause = access.region_pauses_for(request.user).filter(pk=pause_id).first()
    if pause is None:
        raise Http404
    count = carry_out(end_region(pause, by=request.user, request_id=request.POST.get("request_id", "")[:64] or None))
    messages.success(request, ngettext("%(count)d solution goes on.", "%(count)d solutions go on.", count) % {"count": count})
    return SeeOther(reverse("admin:desk-disaster"))


def _apply(request: HttpRequest, form: DisasterForm) -> HttpResponse:
    try:
        pause = pause_region(**form.decision, by=request.user, request_id=form.cleaned_data["request_id"] or None)
    except ReasonedError as error:
        form.put_reasons(error.reasons)
        return _page(request, form, status=error.status_code)
    count = carry_out(pause)
    words = ngettext("%(count)d solution stands still.", "%(count)d solutions stand still.", count) % {"count": count}
    rest = _("The rest and what is filed from now on follows within a minute.")
    messages.success(request, f"{words} {rest}")
    return SeeOther(reverse("admin:desk-disaster"))


def _page(request: HttpRequest, form: DisasterForm, *, status: int = 200, **context) -> HttpResponse:
    context |= {"form": form, "running": _running(request), "end_id": new_request_id()}
    return render(request, "complaints/desk/disaster.html", context, status=status)


def _running(request: HttpRequest) -> list[RegionPause]:
    """The pauses in force that touch this person's complaints, the one that ends first at first."""
    known = access.region_pauses_for(request.user).filter(ended_at__isnull=True, until__gt=timezone.now())
    return list(known.select_related("created_by").order_by("until", "pk"))
