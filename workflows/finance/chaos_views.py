"""The page on which a trial is put to the test: the gateway's faults, and whether both books still agree."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from complaints.desk.doors import SeeOther
from workflows import access
from workflows.access import PAY
from workflows.demo_gateway.control import Control, NoAnswerError, RefusedPlanError
from workflows.demo_gateway.faults import NUMBERED
from workflows.finance.chaos import board_of, control_of_demo
from workflows.reconciling.doors import money_view

FAULTS = [
    ("reject", _("declines it")),
    ("ok_but_drop_reply", _("pays and does not answer")),
    ("slow", _("pays after we have hung up")),
    ("500_then_ok", _("fails once, then pays")),
    ("processing", _("says “under way” this many times")),
    ("duplicate_webhook", _("sends its notice this many times")),
    ("bounce", _("pays, and the money comes back after seconds")),
    ("absent_then_lands", _("knows nothing of it, and pays after seconds")),
    ("ok", _("pays at once")),
]
Plan = Mapping[str, Any]


class FaultForm(forms.Form):
    fault = forms.ChoiceField(label=_("What the gateway does"), choices=FAULTS)
    number = forms.IntegerField(label=_("How many times, or seconds"), min_value=1, max_value=86400, initial=3)

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("fault")
        self.cleaned_data["spelling"] = f"{name}:{self.cleaned_data.get('number')}" if name in NUMBERED else name
        return self.cleaned_data

    def change(self, plan: Plan) -> Plan:
        raise NotImplementedError


class OfOneRefund(FaultForm):
    refund_no = forms.CharField(label=_("Refund number"), max_length=64)
    field_order = ("refund_no", "fault", "number")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_refund_no(self) -> str:
        number = self.cleaned_data["refund_no"].strip()
        if not access.refunds_for(self.user).filter(out_refund_no=number).exists():
            raise forms.ValidationError(_("No refund has this number."))
        return number

    def change(self, plan: Plan) -> Plan:
        return {**plan, "keys": {**plan.get("keys", {}), self.cleaned_data["refund_no"]: self.cleaned_data["spelling"]}}


class OfMany(FaultForm):
    percent = forms.IntegerField(label=_("Share of all refunds (%)"), min_value=0, max_value=100, initial=10)
    field_order = ("percent", "fault", "number")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def change(self, plan: Plan) -> Plan:
        shares = {**plan.get("ratios", {}), self.cleaned_data["spelling"]: self.cleaned_data["percent"] / 100}
        return {**plan, "ratios": {fault: share for fault, share in shares.items() if share}}


FORMS = {"one": OfOneRefund, "many": OfMany}


@money_view("GET", "HEAD", "POST", permission=PAY)
def show_chaos(request):
    control, step = control_of_demo(), request.POST.get("step", "")
    try:
        return _change(request, control, step) if request.method == "POST" else _show(request, control)
    except NoAnswerError:
        return render(request, "workflows/finance/chaos.html", {"is_silent": True}, status=503)


def _change(request: HttpRequest, control: Control, step: str) -> HttpResponse:
    """Put the faults of one form in force beside those that are, or take all of them away."""
    plan = control.read_plan()
    form = FORMS[step](request.POST, user=request.user, prefix=step) if step in FORMS else None
    if step != "clear" and (form is None or not form.is_valid()):
        return _show(request, control, form, status=422)
    try:
        control.replace_plan(form.change(plan) if form else {"seed": plan.get("seed", 0)})
    except RefusedPlanError:
        form.add_error(None, _("All shares together are more than 100 %."))
        return _show(request, control, form, status=422)
    return SeeOther(reverse("admin:refunds-chaos"))


def _show(request: HttpRequest, control: Control, wrong: FaultForm | None = None, *, status: int = 200) -> HttpResponse:
    shown = {step: kind(user=request.user, prefix=step) for step, kind in FORMS.items()}
    if wrong is not None:
        shown[wrong.prefix] = wrong
    context = board_of(request.user, control.read_facts()) | {"forms": shown, "wrong": wrong, "faults": _told(control.read_plan())}
    return render(request, "workflows/finance/chaos.html", context, status=status)


def _told(plan: Plan) -> list[tuple[str, str]]:
    """What the plan names: a share or a refund, and the faults that it meets."""
    shares = [(f"{share:.0%}", fault) for fault, share in plan.get("ratios", {}).items()]
    keys = [(key, steps if isinstance(steps, str) else ", ".join(steps)) for key, steps in plan.get("keys", {}).items()]
    return shares + keys
