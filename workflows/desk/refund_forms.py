"""What those who work on a case do when finance sends one of its refunds back: answer, or set a lower amount."""

from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from complaints.desk.act_forms import text_field
from foundation.exceptions import Reason, RefusedError
from workflows.desk.forms import CaseForm
from workflows.desk.money_field import AmountField
from workflows.models import Refund, Task
from workflows.money.desk import LOWER, QUESTION
from workflows.services.refund_questions import answer_finance, lower_refund

NOTHING = Reason("nothing_open", _("Nothing of this kind is open any more."))


class SentBack(CaseForm):
    """An act about the refund that the oldest open task of this kind names."""

    kind = ""

    @cached_property
    def task(self) -> Task | None:
        return self.case.tasks.filter(kind=self.kind, done_at__isnull=True).order_by("pk").first()

    @cached_property
    def subject(self) -> Refund | None:
        return Refund.objects.filter(case=self.case, pk=self.task.codes["refund"]).first() if self.task else None


class AnswerFinance(SentBack):
    kind = QUESTION
    words = text_field(_("Your answer"), help_text=_("Finance reads it beside the refund."))

    def run(self) -> Any:
        if self.subject is None:
            raise RefusedError([NOTHING])
        answers = self.cleaned_data
        return answer_finance(self.subject, words=answers["words"], by=self.user, request_id=answers["request_id"])


class LowerRefund(SentBack):
    service = staticmethod(lower_refund)
    kind = LOWER
    amount = AmountField(label=_("New amount (¥)"), help_text=_("Finance has proposed this one."))
    cause = forms.CharField(label=_("Reason"), max_length=200)

    def prepare(self) -> None:
        self.fields["amount"].initial = self.task.codes.get("amount_fen") if self.task else None
