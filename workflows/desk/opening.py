"""The form that opens a case from a complaint: type, reason, pieces, and how the customer asked for it."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.models import Complaint
from foundation.exceptions import Reason, RefusedError
from ui.localize import is_english
from workflows.models import Case, CasePolicy
from workflows.policies.publishing import policies_for
from workflows.services.intake import open_case

MOST_LINES = 40
# What a wish of the customer most likely means, as the first choice of the form.
USUAL = {
    Complaint.Wish.RETURN_REFUND: CasePolicy.Type.RETURN_QUALITY,
    Complaint.Wish.REFUND_ONLY: CasePolicy.Type.REFUND_ONLY,
    Complaint.Wish.EXCHANGE: CasePolicy.Type.EXCHANGE_QUALITY,
    Complaint.Wish.RESHIP: CasePolicy.Type.RESHIP,
    Complaint.Wish.REPAIR: CasePolicy.Type.REPAIR,
}


class OpenCase(forms.Form):
    """Each line of the order has a number of pieces of its own, ``line<id>``."""

    request_id = forms.CharField(widget=forms.HiddenInput, max_length=64)
    type = forms.ChoiceField(label=_("Kind of request"))
    reason = forms.ChoiceField(label=_("Reason"))
    request = forms.CharField(label=_("How the customer asked for it"), max_length=200, help_text=_("Cite the message or the call."))

    def __init__(self, *args: Any, complaint: Complaint, user: User, **kwargs: Any) -> None:
        self.complaint, self.user = complaint, user
        super().__init__(*args, **kwargs)
        self.policies = policies_for(complaint.merchant, timezone.now())
        self.fields["type"].choices = [(type, policy.get_type_display()) for type, policy in self.policies.items()]
        self.fields["type"].initial = USUAL.get(complaint.wish)
        self.fields["reason"].choices = self._reasons()
        for line in self.lines:
            chosen = line.pk in (complaint.line_ids or [])
            self.fields[f"line{line.pk}"] = forms.IntegerField(
                label=line.title, min_value=0, max_value=line.quantity, required=False, initial=line.quantity if chosen else 0
            )

    @property
    def lines(self) -> list:
        order = self.complaint.order
        return list(order.lines.order_by("pk")[:MOST_LINES]) if order else []

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        policy = self.policies.get(answers.get("type", ""))
        if policy is not None and answers.get("reason") and answers["reason"] not in policy.reasons:
            self.add_error("reason", _("This kind of request has no such reason."))
        return answers

    def run(self) -> Case:
        answers = self.cleaned_data
        quantities = {line.pk: answers.get(f"line{line.pk}") or 0 for line in self.lines}
        chosen = {pk: count for pk, count in quantities.items() if count}
        if not self.lines:
            raise RefusedError([Reason("no_order", _("No order is bound to this complaint."), _("Bind the order first."))])
        what = {"type": answers["type"], "reason": answers["reason"], "quantities": chosen, "request": answers["request"]}
        return open_case(self.complaint, **what, by=self.user, request_id=answers["request_id"])

    def _reasons(self) -> list[tuple[str, str]]:
        name = "name_en" if is_english() else "name_zh"
        known = {code: row[name] for policy in self.policies.values() for code, row in policy.reasons.items()}
        return [("", _("Choose a reason")), *known.items()]
