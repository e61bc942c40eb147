"""A repair: looked at, quoted if need be, repaired or not."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workflows.machines.table import Clause, Machine, Role, State, Verb


class RepairState(TextChoices):
    INTAKE = "intake", pgettext_lazy("repair", "Taken in")
    DIAGNOSING = "diagnosing", pgettext_lazy("repair", "Being examined")
    QUOTE_PENDING = "quote_pending", pgettext_lazy("repair", "Quote sent")
    REPAIRING = "repairing", pgettext_lazy("repair", "Being repaired")
    REPAIRED = "repaired", pgettext_lazy("repair", "Repaired")
    DECLINED = "declined", pgettext_lazy("repair", "Quote declined")
    IRREPARABLE = "irreparable", pgettext_lazy("repair", "Cannot be repaired")


_S, _R = RepairState, Role
STATES = (
    State(_S.INTAKE, _("Your item has arrived for repair")),
    State(_S.DIAGNOSING, _("Your item is being examined")),
    State(_S.QUOTE_PENDING, _("Please accept or decline the quote")),
    State(_S.REPAIRING, _("Your item is being repaired")),
    State(_S.REPAIRED, _("Your item is repaired")),
    State(_S.DECLINED, _("You declined the quote; your item comes back")),
    State(_S.IRREPARABLE, _("Your item cannot be repaired; we contact you")),
)
_FINDING = Clause("finding_missing", _("It is not said what was found."), _("Write what was found."))

# fmt: off
VERBS = (
    Verb(
        "RP1", "diagnose", pgettext_lazy("repair", "Examine"), _("The workshop begins."),
        (_S.INTAKE,), (_S.DIAGNOSING,), (_R.WAREHOUSE,),
        (Clause("not_your_task", _("Somebody else inspects this parcel."), _("Take over the task first."), forbids=True),),
    ),
    Verb(
        "RP2", "send_quote", pgettext_lazy("repair", "Send a quote"), _("Only out of warranty."),
        (_S.DIAGNOSING,), (_S.QUOTE_PENDING,), (_R.WAREHOUSE, _R.AGENT),
        (Clause("in_warranty", _("The item is in warranty; the repair costs nothing."), _("Begin the repair.")), _FINDING),
        after=(_("Send the quote."),), args=("amount", "finding"),
    ),
    Verb(
        "RP3", "begin_repair", pgettext_lazy("repair", "Begin the repair"), _("In warranty, without a quote."),
        (_S.DIAGNOSING,), (_S.REPAIRING,), (_R.WAREHOUSE,),
        (Clause("quote_needed", _("The item is out of warranty."), _("Send a quote.")), _FINDING), args=("finding",),
    ),
    Verb(
        "RP4", "accept_quote", pgettext_lazy("repair", "Accept the quote"), _("The customer agrees to the price."),
        (_S.QUOTE_PENDING,), (_S.REPAIRING,), (_R.CUSTOMER, _R.AGENT),
        (Clause("quote_changed", _("The quote has changed."), _("Read the new quote.")),),
        after=(_("Tell the warehouse."),), args=("amount",),
    ),
    Verb(
        "RP5", "decline_quote", pgettext_lazy("repair", "Decline the quote"), _("The item goes back as it is."),
        (_S.QUOTE_PENDING,), (_S.DECLINED,), (_R.CUSTOMER, _R.AGENT, _R.SYSTEM),
        (Clause("quote_running", _("The time to answer is not over."), _("Wait for the customer.")),), (_("Send the goods back."),),
        (_("Tell the customer."),),
    ),
    Verb(
        "RP6", "finish_repair", pgettext_lazy("repair", "Finish the repair"), _("The item works again."),
        (_S.REPAIRING,), (_S.REPAIRED,), (_R.WAREHOUSE,), (_FINDING,), (_("Release the outbound parcel."),), (_("Tell the customer."),),
        args=("finding",),
    ),
    Verb(
        "RP7", "give_up", pgettext_lazy("repair", "Cannot be repaired"), _("After two failed repairs or 30 days an exchange is offered."),
        (_S.DIAGNOSING, _S.REPAIRING), (_S.IRREPARABLE,), (_R.WAREHOUSE,), (_FINDING,),
        (_("Stop the case for a decision if it is settling (C23)."),),
        (_("Tell the customer."),), args=("finding",),
    ),
)
# fmt: on

REPAIR = Machine(
    name="repair",
    label=_("Repair"),
    help=_("Examined, quoted if the warranty is over, repaired or given back."),
    states=STATES,
    verbs=VERBS,
    start=_S.INTAKE,
    terminals=(_S.REPAIRED, _S.DECLINED, _S.IRREPARABLE),
    satisfied=(_S.REPAIRED, _S.DECLINED),
    declared_in="workflows/machines/repair.py",
    rules=(_("A declined quote makes it a duty to send the goods back."),),
)
