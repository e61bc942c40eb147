"""What each clause of the guards means in rows. Importing this binds all of them."""

from workflows.cases.clauses import (  # noqa: F401 - each binds its own
    appeal,
    approval,
    deciding,
    inspecting,
    inspection,
    intake,
    outbound,
    parcel,
    recovery,
    refund,
    repair,
    returning,
    review,
)
from workflows.cases.clauses.binding import against, function_of, reasons_of

__all__ = ["against", "function_of", "reasons_of"]
