"""What a case still waits for: the join of its tracks, read under the lock of the case."""

from workflows.cases.asking import Asking
from workflows.cases.quantities import read_quantities
from workflows.machines import MACHINES
from workflows.models.moves import Declared

FAILED = {"refund": {"failed", "bounced"}, "outbound": {"out_of_stock", "lost"}, "repair": {"irreparable"}}
# Ends that owe nothing any more, besides those that the table says satisfy the join.
CALLED_OFF = {"refund": {"voided"}, "outbound": {"cancelled"}, "repair": {"irreparable"}}
_machines = {machine.name: machine for machine in MACHINES}


def customer_tracks(asking: Asking) -> list[Declared]:
    """The tracks that the customer waits for; recoveries and approvals are not among them."""
    return [*asking.refunds, *asking.outbounds, *asking.repairs]


def open_tracks(asking: Asking) -> list[Declared | str]:
    """Tracks that are owed and not done well; the words ``refund`` and ``outbound`` where something is owed that no row stands for."""
    found: list[Declared | str] = [row for row in customer_tracks(asking) if not _is_done(row)]
    quantities = read_quantities(asking.case)
    if quantities.to_refund > 0:
        found.append("refund")
    if quantities.to_ship > 0 and not any(row.machine.name == "outbound" for row in found):
        found.append("outbound")
    return found


def failed_tracks(asking: Asking) -> list[Declared | str]:
    """Tracks that ended badly, and money that is owed while nothing is under way for it."""
    found: list[Declared | str] = [row for row in customer_tracks(asking) if row.state in FAILED.get(row.machine.name, ())]
    if read_quantities(asking.case).to_refund > 0:
        found.append("refund")
    return found


def unfinished_tracks(asking: Asking) -> list[Declared]:
    """Tracks that are not at an end of their table."""
    return [row for row in [*customer_tracks(asking), *asking.parcels] if row.state not in _machines[row.machine.name].terminals]


def _is_done(row: Declared) -> bool:
    machine = _machines[row.machine.name]
    return row.state in machine.satisfied or row.state in CALLED_OFF[machine.name]
