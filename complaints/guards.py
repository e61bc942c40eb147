"""Guards of the floors above: what they know against a verb ("a parcel is on its way"), and rows to lock before the complaint.

Registered in ``AppConfig.ready`` of the app above; nothing is imported from there.
"""

from collections.abc import Callable, Iterable
from typing import Any

from complaints.models import Complaint
from foundation.exceptions import Reason

Guard = Callable[[Complaint, Any], Iterable[Reason]]
Locker = Callable[[Complaint], Any]

_guards: dict[str, list[Guard]] = {}
_lockers: dict[str, list[Locker]] = {}


def register(verb: str, guard: Guard, *, locks: Locker | None = None) -> None:
    """Let ``guard(complaint, by)`` speak against a verb; ``locks(complaint)`` runs before the complaint itself is locked."""
    _guards.setdefault(verb, []).append(guard)
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
