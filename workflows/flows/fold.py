"""The interpreter of flow definitions: a pure fold of the stored steps of one visit of a phase over its tree.

The same steps and facts give the same marking, in whatever order the steps come. A step that is done stays done. A definition can only
hold back the gateable verbs; it fires nothing.

What is decided counts once: a choice that is made is stored as a step with its outcome and does not move with the facts afterwards.
Leaving a phase ends its visit; entering it again starts the next one with fresh steps.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import singledispatchmethod

from workflows.flows.conditions import Facts, truth
from workflows.flows.tree import ELSE, Choice, Leaf, Loop, Node, Notify, Parallel, Phase, Seq, Wait

OPEN, DONE, SKIPPED, CANCELLED = "open", "done", "skipped", "cancelled"
FINISHED = {DONE, SKIPPED}
STATUSES = (CANCELLED, OPEN, SKIPPED, DONE)
TIMED_OUT = "timeout"


@dataclass(frozen=True, order=True)
class Place:
    """A node in one round of the loops around it, counted from 1."""

    key: str
    round: int = 1


@dataclass(frozen=True)
class Step:
    """What is stored of one node: unique by phase, visit, key and round."""

    phase: str
    visit: int
    key: str
    round: int = 1
    status: str = OPEN
    outcome: str = ""

    @property
    def place(self) -> Place:
        return Place(self.key, self.round)

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED


@dataclass(frozen=True, order=True)
class Gate:
    """A verb that is refused until the node at this place is finished."""

    verb: str
    key: str
    round: int = 1


@dataclass(frozen=True)
class Marking:
    """Where a visit stands. ``decided`` are the choices that the facts have made and that are not stored yet, with their outcomes.

    ``open`` holds leaves, and choices and loops whose condition is unknown: there a person chooses.
    ``cancelled`` are stored open steps that nothing needs any more.
    """

    open: tuple[Place, ...]
    done: tuple[Place, ...]
    gates: tuple[Gate, ...]
    decided: tuple[tuple[Place, str], ...] = ()
    cancelled: tuple[Place, ...] = ()
    is_finished: bool = False

    @property
    def gated_verbs(self) -> frozenset[str]:
        return frozenset(gate.verb for gate in self.gates)

    def gates_on(self, verb: str) -> tuple[Gate, ...]:
        return tuple(gate for gate in self.gates if gate.verb == verb)


@dataclass(frozen=True)
class Moves:
    """What has to be written so that the stored steps agree with the marking.

    ``create`` holds whole steps: open ones, notices and decisions that are done at once. Each notice in it is to be sent, once.
    """

    create: tuple[Step, ...]
    cancel: tuple[Step, ...]


@dataclass(frozen=True)
class _View:
    """What is known of one subtree."""

    is_finished: bool = True
    open: frozenset[Place] = frozenset()
    decided: frozenset[tuple[Place, str]] = frozenset()
    gates: frozenset[Gate] = frozenset()

    def __add__(self, other: "_View") -> "_View":
        is_finished = self.is_finished and other.is_finished
        return _View(is_finished, self.open | other.open, self.decided | other.decided, self.gates | other.gates)


def fold(tree: Phase, steps: Iterable[Step], facts: Facts, *, visit: int = 1) -> Marking:
    """What is open, done and held back in this visit of the phase. Steps of other phases, visits or unknown keys do not count."""
    rows = _rows(tree, steps, visit)
    view = _Walk(tree, rows, facts).enter(tree.root, 1)
    return Marking(
        open=tuple(sorted(view.open)),
        done=tuple(sorted(place for place, step in rows.items() if step.is_finished)),
        gates=tuple(sorted(view.gates)),
        decided=tuple(sorted(view.decided)),
        cancelled=tuple(sorted(place for place, step in rows.items() if step.status == OPEN and place not in view.open)),
        is_finished=view.is_finished,
    )


def advance(tree: Phase, steps: Iterable[Step], facts: Facts, *, visit: int = 1) -> Moves:
    """The steps to create and to cancel, taken to the point where nothing more follows. A second call then answers nothing.

    Open steps of other phases and earlier visits are cancelled too: the case has left them. A cancelled step that is needed
    again comes back in ``create``.
    """
    stored = tuple(steps)
    fresh: dict[Place, Step] = {}
    for _pass in range(tree.places + 1):
        marking = fold(tree, (*stored, *fresh.values()), facts, visit=visit)
        found = _missing(tree, marking, (*stored, *fresh.values()), visit)
        if not found:
            break
        fresh |= found
    needed = set(marking.open)
    create = [step for place, step in fresh.items() if step.is_finished or place in needed]
    cancel = [step for step in stored if step.status == OPEN and not (_is_here(step, tree, visit) and step.place in needed)]
    return Moves(tuple(sorted(create, key=_order)), tuple(sorted(cancel, key=_order)))


def options(choice: Choice, facts: Facts) -> tuple[str, ...]:
    """The outcomes that the facts leave open, in the order of the branches. One alone is the decision."""
    found = []
    for outcome, branch in zip(choice.outcomes, choice.branches, strict=False):
        verdict = truth(branch.when, facts)
        if verdict is not False:
            found.append(outcome)
        if verdict:
            return tuple(found)
    return (*found, ELSE)


def closed_by(tree: Phase, marking: Marking, verb: str) -> tuple[Place, ...]:
    """The open leaves that this verb finishes: tasks that name it, waits for it."""
    return tuple(place for place in marking.open if _ends_with(tree.keyed[place.key], verb))


def _ends_with(node: Node, verb: str) -> bool:
    return (isinstance(node, Leaf) and verb in node.done_by) or (isinstance(node, Wait) and node.event == verb)


def _order(step: Step) -> tuple:
    return (step.phase, step.visit, step.key, step.round)


def _is_here(step: Step, tree: Phase, visit: int) -> bool:
    return step.phase == tree.name and step.visit == visit


def _rows(tree: Phase, steps: Iterable[Step], visit: int) -> dict[Place, Step]:
    """The steps that count here. Of two for one place the further one counts, so that their order does not matter."""
    rows: dict[Place, Step] = {}
    for step in steps:
        if _is_here(step, tree, visit) and _is_sound(tree, step):
            rows[step.place] = max(rows.get(step.place, step), step, key=lambda one: (STATUSES.index(one.status), one.outcome))
    return rows


def _is_sound(tree: Phase, step: Step) -> bool:
    """A cancelled step counts as none, and a decision only with an outcome that the node has."""
    node = tree.keyed.get(step.key)
    if node is None or step.status not in STATUSES or step.status == CANCELLED:
        return False
    return isinstance(node, Leaf) or not step.is_finished or step.outcome in node.outcomes


def _missing(tree: Phase, marking: Marking, steps: Iterable[Step], visit: int) -> dict[Place, Step]:
    """Steps that the marking speaks of and that are not stored. A notice is done by being made."""
    rows = _rows(tree, steps, visit)
    found = {place: Step(tree.name, visit, place.key, place.round, DONE, outcome) for place, outcome in marking.decided}
    for place in marking.open:
        if place not in rows:
            status = DONE if isinstance(tree.keyed[place.key], Notify) else OPEN
            found[place] = Step(tree.name, visit, place.key, place.round, status)
    return found


class _Walk:
    """One walk over the tree. ``enter`` is for nodes that the flow has reached, ``peek`` for those that may still come."""

    def __init__(self, tree: Phase, rows: Mapping[Place, Step], facts: Facts) -> None:
        self.tree, self.rows, self.facts = tree, rows, facts

    def outcome(self, node: Choice | Loop, number: int) -> str | None:
        """What was decided here before, "" while a person is asked, None when nothing is stored."""
        step = self.rows.get(Place(node.key, number))
        if step is None:
            return None
        return step.outcome if step.is_finished else ""

    def is_done(self, leaf: Leaf, number: int) -> bool:
        step = self.rows.get(Place(leaf.key, number))
        return step is not None and step.is_finished

    @singledispatchmethod
    def enter(self, node: None, number: int) -> _View:
        return _View()

    @enter.register
    def _(self, node: Leaf, number: int) -> _View:
        if self.is_done(node, number):
            return _View()
        return _View(False, frozenset({Place(node.key, number)}), gates=self.gates_of(node, number))

    @enter.register
    def _(self, node: Wait, number: int) -> _View:
        if not self.is_done(node, number):
            return _View(False, frozenset({Place(node.key, number)}), gates=self.peek(node, number))
        has_timed_out = self.rows[Place(node.key, number)].outcome == TIMED_OUT
        return self.enter(node.timeout.do, number) if has_timed_out and node.timeout else _View()

    @enter.register
    def _(self, node: Seq, number: int) -> _View:
        whole = _View()
        for at, part in enumerate(node.parts):
            whole += self.enter(part, number)
            if not whole.is_finished:
                ahead = (self.peek(later, number) for later in node.parts[at + 1 :])
                return replace(whole, gates=whole.gates.union(*ahead))
        return whole

    @enter.register
    def _(self, node: Parallel, number: int) -> _View:
        """Once enough branches are finished the others count no more: their open steps are not needed."""
        views = [self.enter(part, number) for part in node.parts]
        finished = [view for view in views if view.is_finished]
        return sum(finished if len(finished) >= node.needed else views, _View())

    @enter.register
    def _(self, node: Choice, number: int) -> _View:
        place, stored = Place(node.key, number), self.outcome(node, number)
        if stored:
            return self.enter(node.branch(stored), number)
        left = options(node, self.facts)
        if stored is None and len(left) == 1:
            return _View(decided=frozenset({(place, left[0])})) + self.enter(node.branch(left[0]), number)
        return _View(False, frozenset({place}), gates=self.peek(node, number))

    @enter.register
    def _(self, node: Loop, number: int) -> _View:
        whole, first = _View(), (number - 1) * node.rounds + 1
        for turn in range(first, first + node.rounds):
            whole += self.enter(node.body, turn)
            is_last = turn == first + node.rounds - 1
            if is_last:
                return whole
            verdict = self.verdict(node, turn)
            if not whole.is_finished:
                return whole if verdict == "end" else replace(whole, gates=whole.gates | self.peek(node.body, turn + 1))
            whole += self.decide(node, turn, verdict)
            if verdict != "again":
                return whole
        return whole

    def verdict(self, node: Loop, turn: int) -> str:
        """Whether the loop goes round again after this turn: "again", "end", or "" while only a person can say."""
        stored = self.outcome(node, turn)
        if stored is not None:
            return stored
        is_enough = None if node.until is None else truth(node.until, self.facts)
        return "" if is_enough is None else ("end" if is_enough else "again")

    def decide(self, node: Loop, turn: int, verdict: str) -> _View:
        place = Place(node.key, turn)
        if not verdict:
            return _View(False, frozenset({place}), gates=self.peek(node.body, turn + 1))
        return _View() if self.outcome(node, turn) else _View(decided=frozenset({(place, verdict)}))

    def gates_of(self, leaf: Leaf, number: int) -> frozenset[Gate]:
        return frozenset(Gate(verb, leaf.key, number) for verb in leaf.gated)

    @singledispatchmethod
    def peek(self, node: None, number: int) -> frozenset[Gate]:
        """The gates that may still come, with the facts as they are now; what is unknown counts as coming."""
        return frozenset()

    @peek.register
    def _(self, node: Leaf, number: int) -> frozenset[Gate]:
        return frozenset() if self.is_done(node, number) else self.gates_of(node, number)

    @peek.register
    def _(self, node: Wait, number: int) -> frozenset[Gate]:
        if not self.is_done(node, number):
            return self.gates_of(node, number).union(self.peek(node.timeout and node.timeout.do, number))
        return self.enter(node, number).gates

    @peek.register
    def _(self, node: Seq | Parallel, number: int) -> frozenset[Gate]:
        return frozenset().union(*(self.peek(part, number) for part in node.parts))

    @peek.register
    def _(self, node: Choice, number: int) -> frozenset[Gate]:
        stored = self.outcome(node, number)
        left = (stored,) if stored else options(node, self.facts)
        return frozenset().union(*(self.peek(node.branch(outcome), number) for outcome in left))

    @peek.register
    def _(self, node: Loop, number: int) -> frozenset[Gate]:
        return self.peek(node.body, (number - 1) * node.rounds + 1)
