"""What a flow definition is made of: blocks and leaves as frozen values. ``parsing`` makes them from JSON, ``fold`` walks them.

Every leaf, choice and loop has a ``key`` that stays when the text around it changes: steps are stored under it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from workflows.flows.conditions import Condition

PHASES = ("intake", "review", "return", "exception", "settle", "after")
# The verbs that a definition may hold back (C2, C8, C9, C11, C17, C18, C21, C22). No other verb ever waits for a definition.
GATEABLE = frozenset(
    {
        "auto_approve",
        "approve",
        "approve_senior",
        "reject",
        "begin_inspection",
        "pass_inspection",
        "resolve_exception",
        "resend_goods",
    }
)
# What an approval or a blocking task holds back unless it says otherwise: the verbs that lead on from its phase.
FORWARD: Mapping[str, tuple[str, ...]] = {
    "intake": ("auto_approve",),
    "review": ("approve", "approve_senior"),
    "return": ("begin_inspection", "pass_inspection"),
    "exception": ("resolve_exception", "resend_goods"),
    "settle": (),
    "after": (),
}
MOST_ROUNDS = 5
DECIDER = "lead"
ELSE = "else"


@dataclass(frozen=True)
class Leaf:
    """One step of work. ``before`` are the verbs that wait for it."""

    path: str
    key: str
    before: tuple[str, ...] = ()
    done_by: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return type(self).__name__.lower()

    @property
    def gated(self) -> frozenset[str]:
        """The verbs that are refused while this leaf is ahead: only gateable ones, and never those that finish it."""
        return frozenset(self.before) & GATEABLE - frozenset(self.done_by)


@dataclass(frozen=True)
class Task(Leaf):
    """Work of a person with a role or a skill, finished by one of its verbs, its form, or both."""

    name: str = ""
    role: str = ""
    skill: str = ""
    fallback: str = ""
    sla: timedelta | None = None
    form: str = ""
    blocking: bool = False

    @property
    def holder(self) -> str:
        return self.role or self.skill


@dataclass(frozen=True)
class Signature:
    """One signature of an approval."""

    role: str
    rank: int = 0


@dataclass(frozen=True)
class Approve(Leaf):
    """Signatures in order; ``sla`` is the time of each."""

    steps: tuple[Signature, ...] = ()
    distinct: bool = False
    sla: timedelta | None = None


@dataclass(frozen=True)
class Timeout:
    """What happens when an event does not come. ``do`` None: the flow goes on."""

    after: timedelta
    do: "Node | None" = None


@dataclass(frozen=True)
class Wait(Leaf):
    """Waits for an event, or for a time when ``timer`` is set."""

    event: str = ""
    timer: timedelta | None = None
    timeout: Timeout | None = None
    remind: tuple[timedelta, ...] = ()
    notice: str = ""


@dataclass(frozen=True)
class Notify(Leaf):
    """A notice to somebody; finished by being sent."""

    template: str = ""
    audience: str = "customer"


@dataclass(frozen=True)
class Auto(Leaf):
    """A check that the machine makes, or ``auto_approve``, which asks whether the case may be approved by rule."""

    check: str = ""


@dataclass(frozen=True)
class Seq:
    path: str
    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Parallel:
    """Branches side by side. ``join`` is how many must finish; the others are then cancelled."""

    path: str
    parts: tuple["Node", ...]
    join: str | int = "all"

    @property
    def needed(self) -> int:
        return {"all": len(self.parts), "any": 1}.get(self.join, self.join)


@dataclass(frozen=True)
class Loop:
    """The body again until the condition holds, at most ``rounds`` times."""

    path: str
    key: str
    body: "Node"
    until: Condition | None = None
    max: int | None = None

    kind = "loop"
    outcomes = ("again", "end")

    @property
    def rounds(self) -> int:
        return min(self.max or MOST_ROUNDS, MOST_ROUNDS)


@dataclass(frozen=True)
class Branch:
    when: Condition
    do: "Node | None"


@dataclass(frozen=True)
class Choice:
    """The first true branch, or ``otherwise``. ``has_else`` False: the definition does not say what happens then."""

    path: str
    key: str
    branches: tuple[Branch, ...]
    otherwise: "Node | None" = None
    has_else: bool = True

    kind = "choice"

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        return (*map(str, range(len(self.branches))), ELSE)

    def branch(self, outcome: str) -> "Node | None":
        return self.otherwise if outcome == ELSE else self.branches[int(outcome)].do


Node = Seq | Parallel | Loop | Choice | Leaf


def children(node: Node | None) -> tuple[Node, ...]:
    """The nodes directly inside, in the order of the text."""
    inside: tuple[Node | None, ...] = ()
    if isinstance(node, Seq | Parallel):
        inside = node.parts
    elif isinstance(node, Loop):
        inside = (node.body,)
    elif isinstance(node, Choice):
        inside = (*(branch.do for branch in node.branches), node.otherwise)
    elif isinstance(node, Wait) and node.timeout:
        inside = (node.timeout.do,)
    return tuple(child for child in inside if child is not None)


def walk(node: Node | None) -> Iterator[Node]:
    """The node and everything inside, in the order of the text."""
    if node is not None:
        yield node
        for child in children(node):
            yield from walk(child)


def leaves(node: Node | None) -> Iterator[Leaf]:
    return (inner for inner in walk(node) if isinstance(inner, Leaf))


@dataclass(frozen=True)
class Phase:
    """The block tree of one phase."""

    name: str
    root: Node
    keyed: Mapping[str, Leaf | Choice | Loop] = field(init=False, repr=False, compare=False)
    places: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keyed", {node.key: node for node in walk(self.root) if isinstance(node, Leaf | Choice | Loop)})
        object.__setattr__(self, "places", count_places(self.root))


def count_places(node: Node, rounds: int = 1) -> int:
    """How many steps a phase can have at most: each keyed node once in each round of the loops around it."""
    inside = rounds * node.rounds if isinstance(node, Loop) else rounds
    own = 0 if isinstance(node, Seq | Parallel) else inside
    return own + sum(count_places(child, inside) for child in children(node))


@dataclass(frozen=True)
class Definition:
    """A whole flow: a tree for each phase that it speaks about."""

    phases: Mapping[str, Phase]
