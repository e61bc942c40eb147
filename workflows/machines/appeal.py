"""An appeal: the customer objects, both sides show evidence, somebody else decides."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workflows.machines.table import Clause, Machine, Role, State, Verb


class AppealState(TextChoices):
    OPENED = "opened", pgettext_lazy("appeal", "Opened")
    EVIDENCE = "evidence", pgettext_lazy("appeal", "Gathering evidence")
    DECIDING = "deciding", pgettext_lazy("appeal", "Being decided")
    UPHELD = "upheld", pgettext_lazy("appeal", "Upheld")
    DENIED = "denied", pgettext_lazy("appeal", "Not upheld")
    WITHDRAWN = "withdrawn", pgettext_lazy("appeal", "Withdrawn")


_S, _R = AppealState, Role
STATES = (
    State(_S.OPENED, _("Your appeal has been received")),
    State(_S.EVIDENCE, _("Please show your evidence by {due}")),
    State(_S.DECIDING, _("Another person decides your appeal")),
    State(_S.UPHELD, _("Your appeal was upheld; your request is reviewed again")),
    State(_S.DENIED, _("Your appeal was not upheld: {facts}; basis {basis}")),
    State(_S.WITHDRAWN, _("You have withdrawn your appeal")),
)
_DECIDERS = (_R.LEAD, _R.MANAGER)
_DECIDED_BEFORE = Clause("decided_before", _("You have decided on this case before."), _("Somebody else decides."), forbids=True)
_FACTS = Clause("reasons_missing", _("Facts, reasons or basis are missing."), _("Write facts, reasons and basis."))

# fmt: off
VERBS = (
    Verb(
        "AL1", "ask_evidence", pgettext_lazy("appeal", "Ask for evidence"), _("Both sides get a time to show their evidence."),
        (_S.OPENED,), (_S.EVIDENCE,), (*_DECIDERS, _R.SYSTEM),
        (Clause("deadline_missing", _("No time is set for the evidence."), _("Set a time for both sides.")),),
        (_("Start the clocks of both sides."),), (_("Tell both sides."),), args=("due",),
    ),
    Verb(
        "AL2", "begin_deciding", pgettext_lazy("appeal", "Begin to decide"), _("Both sides have answered, or their time is over."),
        (_S.EVIDENCE,), (_S.DECIDING,), (*_DECIDERS, _R.SYSTEM),
        (Clause("evidence_running", _("A side may still show its evidence."), _("Wait until the time is over.")), _DECIDED_BEFORE),
    ),
    Verb(
        "AL3", "uphold", pgettext_lazy("appeal", "Uphold"), _("The case is reviewed again."),
        (_S.DECIDING,), (_S.UPHELD,), _DECIDERS, (_DECIDED_BEFORE, _FACTS), (_("Open the case again (C25)."),), (_("Tell the customer."),),
        args=("reasons",),
    ),
    Verb(
        "AL4", "deny", pgettext_lazy("appeal", "Do not uphold"), _("The decision stands, with facts, reasons and basis."),
        (_S.DECIDING,), (_S.DENIED,), _DECIDERS, (_DECIDED_BEFORE, _FACTS), after=(_("Tell the customer."),),
        args=("reasons", "rule_version"), adverse=True,
    ),
    Verb(
        "AL5", "withdraw", pgettext_lazy("appeal", "Withdraw"), _("The customer gives the appeal up."),
        (_S.OPENED, _S.EVIDENCE), (_S.WITHDRAWN,), (_R.CUSTOMER, _R.AGENT),
        (Clause("request_missing", _("No request of the customer is recorded."), _("Record how the customer asked for it.")),),
    ),
)
# fmt: on

APPEAL = Machine(
    name="appeal",
    label=_("Appeal"),
    help=_("The customer objects; somebody who has not decided before decides."),
    states=STATES,
    verbs=VERBS,
    start=_S.OPENED,
    terminals=(_S.UPHELD, _S.DENIED, _S.WITHDRAWN),
    declared_in="workflows/machines/appeal.py",
    rules=(_("While it is open it holds up rejection and archiving, never the payment of what is not disputed."),),
)
