"""What somebody writes about an improvement item: the proposal, and one form for each act."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from analytics.models import Improvement
from complaints.access import shops_of
from complaints.desk.choices import category_choices
from orders.models import Carrier, Merchant, Warehouse
from ui.localize import localized

WORDS = {"required": _("Say it in a few words.")}


def _words(label: str, *, required: bool = True, hint: str = "") -> forms.CharField:
    box = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=1000, required=required, help_text=hint, widget=box, error_messages=WORDS)


class ProposalForm(forms.ModelForm):
    """What is to be changed, and about which complaints of which orders it is."""

    class Meta:
        model = Improvement
        fields = [
            "title", "department", "category", "reason", "merchant", "warehouse", "carrier", "sku", "province", "target_percent", "cause",
            "control_by", "control_value",
        ]  # fmt: skip
        widgets = {"cause": forms.Textarea(attrs={"rows": 3})}
        error_messages = {"title": {"required": _("Say what is to be better, in a few words.")}}

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        categories = [("", _("any")), *category_choices()]
        for name in ("category", "reason"):
            self.fields[name] = forms.ChoiceField(label=self.fields[name].label, choices=categories, required=False)
        self.fields["department"].choices = [("", _("Choose")), *Improvement.Department.choices]
        self.fields["category"].help_text = _("As the customer filed it.")
        self.fields["reason"].help_text = _("As it was found when it was resolved. One of both is needed.")
        carriers = [(each.code, localized(each, "name")) for each in Carrier.objects.all()]
        self.fields["carrier"] = forms.ChoiceField(label=self.fields["carrier"].label, choices=[("", _("any")), *carriers], required=False)
        shops = shops_of(user)
        self.fields["merchant"].queryset = Merchant.objects.filter(pk__in=shops)
        self.fields["warehouse"].queryset = Warehouse.objects.filter(merchant__in=shops)
        self.fields["merchant"].label, self.fields["warehouse"].label = _("Shop"), _("Warehouse")
        for name in ("merchant", "warehouse"):
            self.fields[name].empty_label = _("any")
        self.fields["control_value"].help_text = _("Its code. The same weeks there are the comparison.")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not (given.get("category") or given.get("reason")):
            self.add_error("category", _("Choose a category or a reason."))
        if bool(given.get("control_by")) != bool(given.get("control_value")):
            self.add_error("control_value", _("Say both what is compared and with which."))
        elif given.get("control_by") == Improvement.Control.WAREHOUSE:
            self._find_warehouse(given)
        return given

    def clean_target_percent(self) -> int | None:
        percent = self.cleaned_data["target_percent"]
        if percent is not None and not 1 <= percent <= 100:
            raise forms.ValidationError(_("A number from 1 to 100."))
        return percent

    def _find_warehouse(self, given: dict[str, Any]) -> None:
        """A person knows a warehouse by its code; facts hold its number."""
        found = self.fields["warehouse"].queryset.filter(code=given["control_value"]).first()
        if found is None:
            self.add_error("control_value", _("There is no warehouse with this code."))
        else:
            given["control_value"] = str(found.pk)

    def validate_constraints(self) -> None:
        """What the database asks for is asked here field by field, in words."""


class AcceptForm(forms.Form):
    """Who owns it, and by which day it is done."""

    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=None, empty_label=_("Choose"), error_messages={"required": _("Choose who owns it.")}
    )
    due_on = forms.DateField(
        label=pgettext_lazy("improvement", "Due"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Say by which day it is to be done.")},
    )

    def __init__(self, *args: Any, owners, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["owner"].queryset = owners


class BeginForm(forms.Form):
    cause = _words(_("Cause"), hint=_("What it comes from, as you have found it."))


class FinishForm(forms.Form):
    action = _words(_("What was changed"))


class ConcludeForm(forms.Form):
    note = _words(_("What was learnt"), required=False)


class DropForm(forms.Form):
    reason = _words(_("Why it is dropped"))
