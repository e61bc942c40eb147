"""What each act on a case asks for, and the service that it calls."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.access import files_of
from complaints.desk.act_forms import text_field
from foundation.exceptions import Reason, RefusedError
from orders.models import Carrier
from ui.forms import NamedChoiceField
from ui.money import format_money
from workflows.cases.asking import Asking
from workflows.cases.clauses.deciding import VERDICTS
from workflows.cases.proposals import Proposal, proposal_for
from workflows.desk.money_field import AmountField
from workflows.models import Appeal, Approval, Case, Parcel, TrackEvent
from workflows.models.moves import Declared
from workflows.notices import ITEM_WORDS, REJECTION_WORDS
from workflows.services import appeals, approvals, deciding, returning, review, settling

MOST_EVIDENCE = 30
REQUEST_LABEL = _("How the customer asked for it")


class CaseForm(forms.Form):
    """The base of every act: which version of which row it saw, and a name that makes sending it twice one act."""

    service: Callable[..., Any]
    expected_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    request_id = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, case: Case, user: User, **kwargs: Any) -> None:
        self.case, self.user = case, user
        super().__init__(*args, **kwargs)
        self.fields["expected_version"].initial = self.seen_version
        self.prepare()

    @property
    def seen_version(self) -> int:
        """The version of what the service is about."""
        return self.subject.version if self.subject else 0

    @cached_property
    def subject(self) -> Declared | None:
        """The row that the service is about; None when nothing of the kind is open."""
        return self.case

    def prepare(self) -> None:
        """Fill choices and first values from the case."""

    def inputs(self) -> dict[str, Any]:
        """What the service takes beside who asks and what they saw."""
        return {name: value for name, value in self.cleaned_data.items() if name not in CaseForm.base_fields}

    def run(self) -> Any:
        if self.subject is None:
            raise RefusedError([Reason("nothing_open", _("Nothing of this kind is open any more."))])
        answers = self.cleaned_data
        how = {"expected_version": answers["expected_version"], "request_id": answers["request_id"]}
        return type(self).service(self.subject, by=self.user, **how, **self.inputs())

    def claims(self) -> list:
        return Asking(self.case, self.case.machine.verbs[0], self.case, self.user).claims

    def choose_evidence(self, name: str = "evidence") -> None:
        files = files_of(self.case.complaint, is_staff=True).values_list("pk", "name")[:MOST_EVIDENCE]
        self.fields[name].choices = list(files)


def numbers_field(label, *, required: bool = True, help_text="") -> forms.TypedMultipleChoiceField:
    """Several rows by their numbers."""
    return forms.TypedMultipleChoiceField(
        label=label, coerce=int, required=required, help_text=help_text, widget=forms.CheckboxSelectMultiple
    )


class AskForEvidence(CaseForm):
    service = staticmethod(review.request_evidence)
    items = forms.MultipleChoiceField(label=_("What is missing"), choices=list(ITEM_WORDS.items()), widget=forms.CheckboxSelectMultiple)
    note = text_field(_("Why we need it, as the customer reads it"), required=False)


class AddEvidence(CaseForm):
    service = staticmethod(review.provide_evidence)
    items = numbers_field(_("What came"))
    request = forms.CharField(label=REQUEST_LABEL, max_length=200)

    def prepare(self) -> None:
        self.choose_evidence("items")


class Granting(CaseForm):
    """A grant: which pieces, how much for them, and what is given on top."""

    units = numbers_field(_("Pieces"), required=False)
    amount = AmountField(label=_("Refund for the pieces (¥)"), required=False)
    compensation = AmountField(label=_("Compensation on top (¥)"), required=False)

    def prepare(self) -> None:
        claims = self.claims()
        usual = proposal_for(self.case, claims)
        self.fields["units"].choices = [(claim.unit_id, piece_label(claim)) for claim in claims]
        self.fields["units"].initial = list(usual.unit_ids)
        self.fields["amount"].initial = usual.amount_fen
        self.fields["amount"].help_text = _("At most what the pieces are still worth.")

    def proposal(self, **more: Any) -> Proposal:
        answers = self.cleaned_data
        chosen = {"unit_ids": tuple(answers["units"]), "amount_fen": answers["amount"] or 0}
        return proposal_for(self.case, self.claims(), **chosen, compensation_fen=answers["compensation"] or 0, **more)


class Approve(Granting):
    service = staticmethod(review.approve_case)
    override_reason = forms.CharField(
        label=_("Reason for an exception"), max_length=200, required=False, help_text=_("Needed where a check said no.")
    )

    def inputs(self) -> dict[str, Any]:
        return {"proposal": self.proposal(), "override_reason": self.cleaned_data["override_reason"]}


class Escalate(Granting):
    """Ask the chain for what one may not grant alone."""

    service = staticmethod(approvals.escalate_case)
    note = text_field(_("What the approvers should know"))

    def inputs(self) -> dict[str, Any]:
        return {"proposal": self.proposal(), "note": self.cleaned_data["note"]}


class Refusing(CaseForm):
    """A refusal: reason, rule and evidence, chosen and named."""

    reason = forms.ChoiceField(label=_("Reason"))
    rule_version = forms.ChoiceField(label=_("Rule and its version"))
    evidence = numbers_field(_("Evidence that shows it"))

    def prepare(self) -> None:
        policy = self.case.policy
        rule = f"{policy.type} v{policy.version}"
        self.fields["reason"].choices = [("", _("Choose a reason")), *REJECTION_WORDS.items()]
        self.fields["rule_version"].choices = [(rule, f"{policy.get_type_display()} v{policy.version}")]
        self.choose_evidence()


class Reject(Refusing):
    service = staticmethod(review.reject_case)
    words = text_field(_("Facts, as the customer reads them"))


class ProposeRejection(Refusing):
    """Within the legal period somebody else signs."""

    service = staticmethod(approvals.escalate_case)
    note = text_field(_("Facts, as the customer reads them"))

    def inputs(self) -> dict[str, Any]:
        answers = self.cleaned_data
        basis = {"reason": answers["reason"], "rule": answers["rule_version"], "evidence": answers["evidence"]}
        return {"proposal": Proposal((), 0, basis=basis, is_grant=False), "note": answers["note"]}


class SendBack(CaseForm):
    service = staticmethod(approvals.send_back_case)
    note = text_field(_("What should be changed"))


class Sign(CaseForm):
    """A signature under exactly what is shown."""

    service = staticmethod(approvals.sign_approval)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    proposal_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)

    @cached_property
    def subject(self) -> Declared | None:
        return Approval.objects.filter(case=self.case, resolution__isnull=False, state="pending").order_by("-pk").first()

    def prepare(self) -> None:
        self.fields["proposal_hash"].initial = self.subject.digest if self.subject else ""


class OnBehalf(CaseForm):
    """What the customer does themselves, done for them; how they asked for it is kept."""

    request = forms.CharField(label=REQUEST_LABEL, max_length=200, help_text=_("Cite the message or the call."))


class Withdraw(OnBehalf):
    service = staticmethod(review.withdraw_case)


class RegisterParcel(OnBehalf):
    service = staticmethod(returning.register_parcel)
    carrier = NamedChoiceField(label=_("Carrier"), queryset=Carrier.objects.all(), required=False)
    waybill = forms.CharField(label=_("Waybill"), max_length=60)


class ParcelProblem(CaseForm):
    service = staticmethod(returning.report_parcel_problem)
    problem = forms.ChoiceField(label=_("What is wrong"), choices=Parcel.Problem.choices)
    events = numbers_field(_("The carrier's scans that show it"))

    def prepare(self) -> None:
        scans = TrackEvent.objects.filter(parcel__links__case=self.case).order_by("-at")[:MOST_EVIDENCE]
        words = ((scan.pk, f"{timezone.localtime(scan.at):%m-%d %H:%M} {scan.text or scan.tag}") for scan in scans)
        self.fields["events"].choices = list(words)


VERDICT_WORDS = {
    "full": _("In full"),
    "partial": _("In part"),
    "changed": _("Something else than was asked for"),
    "return_goods": _("The goods go back to the customer"),
    "retry_payment": _("Pay again, nothing else changes"),
}


class ResolveException(Granting):
    service = staticmethod(deciding.resolve_exception)
    verdict = forms.ChoiceField(label=_("Decision"), choices=[(code, VERDICT_WORDS[code]) for code in VERDICTS], widget=forms.RadioSelect)
    accepted = numbers_field(_("Failed pieces that are taken all the same"), required=False)
    waived = numbers_field(_("Pieces that are expected no more"), required=False)
    has_consent = forms.BooleanField(label=_("The customer agreed to this"), required=False)
    words = text_field(_("What the customer reads"))
    field_order = ["verdict", "units", "amount", "compensation", "accepted", "waived", "has_consent", "words"]

    def prepare(self) -> None:
        super().prepare()
        for name in ("accepted", "waived"):
            self.fields[name].choices = self.fields["units"].choices

    def inputs(self) -> dict[str, Any]:
        answers = self.cleaned_data
        proposal = self.proposal(has_consent=answers["has_consent"])
        if answers["verdict"] == "return_goods":
            proposal = replace(proposal, unit_ids=(), amount_fen=0, compensation_fen=0, shares={})
        chosen = {name: answers[name] for name in ("verdict", "accepted", "waived", "words")}
        return {**chosen, "proposal": proposal}


class ResendGoods(CaseForm):
    service = staticmethod(deciding.resend_goods)
    words = text_field(_("What the customer reads"))


class Reopen(CaseForm):
    service = staticmethod(settling.reopen_case)
    reason = text_field(_("Reason"))


class AppealForm(CaseForm):
    """An act on the open appeal of the case."""

    @cached_property
    def subject(self) -> Declared | None:
        return Appeal.objects.filter(case=self.case, state__in=appeals.OPEN).order_by("-pk").first()


class AskEvidence(AppealForm):
    service = staticmethod(appeals.ask_for_evidence)
    due = forms.DateTimeField(
        label=_("Both sides may show evidence until"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M"],
    )

    def prepare(self) -> None:
        self.fields["due"].initial = timezone.localtime() + timedelta(days=3)


class BeginDeciding(AppealForm):
    service = staticmethod(appeals.begin_deciding)
    both_answered = forms.BooleanField(label=_("Both sides have answered already"), required=False)


class DecideAppeal(AppealForm):
    service = staticmethod(appeals.decide_appeal)
    is_upheld = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[("1", _("The customer is right: the case is reviewed again")), ("", _("The decision stands"))],
        coerce=bool,
        empty_value=False,
        required=False,
        widget=forms.RadioSelect,
    )
    reasons = text_field(_("Facts, reasons and basis, as the customer reads them"), rows=4)

    def inputs(self) -> dict[str, Any]:
        policy = self.case.policy
        return {**super().inputs(), "rule_version": f"{policy.type} v{policy.version}"}


def piece_label(claim) -> str:
    """A piece by what it is and what it is worth."""
    unit = claim.unit
    title = unit.line.title if unit.line_id else str(_("freight"))
    return f"{title} #{unit.position} · {format_money(unit.entitled_fen - unit.refunded_fen, claim.case.currency)}"
