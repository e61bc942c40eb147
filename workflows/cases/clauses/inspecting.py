"""Guards of the inspection of a case, and of its split."""

from workflows.cases.asking import Asking
from workflows.cases.clauses.binding import against
from workflows.cases.inspections import expected_claims, is_good, is_recorded, lines_now
from workflows.machines.table import Role
from workflows.models import InspectionLine, Task

# The task that tells the inspector that the customer wants the goods back.
WITHDRAWAL = "withdrawal"


@against("not_your_task")
def is_somebody_elses(asking: Asking) -> bool:
    owned = Task.objects.filter(case=asking.case, role=Task.Role.WAREHOUSE, done_at__isnull=True, owner__isnull=False)
    owners = set(owned.exclude(kind=WITHDRAWAL).values_list("owner_id", flat=True))
    return bool(owners) and Role.INTEGRATION not in asking.roles and asking.by.pk not in owners


@against("unit_unrecorded")
def has_pieces_without_a_result(asking: Asking) -> bool:
    lines = lines_now(asking.case)
    return any(not is_recorded(lines.get(claim.pk)) for claim in expected_claims(asking.claims))


@against("remainder_inside")
def has_pieces_that_failed(asking: Asking) -> bool:
    """Pieces that a verdict has accepted stay; everything else that is not as it should be becomes a case of its own."""
    lines = lines_now(asking.case)
    results = [lines.get(claim.pk) for claim in expected_claims(asking.claims)]
    return any(is_recorded(line) and not is_good(line) for line in results)


@against("nothing_wrong")
def found_nothing_wrong(asking: Asking) -> bool:
    lines = lines_now(asking.case)
    has_failed = any(is_recorded(line) and not is_good(line) for line in lines.values())
    return not has_failed and not Task.objects.filter(case=asking.case, kind=WITHDRAWAL).exists()


@against("case.photos_missing")
def shows_no_photo(asking: Asking) -> bool:
    failed = [line.pk for line in lines_now(asking.case).values() if is_recorded(line) and not is_good(line)]
    return InspectionLine.objects.filter(pk__in=failed, photos__isnull=True).exists()


@against("no_remainder", needs=("units",))
def leaves_no_remainder(asking: Asking) -> bool:
    inside = {claim.unit_id for claim in expected_claims(asking.claims)}
    moving = set(asking.given("units") or ())
    return not moving or not moving < inside
