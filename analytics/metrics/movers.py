"""Top movers: how much each value of a dimension added to the change against the days before.

Contribution of a value: the figure as it is, less the figure as it would be if this value alone had the distribution that it had before,
scaled to as many as it has now.
"""

from dataclasses import dataclass
from datetime import datetime

from .asking import Asked, Key
from .keeping import Counted, read
from .questions import Filters, Span
from .registry import Metric
from .results import FEW, Result
from .sources import Tallies, merged
from .tallies import Tally


@dataclass(frozen=True)
class Mover:
    """What one value of a dimension added, in the unit of the figure."""

    value: str
    contribution: float


def find_movers(
    metric: Metric, span: Span, filters: Filters, split: str, *, as_of: datetime, source: int = 0
) -> tuple[list[Mover], Counted]:
    """Values of a dimension by the size of what they added to the change, the largest first; none where there are too few to compare."""
    counted = read(Asked(metric, (span, span.before()), filters, (split,), source).question, metric.needs, as_of=as_of)
    return _movers(metric, counted.tallies or {}), counted


def _movers(metric: Metric, tallies: Tallies) -> list[Mover]:
    now, before = _of(tallies, 0), _of(tallies, 1)
    whole = _headline(metric, list(now.values()))
    if whole is None or min(_number(metric, tallies) for tallies in (now, before)) < FEW:
        return []
    movers = [_mover(metric, whole, now, before, key) for key in now]
    return sorted((each for each in movers if each.contribution), key=lambda each: (-abs(each.contribution), each.value))


def _number(metric: Metric, tallies: dict[Key, Tally]) -> int:
    return metric.measure(merged(tallies.values(), metric.family)).n


def _mover(metric: Metric, whole: float, now: dict[Key, Tally], before: dict[Key, Tally], key: Key) -> Mover:
    others = [tally for other, tally in now.items() if other != key]
    replaced = [*others, _scaled(before[key], now[key])] if key in before else others
    without = _headline(metric, replaced)
    return Mover(key[0], 0.0 if without is None else whole - without)


def _scaled(before: Tally, now: Tally) -> Tally:
    """What was before, as many as there are now. Whole numbers, so that shares stay shares."""
    factor = now.facts / before.facts if before.facts else 0
    scaled = Tally(before.family, facts=now.facts, standing=before.standing)
    scaled.usual_ms = round(before.usual_ms * factor)
    scaled.beside = {name: round(value * factor) for name, value in before.beside.items()}
    scaled.sums = {name: round(value * factor) for name, value in before.sums.items()}
    scaled.counts = {number: round(count * factor) for number, count in before.counts.items()}
    return scaled


def _headline(metric: Metric, tallies: list[Tally]) -> float | None:
    result: Result = metric.measure(merged(tallies, metric.family))
    return result.p90 if metric.unit == "s" and result.p90 is not None else result.value


def _of(tallies: Tallies, place: int) -> dict[Key, Tally]:
    return {key: tally for (span, key), tally in tallies.items() if span == place}
