"""What each act on a row of a case asks for: on parcels, goods that go out, inspected pieces, repairs, recoveries, steps and clocks."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.desk.act_forms import text_field
from orders.models import Carrier, Warehouse, WaybillScan
from ui.forms import NamedChoiceField
from workflows.access import approvers_for
from workflows.desk.forms import MOST_EVIDENCE, CaseForm
from workflows.desk.money_field import AmountField
from workflows.flows.words import say_outcome
from workflows.models import InspectionLine
from workflows.services import arriving, case_clocks, flow_steps, inspecting, outbounds, recoveries, repairs, stock

FINDING = _("What was found")
# What a carrier said otherwise than by a scan.
TOLD = "told"


class TrackForm(CaseForm):
    """An act on one row of a case."""

    def __init__(self, *args: Any, row: Any, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)

    @cached_property
    def subject(self) -> Any:
        return self.row


class OnCaseVersion(TrackForm):
    """For rows that have no version of their own: what was seen is the case."""

    @property
    def seen_version(self) -> int:
        return self.case.version


# -- parcels


class Redirect(TrackForm):
    service = staticmethod(arriving.redirect_parcel)
    warehouse = forms.ModelChoiceField(label=_("Warehouse that takes it in"), queryset=Warehouse.objects.none())

    def prepare(self) -> None:
        here = self.row.warehouse
        self.fields["warehouse"].queryset = Warehouse.objects.filter(merchant=here.merchant_id).exclude(pk=here.pk).order_by("name")


# -- goods that go out


class Pick(TrackForm):
    service = staticmethod(outbounds.pick_outbound)


class Ship(TrackForm):
    service = staticmethod(outbounds.ship_outbound)
    carrier = NamedChoiceField(label=_("Carrier"), queryset=Carrier.objects.order_by("code"))
    waybill = forms.CharField(label=_("Waybill"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    weight_g = forms.IntegerField(label=_("Weight in grams"), min_value=1, max_value=1_000_000, required=False)


class RunOut(TrackForm):
    service = staticmethod(stock.run_out)
    left = forms.IntegerField(label=_("Counted on the shelf"), min_value=0, max_value=100_000, initial=0)


class Lose(TrackForm):
    service = staticmethod(outbounds.lose_outbound)
    events = forms.MultipleChoiceField(label=_("The carrier's scans that show it"), widget=forms.CheckboxSelectMultiple)

    def prepare(self) -> None:
        scans = WaybillScan.objects.filter(watch__carrier=self.row.carrier_id, watch__waybill=self.row.waybill).order_by("-at")
        words = [(str(scan.pk), f"{timezone.localtime(scan.at):%m-%d %H:%M} {scan.text or scan.tag}") for scan in scans[:MOST_EVIDENCE]]
        self.fields["events"].choices = [*words, (TOLD, _("The carrier said so on the phone or in writing"))]

    def clean_events(self) -> list[int | str]:
        return [int(each) if each.isdecimal() else each for each in self.cleaned_data["events"]]


class ChooseInstead(TrackForm):
    service = staticmethod(stock.choose_instead)
    choice = forms.ChoiceField(
        label=_("What the customer wants"),
        widget=forms.RadioSelect,
        choices=[("wait", _("Wait until it is there")), ("other", _("Another item")), ("refund", _("The money back"))],
    )
    sku = forms.CharField(label=_("Article number of the other item"), max_length=80, required=False)

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        if answers.get("choice") == "other" and not answers.get("sku"):
            self.add_error("sku", _("Name the other item."))
        return answers


class ReserveAgain(TrackForm):
    service = staticmethod(stock.reserve_again)
    sku = forms.CharField(label=_("Article number"), max_length=80)
    left = forms.IntegerField(
        label=_("Counted on the shelf"), min_value=0, max_value=100_000, required=False, help_text=_("Empty: nobody has counted.")
    )

    def prepare(self) -> None:
        task = stock.choice_task(self.row)
        chosen = task.codes.get("sku", "") if task and task.codes.get("choice") == "other" else ""
        self.fields["sku"].initial = chosen or self.row.sku


class CallOff(TrackForm):
    service = staticmethod(outbounds.cancel_outbound)


# -- pieces that were inspected


class Dispose(TrackForm):
    service = staticmethod(inspecting.dispose_line)
    disposition = forms.ChoiceField(label=_("Where the piece goes"), choices=InspectionLine.Disposition.choices, widget=forms.RadioSelect)

    def prepare(self) -> None:
        self.fields["disposition"].initial = self.row.disposition or None


class InspectAgain(TrackForm):
    service = staticmethod(inspecting.inspect_again)
    note = forms.CharField(label=_("What to look at"), max_length=200, required=False)


# -- repairs


class Diagnose(TrackForm):
    service = staticmethod(repairs.diagnose)


class Found(TrackForm):
    """An act that ends an examination or a repair says what was found."""

    finding = text_field(FINDING)

    def prepare(self) -> None:
        field = self.fields["finding"]
        field.max_length, field.initial = 300, self.row.finding
        field.validators.append(forms.CharField(max_length=300).validators[0])


class SendQuote(Found):
    service = staticmethod(repairs.send_quote)
    amount_fen = AmountField(label=_("Price of the repair (¥)"))
    field_order = ["amount_fen", "finding"]


class BeginRepair(Found):
    service = staticmethod(repairs.begin_repair)


class FinishRepair(Found):
    service = staticmethod(repairs.finish_repair)


class GiveUp(Found):
    service = staticmethod(repairs.give_up)


class AcceptQuote(TrackForm):
    """The price travels with the form, so that nobody agrees to another one than was read."""

    service = staticmethod(repairs.accept_quote)
    amount_fen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def prepare(self) -> None:
        self.fields["amount_fen"].initial = self.row.quote_fen


class DeclineQuote(TrackForm):
    service = staticmethod(repairs.decline_quote)


# -- what others owe


class Claim(TrackForm):
    service = staticmethod(recoveries.claim_recovery)
    proof = forms.CharField(label=_("What proves it"), max_length=200, help_text=_("The number of the claim, or where the papers are."))

    def prepare(self) -> None:
        self.fields["proof"].initial = self.row.proof


class Answer(TrackForm):
    service = staticmethod(recoveries.answer_recovery)
    is_accepted = True
    answer = text_field(_("What the debtor answered"))

    def inputs(self) -> dict[str, Any]:
        return super().inputs() | {"is_accepted": self.is_accepted}


class Accept(Answer):
    pass


class Dispute(Answer):
    is_accepted = False


class Collect(TrackForm):
    service = staticmethod(recoveries.collect_recovery)
    amount_fen = AmountField(label=_("Amount that arrived (¥)"))

    def prepare(self) -> None:
        self.fields["amount_fen"].initial = self.row.amount_fen - self.row.collected_fen


class WriteOff(TrackForm):
    service = staticmethod(recoveries.write_off_recovery)
    reason = text_field(_("Why it is given up"))
    approved_by = forms.ModelChoiceField(
        label=_("Who approved it"), queryset=User.objects.none(), help_text=_("Somebody else than you; their name is kept.")
    )

    def prepare(self) -> None:
        self.fields["approved_by"].queryset = approvers_for(self.case).exclude(pk=self.user.pk)


class CancelRecovery(TrackForm):
    service = staticmethod(recoveries.cancel_recovery)
    reason = text_field(_("Why nothing is owed"))


# -- steps and clocks


class FinishStep(OnCaseVersion):
    service = staticmethod(flow_steps.finish_step)
    note = forms.CharField(label=_("What came of it"), max_length=flow_steps.LONGEST_REASON)


class SkipStep(OnCaseVersion):
    service = staticmethod(flow_steps.skip_step)
    reason = forms.CharField(label=_("Why this step can be skipped"), max_length=flow_steps.LONGEST_REASON)


class ChooseBranch(OnCaseVersion):
    service = staticmethod(flow_steps.choose_branch)
    outcome = forms.ChoiceField(label=_("Which way it goes on"), widget=forms.RadioSelect)

    def prepare(self) -> None:
        self.fields["outcome"].choices = outcome_choices(self)


class RetryClock(OnCaseVersion):
    service = staticmethod(case_clocks.retry_parked)


def outcome_choices(form: ChooseBranch) -> Sequence[tuple[str, str]]:
    """The branches that what is known leaves open, each in words."""
    node = flow_steps.node_of(form.row, form.case)
    return [(outcome, say_outcome(node, outcome)) for outcome in flow_steps.open_outcomes(node, form.case)]
