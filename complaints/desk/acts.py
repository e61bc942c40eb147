"""Every act that the workspace offers on a complaint: its form, its key, and whether it is open now and if not, why."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.desk import act_forms as forms
from complaints.desk import clock_acts
from complaints.desk.effort_acts import CorrectEffort
from complaints.lifecycle import ENDED, VERBS
from complaints.models import Complaint
from complaints.services import explain_verbs
from complaints.services.effort import CORRECT
from foundation.exceptions import Reason

LABEL = "complaints.label_complaint"


@dataclass(frozen=True)
class DeskAct:
    """One act. ``is_grave`` ones end or refuse something and are drawn so."""

    name: str
    title: str
    form: type[forms.ActForm]
    icon: str = "flow"
    shortcut: str = ""
    permission: str = ""
    group: str = "state"
    is_grave: bool = False
    lead: str = ""

    @property
    def submit(self) -> str:
        """The words of its button: a label is saved, a verb is done."""
        return _("Save") if self.permission == LABEL and not self.is_grave else self.title


@dataclass(frozen=True)
class Offered:
    """An act on one complaint: open, or blocked with reasons."""

    act: DeskAct
    url: str
    reasons: list[Reason] = field(default_factory=list)


_VERB_FORMS = {
    "begin": (forms.Begin, "next"),
    "answer": (forms.Answer, "phone"),
    "hand_over": (forms.HandOver, "warehouse"),
    "hand_back": (forms.HandBack, "back"),
    "snooze": (forms.Snooze, "snooze"),
    "wake": (forms.Wake, "bell"),
    "resolve": (forms.Resolve, "done"),
    "decline": (forms.Decline, "legal"),
    "give_up": (forms.GiveUp, "phone"),
    "reopen": (forms.Reopen, "reopen"),
    "withdraw": (forms.Withdraw, "back"),
    "resume": (forms.Resume, "reopen"),
    "merge": (forms.Merge, "merge"),
    "unmerge": (forms.Unmerge, "split"),
    "split": (forms.Split, "split"),
    "mark_spam": (forms.MarkSpam, "shield"),
    "restore": (forms.Restore, "reopen"),
    "escalate": (forms.Escalate, "alert"),
}
_GRAVE = {"decline", "withdraw", "mark_spam", "give_up"}
_LEADS = {
    "resolve": _("The customer reads the result and is asked in two hours how it went."),
    "decline": _("A refusal is your decision, with your name. The customer reads the facts, the rule and how to appeal."),
    "merge": _("Its messages appear in the other complaint, and the customer is told. It can be separated again for 24 hours."),
    "split": _("The messages are copied into a new complaint of the same customer, who gets its number. Nothing leaves this one."),
    "mark_spam": _("It leaves every queue and is kept for 30 days."),
    "give_up": _("Any reply of the customer opens it again."),
    "snooze": _("The promise to the customer runs on."),
}
_RISK = _("It changes nothing for the customer. A new message may raise it again; priority and place in the queue stay.")
_MEASURED = _("What was measured stays on record; the correction stands beside it with your name.")
_CALLED = _("The customer reads when we call. A call that was promised before is moved to this time.")
_WATCHED = _("It stands in your view “Watched” until you stop, whoever works on it.")

ACTS: dict[str, DeskAct] = {
    act.name: act
    for act in [
        *(
            DeskAct(name, VERBS[name].label, form, icon, is_grave=name in _GRAVE, lead=_LEADS.get(name, ""))
            for name, (form, icon) in _VERB_FORMS.items()
        ),
        DeskAct("claim", _("Claim"), forms.Claim, "claim", "c", "complaints.claim_complaint", group="front"),
        DeskAct("assign", _("Assign"), forms.Assign, "assign", "a", "complaints.assign_complaint", group="front"),
        DeskAct("release", _("Back to the queue"), forms.Release, "inbox", "", "complaints.claim_complaint", group="more"),
        DeskAct("call", _("Log a call"), forms.LogCall, "phone", "", "complaints.reply_complaint", group="more"),
        DeskAct("callback", _("Promise a call"), forms.PromiseCall, "phone", "", "complaints.reply_complaint", group="more", lead=_CALLED),
        DeskAct("appeal", _("Decide the appeal"), forms.DecideAppeal, "legal", "", "complaints.lead_complaint", group="front"),
        DeskAct("priority", _("Priority"), forms.Priority, "flag", "p", LABEL, group="label"),
        DeskAct("tags", _("Tags"), forms.Tags, "tag", "t", LABEL, group="label"),
        DeskAct("risk", _("Risk hint"), forms.SetRisk, "alert", "", LABEL, group="more", lead=_RISK),
        DeskAct("category", _("Category"), forms.SetCategory, "list", "", LABEL, group="more"),
        DeskAct("transfer", _("Team"), forms.Transfer, "users", "", LABEL, group="more"),
        DeskAct("watch", _("Watch"), forms.Watch, "eye", "", "complaints.use_desk", group="more", lead=_WATCHED),
        DeskAct("unwatch", _("Stop watching"), forms.Unwatch, "eye", "", "complaints.use_desk", group="more"),
        DeskAct("unbind", _("Take the order off"), forms.Unbind, "link", "", LABEL, group="order", is_grave=True),
        # Offered in their sections beside the complaint, which load by themselves.
        DeskAct("effort", _("Correct the handling time"), CorrectEffort, "clock", "", CORRECT, group="effort", lead=_MEASURED),
        *(DeskAct(name, title, form, icon, group="clocks", lead=lead) for name, title, form, icon, lead in clock_acts.ACTS),
    ]
}


def acts_for(complaint: Complaint, user: User) -> dict[str, list[Offered]]:
    """The acts on a complaint by group: verbs of its state first, those that are blocked with their reasons."""
    base = reverse("admin:desk-act", args=[complaint.number, "x"]).removesuffix("x/")
    groups: dict[str, list[Offered]] = {"front": [], "open": [], "blocked": [], "label": [], "more": []}
    for verb in explain_verbs(complaint, user):
        if verb["in_state"] and verb["verb"] in ACTS:
            place = "blocked" if not verb["allowed"] else "front" if verb["verb"] == "resolve" else "open"
            groups[place].append(Offered(ACTS[verb["verb"]], f"{base}{verb['verb']}/", verb["reasons"]))
    for act in ACTS.values():
        if act.group in groups and user.has_perm(act.permission) and _fits(act, complaint, user):
            groups[act.group].append(Offered(act, f"{base}{act.name}/"))
    return groups


def _fits(act: DeskAct, complaint: Complaint, user: User) -> bool:
    if complaint.erased_at:
        return False
    if act.name == "appeal":
        return complaint.has_open_appeal
    if act.name in ("watch", "unwatch"):
        return (user.pk in complaint.watcher_ids) == (act.name == "unwatch")
    if complaint.status in ENDED:
        return False
    if act.name == "claim":
        return complaint.assignee_id is None
    if act.name == "release":
        return complaint.assignee_id is not None
    return complaint.order_id is not None if act.name == "unbind" else True
