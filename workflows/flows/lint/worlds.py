"""Which facts lead where: a node's needs, and the worlds, made of boundary values, in which they hold.

Conditions compare a field with fixed values only, so the boundary values on both sides of each show every different answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from math import prod
from typing import Any

from workflows.flows.conditions import Condition, boundaries, truth
from workflows.flows.tree import ELSE, Choice, Leaf, Loop, Node, Parallel, Seq, children, walk

MOST_WORLDS = 20_000

# What must be true or false so that a flow comes to a node.
Needs = tuple[tuple[Condition, bool], ...]
World = Mapping[str, Any]


class TooManyWorldsError(Exception):
    """The conditions name more combinations than a check may take time for."""


def worlds(conditions: Iterable[Condition], fixed: Mapping[str, Iterable[Any]] | None = None) -> Iterator[World]:
    """Every combination of boundary values. ``fixed`` gives the values of a field, whether a condition asks it or not."""
    values = boundaries(*conditions) | {name: tuple(given) for name, given in (fixed or {}).items()}
    if prod(map(len, values.values())) > MOST_WORLDS:
        raise TooManyWorldsError
    for combination in product(*values.values()):
        yield dict(zip(values, combination, strict=True))


def holds(needs: Needs, world: World) -> bool:
    return all(truth(condition, world) is wanted for condition, wanted in needs)


def is_possible(needs: Needs, fixed: Mapping[str, Iterable[Any]] | None = None) -> bool:
    return any(holds(needs, world) for world in worlds([condition for condition, _wanted in needs], fixed))


def needs_of(choice: Choice, outcome: str) -> Needs:
    """What makes a choice come out so: its own condition, and none of those before it."""
    last = len(choice.branches) if outcome == ELSE else int(outcome)
    earlier = tuple((branch.when, False) for branch in choice.branches[:last])
    return earlier if outcome == ELSE else (*earlier, (choice.branches[last].when, True))


def ways(choice: Choice) -> Iterator[tuple[Node | None, Needs]]:
    return ((choice.branch(outcome), needs_of(choice, outcome)) for outcome in choice.outcomes)


def guarded(node: Node | None, needs: Needs = ()) -> Iterator[tuple[Node, Needs]]:
    """Every node with what leads to it."""
    if node is None:
        return
    yield node, needs
    inside = ways(node) if isinstance(node, Choice) else ((child, ()) for child in children(node))
    for child, own in inside:
        yield from guarded(child, needs + own)


def conditions_in(node: Node) -> list[Condition]:
    """Every condition of the choices inside."""
    return [branch.when for inner in walk(node) if isinstance(inner, Choice) for branch in inner.branches]


def sure_leaves(node: Node | None, world: World) -> frozenset[Leaf]:
    """The leaves that are finished whenever the node is, in this world. A branch that others may overtake is not sure."""
    if isinstance(node, Leaf):
        return frozenset({node})
    if isinstance(node, Choice):
        return sure_leaves(next((child for child, needs in ways(node) if holds(needs, world)), None), world)
    if isinstance(node, Parallel) and node.needed < len(node.parts):
        return frozenset()
    if isinstance(node, Seq | Parallel | Loop):
        return frozenset().union(*(sure_leaves(child, world) for child in children(node)))
    return frozenset()


def followed(node: Node | None, later: tuple[Leaf, ...] = ()) -> Iterator[tuple[Leaf, tuple[Leaf, ...]]]:
    """Every leaf with those that open only after it. In a loop that is the whole body, in its next round."""
    if isinstance(node, Leaf):
        yield node, later
    if isinstance(node, Loop):
        later = (*later, *_leaves(node.body))
    for at, child in enumerate(children(node)):
        after = [leaf for part in node.parts[at + 1 :] for leaf in _leaves(part)] if isinstance(node, Seq) else []
        yield from followed(child, (*later, *after))


def _leaves(node: Node) -> tuple[Leaf, ...]:
    return tuple(inner for inner in walk(node) if isinstance(inner, Leaf))
