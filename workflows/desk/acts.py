"""Every act that the case's page offers: its form, and whether it is open now and if not, why."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from foundation.exceptions import Reason
from workflows.access import roles_of
from workflows.cases.explain import Explained, explain_case, explain_row
from workflows.desk import forms, refund_forms
from workflows.machines.spine import SPINE
from workflows.machines.table import Role
from workflows.models import Appeal, Approval, Case
from workflows.money.desk import LOWER, QUESTION
from workflows.services.appeals import OPEN


@dataclass(frozen=True)
class CaseAct:
    """One act. ``verb`` is what explains it; ``is_grave`` ones end or refuse something and are drawn so."""

    name: str
    title: str
    form: type[forms.CaseForm]
    verb: str
    icon: str = "flow"
    is_grave: bool = False
    lead: str = ""


@dataclass(frozen=True)
class Offered:
    """An act on one case: open, or blocked with its reasons."""

    act: CaseAct
    reasons: tuple[Reason, ...] = ()


_OF_CASE = {
    "approve": (forms.Approve, "done"),
    "request_info": (forms.AskForEvidence, "help"),
    "provide_info": (forms.AddEvidence, "attach"),
    "escalate": (forms.Escalate, "alert"),
    "send_back": (forms.SendBack, "back"),
    "reject": (forms.Reject, "legal"),
    "register_parcel": (forms.RegisterParcel, "parcel"),
    "parcel_problem": (forms.ParcelProblem, "alert"),
    "resolve_exception": (forms.ResolveException, "done"),
    "resend_goods": (forms.ResendGoods, "parcel"),
    "reopen": (forms.Reopen, "reopen"),
    "withdraw": (forms.Withdraw, "back"),
}
_LEADS = {
    "reject": _("A refusal is your decision, with your name. The customer reads facts, reason and rule, and how to appeal."),
    "escalate": _("Others sign this; until then nothing is granted."),
    "resolve_exception": _("The customer reads the decision. What was not sent yet follows it; what was sent stays."),
}
ACTS: dict[str, CaseAct] = {
    act.name: act
    for act in [
        *(
            CaseAct(name, SPINE.verb(name).label, form, name, icon, name in ("reject", "withdraw"), _LEADS.get(name, ""))
            for name, (form, icon) in _OF_CASE.items()
        ),
        CaseAct("propose_rejection", _("Propose a rejection"), forms.ProposeRejection, "escalate", "legal", True, _LEADS["escalate"]),
        CaseAct("sign", pgettext_lazy("approval", "Sign"), forms.Sign, "approve", "pen", lead=_("You sign exactly what is shown here.")),
        CaseAct("ask_evidence", _("Appeal: ask for evidence"), forms.AskEvidence, "ask_evidence", "clock"),
        CaseAct("begin_deciding", _("Appeal: begin to decide"), forms.BeginDeciding, "begin_deciding", "next"),
        CaseAct("decide_appeal", _("Appeal: decide"), forms.DecideAppeal, "uphold", "legal"),
        CaseAct("answer_finance", _("Answer finance"), refund_forms.AnswerFinance, "", "note"),
        CaseAct("lower_refund", _("Lower the refund"), refund_forms.LowerRefund, "", "refund"),
    ]
}
OF_APPEAL = ("ask_evidence", "begin_deciding", "decide_appeal")


def acts_for(case: Case, user: User) -> dict[str, list[Offered]]:
    """``open`` acts and ``blocked`` ones that the state would allow, each with every reason."""
    explained = {each.verb.name: each for each in explain_case(case, user)}
    found: dict[str, list[Offered]] = {"open": [], "blocked": []}
    for act in ACTS.values():
        each = _of_track(act, case, user) if act.name in ("sign", *OF_APPEAL) else explained.get(act.verb)
        if each is not None and each.in_state:
            found["open" if each.is_allowed else "blocked"].append(Offered(act, each.reasons))
    found["open"] += _sent_back(case, user)
    return found


def _sent_back(case: Case, user: User) -> list[Offered]:
    """What finance waits for before it signs a refund of this case."""
    asked = set(case.tasks.filter(kind__in=(QUESTION, LOWER), done_at__isnull=True).values_list("kind", flat=True))
    roles = roles_of(user, case) if asked else frozenset()
    open_to = [("answer_finance", QUESTION, {Role.AGENT, Role.LEAD}), ("lower_refund", LOWER, {Role.LEAD})]
    return [Offered(ACTS[name]) for name, kind, whose in open_to if kind in asked and roles & whose]


def _of_track(act: CaseAct, case: Case, user: User) -> Explained | None:
    """Signing is explained by the approval that waits, an appeal's acts by the open appeal."""
    if act.name == "sign":
        row = Approval.objects.filter(case=case, resolution__isnull=False, state="pending").order_by("-pk").first()
    else:
        row = Appeal.objects.filter(case=case, state__in=OPEN).order_by("-pk").first()
    rows = explain_row(row, case, user) if row is not None else []
    found = next((each for each in rows if each.verb.name == act.verb), None)
    return _without_chain(found) if found is not None and act.name == "sign" else found


def _without_chain(each: Explained) -> Explained:
    """Signing one step is possible while others are open: the chain is what is being closed."""
    reasons = tuple(reason for reason in each.reasons if reason.code != "chain_open")
    return Explained(each.verb, not reasons, each.in_state, reasons)
