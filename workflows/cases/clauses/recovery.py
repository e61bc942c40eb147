"""Guards of getting back what somebody else owes."""

from workflows.cases.asking import Asking
from workflows.cases.clauses.binding import against
from workflows.models import CasePolicy


@against("claim_incomplete")
def lacks_proof(asking: Asking) -> bool:
    row = asking.row
    return not (row.debtor and row.amount_fen and (asking.given("proof") or row.proof)) and not asking.is_rehearsal


@against("advance_paid")
def was_paid_in_advance(asking: Asking) -> bool:
    return asking.case.policy.type == CasePolicy.Type.ADVANCE_PAYOUT and any(refund.state == "succeeded" for refund in asking.refunds)


@against("answer_missing", needs=("answer",))
def has_no_answer(asking: Asking) -> bool:
    return not str(asking.given("answer") or "").strip()


@against("amount_differs_claim", needs=("amount",))
def is_no_possible_amount(asking: Asking) -> bool:
    amount = asking.given("amount")
    left = asking.row.amount_fen - asking.row.collected_fen
    is_whole = asking.verb.name == "collect"
    return not isinstance(amount, int) or amount <= 0 or amount > left or (amount != left if is_whole else amount == left)


@against("write_off_unapproved", needs=("approved_by",))
def was_not_approved(asking: Asking) -> bool:
    """A second person gives a claim up."""
    approver = asking.given("approved_by")
    return approver is None or approver == asking.by
