"""A recovery: what merchant, carrier, supplier or customer owe us for a case."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workflows.machines.table import Clause, Machine, Role, State, Verb


class RecoveryState(TextChoices):
    OPEN = "open", pgettext_lazy("recovery", "Open")
    CLAIMED = "claimed", pgettext_lazy("recovery", "Claimed")
    ACCEPTED = "accepted", pgettext_lazy("recovery", "Accepted")
    DISPUTED = "disputed", pgettext_lazy("recovery", "Disputed")
    PARTLY_COLLECTED = "partly_collected", pgettext_lazy("recovery", "Partly collected")
    COLLECTED = "collected", pgettext_lazy("recovery", "Collected")
    WRITTEN_OFF = "written_off", pgettext_lazy("recovery", "Written off")
    CANCELLED = "cancelled", pgettext_lazy("recovery", "Cancelled")


_S, _R = RecoveryState, Role
STATES = tuple(State(state) for state in _S)
_FINANCE = (_R.FINANCE,)
_NO_ANSWER = Clause("answer_missing", _("The debtor's answer is not recorded."), _("Record the answer."))
_AMOUNT = Clause("amount_differs_claim", _("The amount does not fit what is still owed."), _("Enter what was received."))
_BOOK = _("Write the ledger.")

# fmt: off
VERBS = (
    Verb(
        "RV1", "claim", pgettext_lazy("recovery", "Claim"), _("The debtor is told what is owed and why. A carrier answers within 7 days."),
        (_S.OPEN,), (_S.CLAIMED,), _FINANCE,
        (Clause("claim_incomplete", _("Debtor, amount or evidence is missing."), _("Fill in what is missing.")),),
        (_("Start the clock of the answer."),), (_("Send the claim."),), args=("debtor", "amount", "evidence"), money=True,
    ),
    Verb(
        "RV2", "cancel", pgettext_lazy("recovery", "Cancel"), _("Nothing is owed after all."),
        (_S.OPEN,), (_S.CANCELLED,), (_R.FINANCE, _R.SYSTEM),
        (Clause("advance_paid", _("Money was paid in advance for this."), _("Claim it, or write it off later.")),),
        args=("reason",), money=True,
    ),
    Verb(
        "RV3", "accept", pgettext_lazy("recovery", "Record acceptance"), _("The debtor accepts, at once or after a dispute."),
        (_S.CLAIMED, _S.DISPUTED), (_S.ACCEPTED,), _FINANCE, (_NO_ANSWER,), args=("amount", "answer"), money=True,
    ),
    Verb(
        "RV4", "dispute", pgettext_lazy("recovery", "Record a dispute"), _("The debtor objects."),
        (_S.CLAIMED,), (_S.DISPUTED,), _FINANCE, (_NO_ANSWER,), args=("answer",), money=True,
    ),
    Verb(
        "RV5", "collect_part", pgettext_lazy("recovery", "Record a part"), _("A part of the amount arrived."),
        (_S.ACCEPTED,), (_S.PARTLY_COLLECTED,), _FINANCE, (_AMOUNT,), (_BOOK,), args=("amount",), money=True,
    ),
    Verb(
        "RV6", "collect", pgettext_lazy("recovery", "Record payment"), _("The whole amount has arrived."),
        (_S.ACCEPTED, _S.PARTLY_COLLECTED), (_S.COLLECTED,), _FINANCE, (_AMOUNT,), (_BOOK,), args=("amount",), money=True,
    ),
    Verb(
        "RV7", "write_off", pgettext_lazy("recovery", "Write off"), _("The rest is given up."),
        (_S.DISPUTED, _S.PARTLY_COLLECTED), (_S.WRITTEN_OFF,), _FINANCE,
        (Clause("write_off_unapproved", _("Nobody has approved the write-off."), _("Ask for approval.")),), (_BOOK,), args=("reason",),
        money=True,
    ),
)
# fmt: on

RECOVERY = Machine(
    name="recovery",
    label=_("Recovery"),
    help=_("What merchant, carrier, supplier or customer owe us; it never delays the customer."),
    states=STATES,
    verbs=VERBS,
    start=_S.OPEN,
    terminals=(_S.CANCELLED, _S.WRITTEN_OFF, _S.COLLECTED),
    is_shown_to_customers=False,
    declared_in="workflows/machines/recovery.py",
    rules=(_("The debtor is a merchant, carrier, supplier or customer."), _("The join of the case never waits for it.")),
)
