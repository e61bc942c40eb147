"""Guards of one line of an inspection."""

from workflows.cases.asking import Asking
from workflows.cases.clauses.binding import against
from workflows.models import InspectionLine, Outbound

MISSING = InspectionLine.Fault.MISSING


@against("more_than_expected", needs=("quantity",))
def counts_too_many(asking: Asking) -> bool:
    """A line is about one piece."""
    return asking.given("quantity") not in (0, 1)


@against("grade_missing", needs=("grade",))
def has_no_grade(asking: Asking) -> bool:
    """What is not there has none."""
    return asking.given("grade") not in InspectionLine.Grade.values and asking.row.fault != MISSING


@against("serial_differs")
def has_another_serial(asking: Asking) -> bool:
    """Only where we know what was sent out."""
    known = known_serials(asking.row)
    return bool(known) and asking.row.serial not in known


@against("inspection.photos_missing", needs=("photos",))
def has_no_photo(asking: Asking) -> bool:
    return not asking.given("photos")


@against("same_inspector")
def inspected_it_themselves(asking: Asking) -> bool:
    return asking.by is not None and asking.row.inspected_by_id == asking.by.pk


@against("place_missing", needs=("disposition",))
def has_no_place(asking: Asking) -> bool:
    return asking.given("disposition") not in InspectionLine.Disposition.values


def known_serials(line: InspectionLine) -> set[str]:
    """The serials under which this piece, or what replaced it, went out."""
    unit = line.claim.unit
    told = line.claim.case.snapshot.get("serials", {}).get(str(unit.pk))
    sent = Outbound.objects.filter(units__unit=unit.replaces_id).values_list("serials", flat=True) if unit.replaces_id else ()
    return {serial for serials in sent for serial in serials} | ({told} if told else set())
