"""Guards of the review: what an agent may decide alone, what a chain must sign, and when nobody may refuse."""

from workflows.cases.asking import Asking
from workflows.cases.clauses.binding import against
from workflows.cases.proposals import Proposal, amounts_of
from workflows.cases.windows import is_within_statutory_window
from workflows.flows.gates import gates_on
from workflows.machines.refund import RefundState
from workflows.models import Approval, CheckResult
from workflows.money.authority import remaining

ASKS_PER_REVISION = 2
# A refund in these states can still be called off, or has ended.
RECALLABLE = frozenset({RefundState.PENDING_APPROVAL, RefundState.ARMED, RefundState.SUCCEEDED, RefundState.VOIDED})
BEFORE_SENDING = frozenset({RefundState.PENDING_APPROVAL, RefundState.ARMED, RefundState.VOIDED})
OPEN_APPEALS = frozenset({"opened", "evidence", "deciding"})


@against("flow.step_pending")
def waits_for_a_step(asking: Asking) -> bool:
    return bool(gates_on(asking.case, asking.verb.name))


@against("asked_twice")
def was_asked_twice(asking: Asking) -> bool:
    return asking.case.asked_count >= ASKS_PER_REVISION


@against("nothing_named", needs=("items",))
def names_nothing(asking: Asking) -> bool:
    return not asking.given("items")


@against("nothing_added", needs=("items",))
def adds_nothing(asking: Asking) -> bool:
    return not asking.given("items")


@against("clock_running")
def has_time_left(asking: Asking) -> bool:
    """Only the clock itself says that the time is over."""
    return not asking.given("is_over")


@against("proposal_incomplete", needs=("proposal",))
def is_incomplete(asking: Asking) -> bool:
    """A grant names units or money; a refusal its reason, rule and evidence."""
    proposal = asking.given("proposal")
    if proposal is None or not proposal.is_grant:
        return proposal is None or not all(proposal.basis.get(name) for name in ("reason", "rule", "evidence"))
    own = {claim.unit_id for claim in asking.claims}
    return not set(proposal.unit_ids) <= own or not (proposal.unit_ids or proposal.total_fen) or exceeds_worth(asking, proposal)


@against("no_approval_needed", needs=("proposal",))
def needs_no_approval(asking: Asking) -> bool:
    """For amounts beyond the actor's authority, and wherever policy, procedure or law ask for a second signature."""
    proposal, case = asking.given("proposal"), asking.case
    if proposal is None:
        return False
    if not proposal.is_grant:
        return not is_within_statutory_window(case, asking.at)
    asks = case.policy.approvers or case.is_out_of_window or not is_eligible(asking) or gates_on(case, "approve")
    return not asks and not _is_beyond(asking, proposal)


@against("not_eligible", needs=("resolution",))
def is_not_provided_for(asking: Asking) -> bool:
    return not is_eligible(asking) and not str(asking.given("override_reason") or "").strip()


@against("above_authority", needs=("resolution",))
def exceeds_authority(asking: Asking) -> bool:
    """Also where the policy wants a chain whatever the amount, and never more than the units are worth.

    Paying again what was decided before decides nothing.
    """
    proposal = asking.given("resolution")
    if proposal is None or asking.given("verdict") == "retry_payment":
        return False
    return bool(asking.case.policy.approvers) or _is_beyond(asking, proposal) or exceeds_worth(asking, proposal)


@against("own_case")
def is_the_customer(asking: Asking) -> bool:
    """Staff who buy here decide nothing about their own orders."""
    mine = {getattr(asking.by, "email", "").lower(), getattr(asking.by, "phone", "")} - {""}
    complaint = asking.case.complaint
    return bool(mine & {complaint.contact_email.lower(), complaint.contact_phone})


@against("not_a_grant")
def grants_nothing(asking: Asking) -> bool:
    return asking.proposal is None or not asking.proposal.is_grant


@against("case.chain_open")
def has_unsigned_steps(asking: Asking) -> bool:
    """The signature that is being given now counts as given: it is the last one."""
    if asking.approval is None:
        return True
    return asking.approval.steps.filter(signed_by__isnull=True).count() > (1 if asking.given("is_last") else 0)


@against("own_proposal")
def proposed_it_themselves(asking: Asking) -> bool:
    approval = asking.row if isinstance(asking.row, Approval) else asking.approval
    return asking.by is not None and approval is not None and approval.asked_by_id == asking.by.pk


@against("case.proposal_changed", needs=("proposal_hash",))
def has_changed(asking: Asking) -> bool:
    return asking.approval is None or asking.proposal is None or asking.proposal.digest != asking.given("proposal_hash")


@against("note_missing", needs=("note",))
def says_nothing(asking: Asking) -> bool:
    return not str(asking.given("note") or "").strip()


@against("reason_missing", needs=("reason",))
def has_no_reason(asking: Asking) -> bool:
    return not asking.given("reason")


@against("rule_missing", needs=("rule_version",))
def has_no_rule(asking: Asking) -> bool:
    return not asking.given("rule_version")


@against("facts_missing", needs=("evidence",))
def has_no_evidence(asking: Asking) -> bool:
    return not asking.given("evidence")


@against("second_person")
def needs_a_second_person(asking: Asking) -> bool:
    """Within the statutory window only a proposal that somebody else signs refuses a customer."""
    if not is_within_statutory_window(asking.case, asking.at):
        return False
    proposal, approval = asking.proposal, asking.approval
    is_proposed = proposal is not None and not proposal.is_grant and approval is not None and approval.state in ("pending", "approved")
    return not (asking.case.state == "pending_approval" and is_proposed and asking.by and approval.asked_by_id != asking.by.pk)


@against("refund_sent")
def has_sent_money(asking: Asking) -> bool:
    allowed = RECALLABLE if asking.verb.adverse else BEFORE_SENDING
    return any(refund.state not in allowed for refund in asking.refunds)


@against("appeal_open")
def has_an_open_appeal(asking: Asking) -> bool:
    return any(appeal.state in OPEN_APPEALS for appeal in asking.appeals)


@against("goods_moved")
def has_moved_goods(asking: Asking) -> bool:
    return any(parcel.state not in ("expected", "cancelled") for parcel in asking.parcels)


def is_eligible(asking: Asking) -> bool:
    """No check that was made says no."""
    return not any(result.answer == CheckResult.Answer.FAIL for result in asking.checks)


def exceeds_worth(asking: Asking, proposal: Proposal) -> bool:
    """The money for the units is at most what they are still worth; a typed amount may only be lower."""
    own = {claim.unit_id: claim.unit for claim in asking.claims}
    worth = sum(own[pk].entitled_fen - own[pk].refunded_fen for pk in proposal.unit_ids if pk in own)
    return proposal.amount_fen > worth


def _is_beyond(asking: Asking, proposal: Proposal) -> bool:
    """Whether somebody may grant this much alone; the limits of goodwill and of a case are apart."""
    amounts = amounts_of(asking.case, proposal)
    return any(amount > remaining(asking.by, asking.case, scope=scope) for scope, amount in amounts.items() if amount)
