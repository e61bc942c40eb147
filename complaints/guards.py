"""Guards of the floors above: what they know against a verb ("a parcel is on its way"), rows to lock before the complaint, and what
ends together with it.

Registered in ``AppConfig.ready`` of the app above; nothing is imported from there.
"""

from collections.abc import Callable, Iterable
from typing import Any

from complaints.models import Complaint
from foundation.exceptions import Reason

Guard = Callable[[Complaint, Any], Iterable[Reason]]
Locker = Callable[[Complaint], Any]
Carrier = Callable[..., bool]

_guards: dict[str, list[Guard]] = {}
_lockers: dict[str, list[Locker]] = {}
_carriers: dict[str, list[Carrier]] = {}


def register(verb: str, guard: Guard, *, locks: Locker | None = None, carries: Carrier | None = None) -> None:
    """Let ``guard(complaint, by)`` speak against a verb; ``locks(complaint)`` runs before the complaint itself is locked.

    ``carries(complaint, by=, as_customer=, reason=)`` does above what the verb means there, and says whether it wrote anything.
    """
    _guards.setdefault(verb, []).append(guard)
    if carries is not None:
        _carriers.setdefault(verb, []).append(carries)
    if locks is not None:
        _lockers.setdefault(verb, []).append(locks)


def unregister(verb: str, guard: Guard) -> None:
    """Take a guard back; its locks stay harmless."""
    _guards.get(verb, []).remove(guard)


def reasons_from_above(verb: str, complaint: Complaint, by: Any) -> list[Reason]:
    """What the floors above have against a verb."""
    return [reason for guard in _guards.get(verb, ()) for reason in guard(complaint, by)]


def lock_above(verb: str, complaint: Complaint) -> None:
    """Lock the rows of the floors above that come before the complaint in the order of locks."""
    for locks in _lockers.get(verb, ()):
        locks(complaint)


def carry_along(verb: str, complaint: Complaint, **how: Any) -> bool:
    """Let the floors above do what the verb means for their rows, in its transaction. True: the complaint has to be read anew."""
    wrote = [carries(complaint, **how) for carries in _carriers.get(verb, ())]
    return any(wrote)
