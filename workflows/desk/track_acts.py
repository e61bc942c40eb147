"""What can be done with one row of a case: a parcel, goods that go out, an inspected piece, a repair, a recovery, a step, a clock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Forbidden, NotAllowedError, Reason
from workflows.access import roles_of
from workflows.cases.explain import explain_row
from workflows.desk import track_forms as forms
from workflows.machines import MACHINES
from workflows.machines.parcel import ParcelState
from workflows.models import Case
from workflows.services.arriving import against_redirecting
from workflows.services.case_clocks import against_retrying
from workflows.services.flow_steps import LEADS as LEADING
from workflows.services.flow_steps import against_roles, ways_with
from workflows.services.stock import against_choosing

# Of each act that is no verb of a table: what speaks against it now. None: it is never open in the state of the row.
Against = Callable[[Any, Case, frozenset[str]], list[Reason] | None]
NOT_YOURS = Forbidden("not_your_role", _("Somebody else does this."))


@dataclass(frozen=True)
class TrackAct:
    """One act on a row. ``is_grave`` ones end or give something up and are drawn so."""

    kind: str
    name: str
    title: str
    form: type[forms.TrackForm]
    icon: str = "flow"
    is_grave: bool = False
    lead: str = ""


@dataclass(frozen=True)
class OfferedAct:
    """An act on one row: open, or blocked with its reasons."""

    act: TrackAct
    reasons: tuple[Reason, ...] = ()

    @property
    def is_open(self) -> bool:
        return not self.reasons


def _against_redirecting(row: Any, _case: Case, roles: frozenset[str]) -> list[Reason] | None:
    is_over = row.state in (ParcelState.SCANNED, ParcelState.CANCELLED, ParcelState.ABANDONED)
    return None if is_over else against_redirecting(row, None, roles)


def _against_choosing(row: Any, _case: Case, roles: frozenset[str]) -> list[Reason] | None:
    return against_choosing(row, roles) if row.state == "out_of_stock" else None


def _against_retrying(row: Any, case: Case, roles: frozenset[str]) -> list[Reason] | None:
    return against_retrying(row, case, roles) if row.parked_at is not None else None


def _way(name: str) -> Against:
    return lambda row, case, roles: ways_with(row, case, roles).get(name)


BESIDES: dict[tuple[str, str], Against] = {
    ("parcel", "redirect"): _against_redirecting,
    ("outbound", "choose_instead"): _against_choosing,
    ("step", "finish"): _way("finish"),
    ("step", "choose"): _way("choose"),
    ("step", "skip"): _way("skip"),
    ("clock", "retry"): _against_retrying,
}
# Whatever the procedure says of the step, and also when it is not there any more.
OF_LEADS = {("step", "choose"), ("step", "skip"), ("clock", "retry")}
_VERBS = {
    "outbound": {
        "pick": (forms.Pick, "done"),
        "ship": (forms.Ship, "truck"),
        "run_out": (forms.RunOut, "alert"),
        "lose": (forms.Lose, "alert"),
        "reserve_again": (forms.ReserveAgain, "parcel"),
        "cancel": (forms.CallOff, "close"),
    },
    "inspection": {"dispose": (forms.Dispose, "warehouse"), "inspect_again": (forms.InspectAgain, "search")},
    "repair": {
        "diagnose": (forms.Diagnose, "search"),
        "send_quote": (forms.SendQuote, "send"),
        "begin_repair": (forms.BeginRepair, "next"),
        "accept_quote": (forms.AcceptQuote, "done"),
        "decline_quote": (forms.DeclineQuote, "back"),
        "finish_repair": (forms.FinishRepair, "done"),
        "give_up": (forms.GiveUp, "close"),
    },
    "recovery": {
        "claim": (forms.Claim, "send"),
        "accept": (forms.Accept, "done"),
        "dispute": (forms.Dispute, "legal"),
        "collect": (forms.Collect, "wallet"),
        "write_off": (forms.WriteOff, "close"),
        "cancel": (forms.CancelRecovery, "close"),
    },
}
GRAVE = {("outbound", "lose"), ("outbound", "cancel"), ("repair", "give_up"), ("recovery", "write_off"), ("recovery", "cancel")}
LEADS = {
    ("outbound", "lose"): _("The customer gets a decision, and the carrier is asked to pay."),
    ("outbound", "run_out"): _("The customer is asked: wait, another item, or the money."),
    ("repair", "decline_quote"): _("The item goes back as it is. Record what the customer said before."),
    ("repair", "accept_quote"): _("The customer agreed to exactly this price."),
    ("repair", "give_up"): _("Somebody decides what the customer gets instead."),
    ("recovery", "collect"): _("The whole rest, or a part of it. It is written to the ledger."),
    ("recovery", "write_off"): _("The rest is given up. Another person has approved that."),
}


def _of_tables() -> Iterator[TrackAct]:
    for machine in MACHINES:
        for name, (form, icon) in _VERBS.get(machine.name, {}).items():
            key = (machine.name, name)
            yield TrackAct(*key, machine.verb(name).label, form, icon, key in GRAVE, LEADS.get(key, ""))


ACTS: dict[tuple[str, str], TrackAct] = {
    (act.kind, act.name): act
    for act in [
        TrackAct("parcel", "redirect", _("Send on to another warehouse"), forms.Redirect, "move-up"),
        *_of_tables(),
        TrackAct("outbound", "choose_instead", _("Note what the customer wants"), forms.ChooseInstead, "note"),
        TrackAct("step", "finish", _("Finish the step"), forms.FinishStep, "done"),
        TrackAct("step", "choose", _("Decide how it goes on"), forms.ChooseBranch, "next"),
        TrackAct("step", "skip", _("Skip the step"), forms.SkipStep, "move-down"),
        TrackAct(
            "clock", "retry", _("Try again"), forms.RetryClock, "refresh", lead=_("It is tried again at once, and stops again if it fails.")
        ),
    ]
}


def acts_on(kind: str, row: Any, case: Case, user: User, roles: frozenset[str] | None = None) -> list[OfferedAct]:
    """What the present state of a row offers to somebody: open acts, and refused ones with every reason."""
    roles = roles_of(user, case) if roles is None else roles
    return [*_of_machine(kind, row, case, user, roles), *_besides(kind, row, case, roles)]


def _of_machine(kind: str, row: Any, case: Case, user: User, roles: frozenset[str]) -> Iterator[OfferedAct]:
    names = _VERBS.get(kind, {})
    # A row whose life is over asks nothing.
    if not any(row.state in row.machine.verb(name).sources for name in names):
        return
    for each in explain_row(row, case, user, roles=roles):
        if each.verb.name in names and each.in_state:
            yield OfferedAct(ACTS[kind, each.verb.name], each.reasons)


def _besides(kind: str, row: Any, case: Case, roles: frozenset[str]) -> Iterator[OfferedAct]:
    for key, against in BESIDES.items():
        reasons = against(row, case, roles) if key[0] == kind else None
        if reasons is not None and not any(reason.code == NOT_YOURS.code for reason in reasons):
            yield OfferedAct(ACTS[key], tuple(reasons))


def require_role(act: TrackAct, row: Any, case: Case, user: User) -> None:
    """Refuse what the tables never give to this kind of person, before a form is shown. Raises ``NotAllowedError``."""
    roles, key = roles_of(user, case), (act.kind, act.name)
    if key in BESIDES:
        reasons = against_roles(case, roles, LEADING) if key in OF_LEADS else BESIDES[key](row, case, roles) or []
        refused = [reason for reason in reasons if reason.code == NOT_YOURS.code]
    else:
        verb = row.machine.verb(act.name)
        is_ever = any(row.machine.may_use(verb, source, role) for role in roles for source in verb.sources)
        refused = [] if is_ever else [NOT_YOURS]
    if refused:
        raise NotAllowedError(refused)
