"""Which case has a unit: one open case at a time."""

from typing import TYPE_CHECKING

from foundation.exceptions import RefusedError
from workflows.machines.spine_clauses import SUBMIT
from workflows.models import RefundableUnit

if TYPE_CHECKING:
    from workflows.services.act import CaseAct

TAKEN = next(clause for clause in SUBMIT if clause.code == "units_taken")


def reserve_units(act: "CaseAct") -> None:
    """Claim every unit of the case by a conditional UPDATE: of two cases that want one unit, one gets it and the other is refused."""
    case = act.case
    wanted = list(RefundableUnit.objects.filter(claims__case=case).order_by("pk").values_list("pk", flat=True))
    mine = RefundableUnit.objects.filter(pk__in=wanted, reserved_by=case).count()
    if RefundableUnit.objects.filter(pk__in=wanted, reserved_by__isnull=True).update(reserved_by=case) + mine != len(wanted):
        raise RefusedError([TAKEN.reason()])


def release_units(act: "CaseAct") -> None:
    """Let others claim what this case had; what was paid back stays so in the unit's own counters."""
    RefundableUnit.objects.filter(reserved_by=act.case).update(reserved_by=None)
