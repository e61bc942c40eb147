"""Where the states and arrows of a machine stand in a picture: layers from top to bottom, a rank of its own for every label.

Each arrow is cut into pieces between neighbouring ranks, and its label is a stop on the way with a width. Two things of one rank
never touch, and pieces run only between ranks, so no label lies on a state, on another label, or under an arrow of another move.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

GAP = 14
SWEEPS = 60
STRAIGHT = 8


@dataclass
class Stop:
    """A state, a label, or a bend of an arrow, in one rank. ``x`` is its middle."""

    key: tuple
    rank: int
    width: int
    x: float = 0
    above: list["Stop"] = field(default_factory=list)
    below: list["Stop"] = field(default_factory=list)

    @property
    def is_state(self) -> bool:
        return self.key[0] == "state"

    @property
    def is_label(self) -> bool:
        return self.key[0] == "label"


@dataclass(frozen=True)
class Arrow:
    """The stops of one move from the upper state to the lower one; ``points_up`` when it leads back."""

    source: str
    target: str
    stops: tuple[Stop, ...]
    points_up: bool

    @property
    def label(self) -> Stop:
        return next(stop for stop in self.stops if stop.is_label)


@dataclass(frozen=True)
class Layout:
    ranks: tuple[tuple[Stop, ...], ...]
    arrows: tuple[Arrow, ...]
    width: int


def lay_out(names: list[str], moves: list[tuple[str, str]], *, state_width: Callable, label_width: Callable) -> Layout:
    """Place states and arrows. ``names`` in the order in which they should come from top to bottom; moves that stay are not drawn."""
    moves = [move for move in moves if move[0] != move[1]]
    layers = find_layers(names, moves)
    ranks = [[] for _ in range(2 * max(layers.values()) + 1)]
    states = {name: Stop(("state", name), 2 * layers[name], state_width(name)) for name in names}
    for stop in states.values():
        ranks[stop.rank].append(stop)
    arrows = [
        _draw_way(move, states, ranks, label_width(move)) for move in sorted(moves, key=lambda move: abs(layers[move[0]] - layers[move[1]]))
    ]
    untangle(ranks)
    width = spread(ranks)
    return Layout(tuple(map(tuple, ranks)), tuple(arrows), width)


def find_layers(names: list[str], moves: list[tuple[str, str]]) -> dict[str, int]:
    """A layer for each state: one below everything that comes earlier in the table and is joined to it by a move."""
    layers = {}
    for place, name in enumerate(names):
        earlier = names[:place]
        joined = [layers[other] for other in earlier if (other, name) in moves or (name, other) in moves]
        layers[name] = max(joined, default=-1) + 1
    return layers


def _draw_way(move: tuple[str, str], states: dict[str, Stop], ranks: list[list[Stop]], width: int) -> Arrow:
    """Stops for one move; its label goes into the emptiest of the ranks between the two states."""
    upper, lower = sorted((states[move[0]], states[move[1]]), key=lambda stop: stop.rank)
    chosen = min(range(upper.rank + 1, lower.rank, 2), key=lambda rank: sum(stop.width + GAP for stop in ranks[rank]))
    way = [upper]
    for rank in range(upper.rank + 1, lower.rank):
        stop = Stop(("label", move), rank, width) if rank == chosen else Stop(("bend", move, rank), rank, 2)
        ranks[rank].append(stop)
        way.append(stop)
    way.append(lower)
    for one, other in pairwise(way):
        one.below.append(other)
        other.above.append(one)
    return Arrow(*move, tuple(way), points_up=states[move[0]] is lower)


def untangle(ranks: list[list[Stop]]) -> None:
    """Order each rank by the middle of its neighbours, to and fro, and keep the order with the fewest crossings."""
    best, fewest = [list(rank) for rank in ranks], count_crossings(ranks)
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        for rank in ranks if downward else reversed(ranks):
            places = _places(ranks)
            rank.sort(key=lambda stop: _middle(stop.above if downward else stop.below, places, places[id(stop)]))
        crossings = count_crossings(ranks)
        if crossings < fewest:
            best, fewest = [list(rank) for rank in ranks], crossings
    ranks[:] = best


def _places(ranks: list[list[Stop]]) -> dict[int, float]:
    return {id(stop): (place + 0.5) / len(rank) for rank in ranks for place, stop in enumerate(rank)}


def _middle(neighbours: list[Stop], places: dict[int, float], default: float) -> float:
    return sum(places[id(stop)] for stop in neighbours) / len(neighbours) if neighbours else default


def count_crossings(ranks: list[list[Stop]]) -> int:
    """How often two pieces between the same two ranks cross."""
    total = 0
    for rank, following in pairwise(ranks):
        place = {id(stop): number for number, stop in enumerate(following)}
        ends = [sorted(place[id(stop)] for stop in upper.below) for upper in rank]
        seen: list[int] = []
        for group in ends:
            total += sum(earlier > end for end in group for earlier in seen)
            seen.extend(group)
    return total


def spread(ranks: list[list[Stop]]) -> int:
    """Give each stop an x near its neighbours without anything of one rank touching; returns the width of the whole."""
    for rank in ranks:
        settle(rank, [0.0] * len(rank))
    for sweep in range(SWEEPS):
        for rank in ranks if sweep % 2 == 0 else reversed(ranks):
            settle(rank, [_wanted(stop) for stop in rank])
    left = min(stop.x - stop.width / 2 for rank in ranks for stop in rank)
    for rank in ranks:
        for stop in rank:
            stop.x = round(stop.x - left)
    return round(max(stop.x + stop.width / 2 for rank in ranks for stop in rank))


def _wanted(stop: Stop) -> float:
    """The middle of the neighbours; a bend follows the bends beside it, so that long arrows run straight."""
    pulls = [(other.x, 1 if stop.is_state or other.is_state else STRAIGHT) for other in stop.above + stop.below]
    return sum(x * pull for x, pull in pulls) / sum(pull for _x, pull in pulls) if pulls else stop.x


def settle(rank: list[Stop], wanted: list[float]) -> None:
    """The places nearest to the wanted ones that keep order and distance: pool neighbours that would touch (isotonic regression)."""
    offsets, reach = [], 0.0
    for one, other in pairwise([None, *rank]):
        reach += 0 if one is None else (one.width + other.width) / 2 + GAP
        offsets.append(reach)
    pools: list[list[float]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        pools.append([want - offset, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            value, size = pools.pop()
            pools[-1] = [(pools[-1][0] * pools[-1][1] + value * size) / (pools[-1][1] + size), pools[-1][1] + size]
    places = [value for value, size in pools for _ in range(int(size))]
    for stop, place, offset in zip(rank, places, offsets, strict=True):
        stop.x = place + offset
