"""What a manager writes when they propose rules: every condition, and the reasons row by row."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.exceptions import Reason
from workflows.desk.money_field import AmountField
from workflows.models import CasePolicy, Task
from workflows.policies.content import CONTENT, EVIDENCE, LIABLE
from workflows.policies.words import CHECK_NAMES, EVIDENCE_NAMES, LABELS, LIABLE_NAMES

MOMENT = "%Y-%m-%dT%H:%M"
BLANK_ROWS = 2


def _choice(name: str, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=LABELS[name], choices=choices)


class RulesForm(forms.Form):
    """The conditions of one type. ``expected_version`` is the newest version that was seen."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    receipt = _choice("receipt", CasePolicy.Receipt.choices)
    window_days = forms.IntegerField(
        label=_("Days after delivery"), min_value=0, max_value=3650, required=False, help_text=_("Empty: no limit.")
    )
    release = _choice("release", CasePolicy.Release.choices)
    release_trusted = _choice("release_trusted", CasePolicy.Release.choices)
    ships = _choice("ships", CasePolicy.Release.choices)
    ships_trusted = _choice("ships_trusted", CasePolicy.Release.choices)
    freight = _choice("freight", CasePolicy.Freight.choices)
    freight_cap_fen = AmountField(label=_("Most for freight (¥)"), required=False, help_text=_("Empty: no limit."))
    auto_limit_fen = AmountField(label=_("Granted by rule up to (¥)"), help_text=_("0: a person decides everything."))
    checks = forms.MultipleChoiceField(
        label=LABELS["checks"], choices=list(CHECK_NAMES.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    approvers = forms.MultipleChoiceField(
        label=LABELS["approvers"],
        choices=Task.Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nobody chosen: the amount decides who signs."),
    )
    lower_keeps_approval = forms.BooleanField(label=LABELS["lower_keeps_approval"], required=False)
    reprices_discounts = forms.BooleanField(label=LABELS["reprices_discounts"], required=False)

    def changes(self) -> dict[str, Any]:
        """The columns of the next version, the reasons left out."""
        return {name: value for name, value in self.cleaned_data.items() if name in CONTENT}

    def place(self, reasons: list[Reason]) -> list[Reason]:
        """Put what the rules of the house refuse at the field that it is about; returns what has none."""
        for reason in reasons:
            if reason.code in self.fields:
                self.add_error(reason.code, str(reason.text))
        return [reason for reason in reasons if reason.code not in self.fields]


class ReasonForm(forms.Form):
    """One reason; a row without a code is left out."""

    code = forms.RegexField(
        regex=r"^[a-z][a-z0-9_]*$",
        label=_("Code"),
        max_length=40,
        required=False,
        error_messages={"invalid": _("Small letters, digits and underscores.")},
    )
    name_zh = forms.CharField(label=_("Chinese name"), max_length=60, required=False)
    name_en = forms.CharField(label=_("English name"), max_length=60, required=False)
    liable = forms.ChoiceField(
        label=_("Liable"), required=False, choices=[("", "–"), *((code, LIABLE_NAMES.get(code, code)) for code in sorted(LIABLE))]
    )
    evidence = forms.MultipleChoiceField(
        label=_("Evidence needed"),
        choices=[(code, EVIDENCE_NAMES[code]) for code in sorted(EVIDENCE)],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        if not answers.get("code") and "code" not in self.errors:
            if answers.get("name_zh") or answers.get("name_en"):
                self.add_error("code", _("Give the reason a code."))
            return answers
        for name in ("name_zh", "name_en", "liable"):
            if not answers.get(name):
                self.add_error(name, _("This is needed."))
        return answers


ReasonRows = forms.formset_factory(ReasonForm, extra=BLANK_ROWS, max_num=40, validate_max=True)


def rows_of(policy: CasePolicy) -> list[dict[str, Any]]:
    return [{"code": code, **row} for code, row in policy.reasons.items()]


def reasons_in(rows: Any) -> dict[str, Any]:
    """The reasons that the rows name, in their order."""
    named = [row.cleaned_data for row in rows if row.cleaned_data.get("code")]
    return {row["code"]: {name: row[name] for name in ("name_zh", "name_en", "liable", "evidence")} for row in named}


class PublishForm(forms.Form):
    """From when a proposal holds."""

    effective_from = forms.DateTimeField(
        label=_("In force from"),
        required=False,
        help_text=_("Empty: as early as may be. Only new cases follow it."),
        input_formats=[MOMENT],
        widget=forms.DateTimeInput(format=MOMENT, attrs={"type": "datetime-local"}),
    )
