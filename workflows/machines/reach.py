"""What must hold for a machine before any row of it exists: pure functions over the tables that return what is wrong, in words."""

from collections.abc import Callable, Iterable, Iterator

from workflows.machines.table import Machine, Role, Verb

GOODS_MOVED = "goods_moved"


def states_from(machine: Machine, start: Iterable[str], *, through: Callable[[Verb], bool] = lambda verb: True) -> set[str]:
    """Every state that can be reached from these, themselves included, by the verbs that ``through`` lets pass."""
    found, waiting = set(start), list(start)
    while waiting:
        state = waiting.pop()
        for (source, target), verbs in machine.moves.items():
            if source == state and target not in found and any(map(through, verbs)):
                found.add(target)
                waiting.append(target)
    return found


def odd_rows(machine: Machine) -> Iterator[str]:
    """Rows that name what does not exist, or that come twice."""
    names = [state.name for state in machine.states]
    yield from (f"{name} is declared twice" for name in twice(names))
    yield from (f"{key} comes twice" for key in twice([key for verb in machine.verbs for key in {verb.id, verb.name}]))
    for verb in machine.verbs:
        unknown = {*verb.sources, *verb.targets, *(each for move in verb.never for each in move)} - set(names)
        yield from (f"{verb.id} names the unknown state {name}" for name in sorted(unknown))
    yield from (
        f"{name} is no state" for name in sorted({machine.start, *machine.terminals, *machine.satisfied, *machine.also_born} - set(names))
    )


def twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def unreachable_states(machine: Machine) -> Iterator[str]:
    """States into which no way leads from the start."""
    found = states_from(machine, [machine.start])
    yield from (f"{state.name} cannot be reached" for state in machine.states if state.name not in found)


def dead_ends(machine: Machine) -> Iterator[str]:
    """States that are no end and from which none can be reached."""
    for state in machine.states:
        if state.name not in machine.terminals and not states_from(machine, [state.name]) & set(machine.terminals):
            yield f"{state.name} cannot finish"


def unowned_states(machine: Machine) -> Iterator[str]:
    """States of a machine with clocks that nobody owns, that no clock watches, or whose clock leads nowhere."""
    for state in machine.states:
        if not machine.has_clocks or state.name in machine.terminals:
            continue
        if not state.owners:
            yield f"{state.name} has no owner"
        if state.clock is None or not state.expiry:
            yield f"{state.name} has no clock"
        if state.expiry_verb:
            yield from _odd_expiry(machine, state.name, state.expiry_verb)


def _odd_expiry(machine: Machine, state: str, key: str) -> Iterator[str]:
    verb = next((each for each in machine.verbs if each.id == key), None)
    if verb is None or state not in verb.sources_for(Role.SYSTEM) or Role.SYSTEM not in verb.roles:
        yield f"the system cannot use {key} when the clock of {state} is over"
    elif verb.adverse:
        yield f"time alone decides against the customer in {state}: {key}"


def verdicts_by_machines(machine: Machine) -> Iterator[str]:
    """Verbs with which a machine would refuse a claim: the system never, an integration neither a verdict nor money."""
    for verb in machine.verbs:
        is_verdict = verb.adverse or "rejected" in verb.targets
        if is_verdict and Role.SYSTEM in verb.roles:
            yield f"{verb.id} lets the system decide against the customer"
        if (is_verdict or verb.money) and Role.INTEGRATION in verb.roles:
            yield f"{verb.id} lets an integration decide or move money"


def withdrawals_too_late(machine: Machine, *, by: str = "C12") -> Iterator[str]:
    """States in which a parcel has moved for certain, or may have moved without the guard asking, and that still allow the withdrawal."""
    withdraw = machine.verb(by)
    entered = {target for verb in machine.verbs if verb.sets_goods_moving for _source, target in verb.moves}
    before = states_from(machine, [machine.start], through=lambda verb: not verb.sets_goods_moving)
    may_have_moved = states_from(machine, entered)
    asks = GOODS_MOVED in {clause.code for clause in withdraw.guards}
    for source in withdraw.sources:
        if source in entered or source not in before:
            yield f"{by} is possible in {source}, where a parcel has moved"
        elif source in may_have_moved and not asks:
            yield f"{by} does not ask whether a parcel has moved in {source}"


def unproven_voids(machine: Machine, *, sent: str = "submitting", voided: str = "voided", proof: str = "R15") -> Iterator[str]:
    """Ways by which money that may have been sent counts as unpaid without the proof."""
    if voided in states_from(machine, [sent], through=lambda verb: verb.id != proof):
        yield f"{voided} can be reached from {sent} without {proof}"
    if voided not in states_from(machine, [sent]):
        yield f"{voided} cannot be reached from {sent} at all"


def forged_gates(machine: Machine, *, allowed: frozenset[str]) -> Iterator[str]:
    """Verbs that a procedure may hold up although it must not, and gateable ones that do not ask for it."""
    for verb in machine.verbs:
        asks = "flow.step_pending" in {clause.code for clause in verb.guards}
        if verb.gateable != (verb.id in allowed) or (asks != verb.gateable):
            yield f"{verb.id} is gateable: {verb.gateable}, asks for open steps: {asks}"
