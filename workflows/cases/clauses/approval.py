"""Guards of signing: who may, and whether what they sign is still what was proposed."""

from workflows.cases.asking import Asking
from workflows.cases.clauses.binding import against
from workflows.machines.table import INCLUDES, Role


@against("rank_too_low")
def has_no_step(asking: Asking) -> bool:
    """Some unsigned step must be for a role that the signer has or includes."""
    if not asking.is_staff:
        return False
    acting = asking.roles | {included for role in asking.roles for included in INCLUDES.get(role, ())}
    return not any(step.role in acting for step in asking.row.steps.filter(signed_by__isnull=True))


@against("signed_already")
def has_signed(asking: Asking) -> bool:
    return asking.is_staff and asking.row.steps.filter(signed_by=asking.by).exists()


@against("approval.proposal_changed", needs=("proposal_hash",))
def sees_something_else(asking: Asking) -> bool:
    return asking.row.digest != asking.given("proposal_hash")


@against("approval.chain_open")
def has_unsigned_steps(asking: Asking) -> bool:
    """Signing a step is how the chain closes; only the end of it needs every step."""
    return not asking.given("is_signing") and asking.row.steps.filter(signed_by__isnull=True).exists()


@against("proposal_unchanged")
def would_void_for_nothing(asking: Asking) -> bool:
    return not asking.given("has_changed") and asking.case.state == "pending_approval"


@against("approval.clock_running")
def still_has_time(asking: Asking) -> bool:
    return asking.row.due_at is None or asking.row.due_at > asking.at


@against("no_next_level")
def is_at_the_top(asking: Asking) -> bool:
    return not asking.row.steps.filter(signed_by__isnull=True).exclude(role=Role.MANAGER).exists()
