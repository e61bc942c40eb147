"""What finance does with one refund: each act with its form and the verb that explains it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from complaints.desk.act_forms import text_field
from foundation.exceptions import Reason
from workflows.cases.clauses.refund import is_above_finance_limit
from workflows.cases.explain import explain_row
from workflows.desk.money_field import AmountField
from workflows.finance import step_up
from workflows.machines.refund import REFUND, UNSENT, RefundState
from workflows.models import Refund
from workflows.services import refund_questions as questions
from workflows.services import refund_rescue as rescue
from workflows.services.refunds import authorise_refund, void_refund

S = RefundState
BUSY = Reason("busy", _("Others are working on this case at this moment. Nothing was done."), _("Try again."))


class RefundForm(forms.Form):
    """The base of every act: the version that was seen, and a name that makes sending it twice one act."""

    service: Callable[..., Refund]
    expected_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    request_id = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, refund: Refund, request: HttpRequest, **kwargs: Any) -> None:
        self.refund, self.request = refund, request
        super().__init__(*args, **kwargs)
        self.fields["expected_version"].initial = refund.version
        self.prepare()

    def prepare(self) -> None:
        """Fill first values from the refund."""

    def run(self) -> Refund:
        return type(self).service(self.refund, by=self.request.user, **self.cleaned_data)


class Authorise(RefundForm):
    """Above the limit of finance the password is asked once more."""

    service = staticmethod(authorise_refund)
    proposal_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    password = forms.CharField(
        label=_("Your password"),
        help_text=_("The amount is above your limit. It is asked again after five minutes."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def prepare(self) -> None:
        self.fields["proposal_hash"].initial = self.refund.proposal_hash
        if not needs_password(self.request, self.refund):
            del self.fields["password"]

    def clean_password(self) -> None:
        if not step_up.confirm(self.request, self.cleaned_data["password"]):
            raise forms.ValidationError(_("This is not your present password."))

    def run(self) -> Refund:
        self.cleaned_data.pop("password", None)
        return super().run()


class Refuse(RefundForm):
    service = staticmethod(void_refund)
    reason = text_field(_("Reason; the lead and the agent read it"))


class AskAgent(RefundForm):
    service = staticmethod(questions.ask_agent)
    words = text_field(_("What you want to know"), help_text=_("Whoever has the case reads it; the customer does not."))


class AskLower(RefundForm):
    service = staticmethod(questions.ask_lower)
    amount = AmountField(label=_("Proposed amount (¥)"))
    reason = text_field(_("Why it should be less"))


class AskSecond(RefundForm):
    service = staticmethod(rescue.ask_for_second_person)
    reason = text_field(_("What the second person should check"))


class Retry(RefundForm):
    service = staticmethod(rescue.retry_refund)
    cause = text_field(_("Why it was declined or came back"))


class ResendAbsent(RefundForm):
    service = staticmethod(rescue.resend_absent)


class CloseUnpaid(RefundForm):
    service = staticmethod(rescue.close_unpaid)


class AskProvider(RefundForm):
    service = staticmethod(rescue.ask_provider)

    def run(self) -> Refund:
        return rescue.ask_provider(self.refund, by=self.request.user, request_id=self.cleaned_data["request_id"])


@dataclass(frozen=True)
class FinanceAct:
    """``verb`` is what of the machine explains it; where only its service knows, ``states`` say when it is offered."""

    name: str
    title: Any
    form: type[RefundForm]
    verb: str = ""
    states: tuple[str, ...] = ()
    icon: str = "next"
    is_grave: bool = False
    lead: Any = ""


_ASKED = (S.PROCESSING, S.UNKNOWN, S.FAILED, S.BOUNCED, S.SUCCEEDED)
_SEEN = _("You sign exactly what is shown here.")
_OURS = _("Nothing was sent. A lead then finds another way for the customer.")
ACTS: dict[str, FinanceAct] = {
    act.name: act
    for act in [
        FinanceAct("authorise", pgettext_lazy("refund", "Approve"), Authorise, "authorise", icon="check", lead=_SEEN),
        FinanceAct("question", _("Ask the agent"), AskAgent, states=UNSENT, icon="note"),
        FinanceAct("lower", _("Send back for a lower amount"), AskLower, states=UNSENT, icon="back", lead=_("A lead sets the new amount.")),
        FinanceAct("refuse", pgettext_lazy("refund", "Refuse"), Refuse, "void", icon="close", is_grave=True, lead=_OURS),
        FinanceAct("ask", _("Ask the provider now"), AskProvider, states=_ASKED, icon="refresh"),
        FinanceAct("second", _("Ask for a second person"), AskSecond, states=rescue.NEEDS_TWO, icon="users"),
        FinanceAct("retry", REFUND.verb("retry_same_key").label, Retry, "retry_same_key", icon="send"),
        FinanceAct("resend", _("Send what never arrived again"), ResendAbsent, "mark_absent", icon="send"),
        FinanceAct("close", REFUND.verb("close_unpaid").label, CloseUnpaid, "close_unpaid", icon="lock", is_grave=True),
    ]
}


@dataclass(frozen=True)
class Offered:
    act: FinanceAct
    reasons: tuple[Reason, ...] = ()


def acts_for(refund: Refund, user: User) -> dict[str, list[Offered]]:
    """``open`` acts, and ``blocked`` ones that the state would allow, with every reason."""
    explained = {each.verb.name: each for each in explain_row(refund, refund.case, user)}
    found: dict[str, list[Offered]] = {"open": [], "blocked": []}
    for act in ACTS.values():
        each = explained.get(act.verb)
        if each is not None and each.in_state:
            found["open" if each.is_allowed else "blocked"].append(Offered(act, each.reasons))
        elif not act.verb and refund.state in act.states and _is_needed(act, refund, user):
            found["open"].append(Offered(act))
    return found


def _is_needed(act: FinanceAct, refund: Refund, user: User) -> bool:
    """A second person signs only what is above the limit of the first."""
    return act.name != "second" or refund.state != S.PENDING_APPROVAL or is_above_finance_limit(refund, user)


def needs_password(request: HttpRequest, refund: Refund) -> bool:
    """Whether signing takes somebody above their limit and they have not just proven who they are."""
    return not step_up.is_fresh(request) and is_above_finance_limit(refund, request.user)
