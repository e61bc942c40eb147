"""An approval: steps signed by distinct people over exactly what they saw."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workflows.machines.table import Clause, Machine, Role, State, Verb


class ApprovalState(TextChoices):
    PENDING = "pending", pgettext_lazy("approval", "Waiting for signatures")
    APPROVED = "approved", pgettext_lazy("approval", "Approved")
    REFUSED = "refused", pgettext_lazy("approval", "Refused")
    VOIDED = "voided", pgettext_lazy("approval", "Voided")
    EXPIRED = "expired", pgettext_lazy("approval", "Not answered in time")


_S, _R = ApprovalState, Role
STATES = tuple(State(state) for state in _S)
_SIGNERS = (_R.LEAD, _R.MANAGER, _R.FINANCE)
_OWN = Clause("own_proposal", _("Nobody signs their own proposal."), _("A colleague signs."), forbids=True)
_RANK = Clause("rank_too_low", _("This step needs a higher rank."), _("Somebody of that rank signs."), forbids=True)

# fmt: off
VERBS = (
    Verb(
        "AV1", "approve", pgettext_lazy("approval", "Sign"), _("The last signature approves; each one before it is a step."),
        (_S.PENDING,), (_S.APPROVED,), _SIGNERS,
        (
            _OWN, _RANK, Clause("signed_already", _("You have signed a step of this already."), _("A colleague signs."), forbids=True),
            Clause("proposal_changed", _("The proposal has changed since it was signed."), _("Send it back and have it signed anew.")),
            Clause("chain_open", _("Not everybody has signed yet."), _("Wait for the signatures.")),
        ),
        after=(_("Tell the proposer."),), args=("proposal_hash",), money=True,
    ),
    Verb(
        "AV2", "refuse", pgettext_lazy("approval", "Refuse"), _("One refusal ends the chain."),
        (_S.PENDING,), (_S.REFUSED,), _SIGNERS,
        (_OWN, _RANK, Clause("note_missing", _("It is not said why."), _("Write a note for the proposer."))),
        after=(_("Tell the proposer."),), args=("note",),
    ),
    Verb(
        "AV3", "void", pgettext_lazy("approval", "Void"), _("The proposal changed, or the case went another way."),
        (_S.PENDING,), (_S.VOIDED,), (_R.SYSTEM,), (Clause("proposal_unchanged", _("Nothing has changed."), _("Let it be signed.")),),
        (_("Every signature loses its force."),),
    ),
    Verb(
        "AV4", "expire", pgettext_lazy("approval", "Run out"), _("Nobody of this level answered in time."),
        (_S.PENDING,), (_S.EXPIRED,), (_R.SYSTEM,),
        (Clause("clock_running", _("The time for this is not over yet."), _("Wait until the time is over.")),),
    ),
    Verb(
        "AV5", "ask_next_level", pgettext_lazy("approval", "Ask the next level"), _("The next level is asked."),
        (_S.EXPIRED,), (_S.PENDING,), (_R.SYSTEM,), (Clause("no_next_level", _("There is no higher level."), _("The manager answers.")),),
        (_("Start the clock."),), (_("Tell the approvers."),),
    ),
)
# fmt: on

APPROVAL = Machine(
    name="approval",
    label=_("Approval"),
    help=_("Signatures of distinct people of a minimum rank, over exactly what they saw."),
    states=STATES,
    verbs=VERBS,
    start=_S.PENDING,
    terminals=(_S.APPROVED, _S.REFUSED, _S.VOIDED),
    is_shown_to_customers=False,
    declared_in="workflows/machines/approval.py",
    rules=(
        _("Each step has a number, a role and a minimum rank; each is signed by another person."),
        _("The amount and the digest of the proposal are kept; any change voids the approval."),
    ),
)
