"""Guards of submitting a case and of what the machine may do with it alone."""

from orders.models import Payment
from workflows.cases.asking import Asking
from workflows.cases.clauses.binding import against
from workflows.machines.table import Role
from workflows.models import CheckResult
from workflows.policies.evidence import evidence_lacks

Answer = CheckResult.Answer


@against("not_own_order")
def has_another_order(asking: Asking) -> bool:
    return asking.case.order_id != asking.case.complaint.order_id


@against("not_paid")
def has_no_payment(asking: Asking) -> bool:
    return not Payment.objects.filter(order=asking.case.order_id, status=Payment.Status.CAPTURED, amount_fen__gt=0).exists()


@against("type_unknown")
def knows_no_such_reason(asking: Asking) -> bool:
    policy = asking.case.policy
    return policy.published_at is None or asking.case.reason not in policy.reasons


@against("evidence_missing")
def lacks_evidence(asking: Asking) -> bool:
    return bool(evidence_lacks(asking.case))


@against("no_quantity")
def claims_nothing(asking: Asking) -> bool:
    return not asking.claims


@against("units_taken")
def claims_what_is_taken(asking: Asking) -> bool:
    return any(claim.unit.reserved_by_id not in (None, asking.case.pk) for claim in asking.claims)


@against("request_missing", needs=("request",))
def cites_no_request(asking: Asking) -> bool:
    """Whoever acts on behalf of the customer says how they asked for it."""
    is_on_behalf = asking.is_staff and Role.CUSTOMER not in asking.roles and Role.INTEGRATION not in asking.roles
    return is_on_behalf and not str(asking.given("request") or "").strip()


@against("check_open")
def has_a_check_open(asking: Asking) -> bool:
    return not asking.checks or any(result.answer != Answer.PASS for result in asking.checks)


@against("window_closed")
def is_too_late(asking: Asking) -> bool:
    return asking.case.is_out_of_window


@against("above_auto_limit")
def is_above_auto_limit(asking: Asking) -> bool:
    return asking.args["resolution"].total_fen > asking.case.policy.auto_limit_fen if "resolution" in asking.args else False


@against("risk_not_low")
def is_risky(asking: Asking) -> bool:
    return not any(result.check_code == "risk" and result.answer == Answer.PASS for result in asking.checks)


@against("policy_unsigned")
def is_unsigned(asking: Asking) -> bool:
    return asking.case.policy.published_by_id is None


@against("input_generated")
def was_generated(asking: Asking) -> bool:
    return any(result.basis.get("generated") for result in asking.checks)


@against("checks_running")
def still_checks(asking: Asking) -> bool:
    """All checks have answered, or their minute is over."""
    has_time = asking.case.submitted_at is not None and (asking.at - asking.case.submitted_at).total_seconds() < 60
    return has_time and not set(asking.case.policy.checks) <= {result.check_code for result in asking.checks}
