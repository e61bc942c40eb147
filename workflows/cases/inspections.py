"""What the warehouse has found so far: the newest line of each piece, and which pieces it still owes a result."""

from collections.abc import Iterable

from workflows.machines.inspection import InspectionState
from workflows.models import Case, CaseUnit, InspectionLine

RECORDED = (InspectionState.PASSED, InspectionState.FAILED, InspectionState.DISPOSED)
DECIDED = (CaseUnit.Verdict.ACCEPTED, CaseUnit.Verdict.WAIVED)


def lines_now(case: Case) -> dict[int, InspectionLine]:
    """The newest line of every piece of a case, by the id of its claim."""
    lines = InspectionLine.objects.filter(claim__case=case).select_related("claim__unit__line", "claim__case").order_by("round", "pk")
    return {line.claim_id: line for line in lines}


def expected_claims(claims: Iterable[CaseUnit]) -> list[CaseUnit]:
    """Granted pieces that have to be inspected: freight is no piece, and what was decided already needs no result."""
    return [claim for claim in claims if claim.is_approved and claim.unit.line_id is not None and claim.verdict not in DECIDED]


def is_recorded(line: InspectionLine | None) -> bool:
    return line is not None and line.state in RECORDED


def is_good(line: InspectionLine | None) -> bool:
    return is_recorded(line) and not line.fault
