"""Guards of an appeal: whoever decided before does not decide again, and both sides have had their time."""

from workflows.cases.asking import Asking
from workflows.cases.clauses.binding import against
from workflows.models import Appeal, ApprovalStep, Resolution


@against("deadline_missing", needs=("due",))
def sets_no_time(asking: Asking) -> bool:
    due = asking.given("due")
    return due is None or due <= asking.at


@against("evidence_running")
def still_has_time(asking: Asking) -> bool:
    """Either side may end its own time by answering; a person may go on when both have."""
    until = asking.row.evidence_until
    return until is not None and until > asking.at and not asking.given("both_answered")


@against("decided_before")
def decided_before(asking: Asking) -> bool:
    """Anybody whose name is under an earlier decision of this case: resolution, signature or appeal."""
    if not asking.is_staff:
        return False
    case, by = asking.case, asking.by
    resolved = Resolution.objects.filter(case=case, decided_by=by).exists() or Resolution.objects.filter(case=case, proposed_by=by).exists()
    signed = ApprovalStep.objects.filter(approval__case=case, signed_by=by).exists()
    return resolved or signed or Appeal.objects.filter(case=case, decided_by=by).exists()


@against("reasons_missing", needs=("reasons",))
def gives_no_reasons(asking: Asking) -> bool:
    return not str(asking.given("reasons") or "").strip()
