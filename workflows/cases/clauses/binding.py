"""The words of a clause stand in the tables; here each gets the function that finds out whether it holds.

``@against("appeal_open")`` binds a code for every machine, ``@against("appeal.evidence_running")`` for one. The function answers whether
the clause speaks against the verb. ``needs`` are arguments without which it cannot tell; a rehearsal leaves it out then.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from foundation.exceptions import Forbidden, Reason
from workflows.cases.asking import Asking
from workflows.machines.table import Clause, Machine

Speaks = Callable[[Asking], bool]


@dataclass(frozen=True)
class Bound:
    speaks: Speaks
    needs: tuple[str, ...] = ()


_bound: dict[str, Bound] = {}


def against(*codes: str, needs: tuple[str, ...] = ()) -> Callable[[Speaks], Speaks]:
    """Bind the decorated function to these codes."""

    def bind(speaks: Speaks) -> Speaks:
        for code in codes:
            if code in _bound and _bound[code].speaks.__module__ != speaks.__module__:
                raise ValueError(f"two functions are bound to {code!r}")
            _bound[code] = Bound(speaks, needs)
        return speaks

    return bind


def function_of(machine: Machine, clause: Clause) -> Bound:
    """What finds out whether a clause holds; a clause that nothing is bound to is a mistake, not a permission."""
    found = _bound.get(f"{machine.name}.{clause.code}") or _bound.get(clause.code)
    if found is None:
        raise LookupError(f"no function is bound to the clause {machine.name}.{clause.code}")
    return found


def reasons_of(asking: Asking) -> Iterator[Reason]:
    """Every clause of the verb's guard that speaks against it, none left out after the first."""
    for clause in asking.verb.guards:
        bound = function_of(asking.machine, clause)
        if asking.is_rehearsal and bound.needs:
            continue
        if bound.speaks(asking):
            yield (Forbidden if clause.forbids else Reason)(clause.code, clause.text, clause.cure)
