"""From counts to spikes: each candidate is judged, and what a narrower series explains is folded under it. No query, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .series import Series
from .statistics import Verdict, judge

EXPLAINED = 0.6


@dataclass(frozen=True)
class Found:
    """A series that is a spike now, with the counts that it was judged by."""

    series: Series
    verdict: Verdict
    history: tuple[int, ...]


def find_among(counts: Mapping[Series, int], earlier: Mapping[Series, Sequence[int]]) -> list[Found]:
    """The spikes among the candidates, the farthest out first."""
    judged = [Found(series, judge(count, earlier[series]), tuple(earlier[series])) for series, count in counts.items()]
    found = [each for each in judged if each.verdict.is_spike]
    return sorted(found, key=lambda each: (-(each.verdict.z or 0), each.series.code, each.series.cross, each.series.value))


def fold_broader(found: Iterable[Found], members: Mapping[Series, frozenset[int]]) -> dict[Series, Series]:
    """Which spike is folded under which: a broader one under the narrowest that explains at least 60 % of its excess.

    Broader is what usually has more. What a narrower one explains is its own excess, as far as its complaints are in the broader one.
    """
    heads: list[Found] = []
    folded: dict[Series, Series] = {}
    for each in sorted(found, key=_breadth):
        head = next((head for head in heads if _explains(head, each, members)), None)
        if head is None:
            heads.append(each)
        else:
            folded[each.series] = head.series
    return folded


def _breadth(found: Found) -> tuple:
    """What usually has less comes first; among equals a cross before the whole, then the one with more in it."""
    series = found.series
    return found.verdict.median, not series.cross, -found.verdict.count, series.kind, series.code, series.cross, series.value


def _explains(narrow: Found, broad: Found, members: Mapping[Series, frozenset[int]]) -> bool:
    shared = len(members.get(narrow.series, frozenset()) & members.get(broad.series, frozenset()))
    return min(narrow.verdict.excess, shared) >= EXPLAINED * broad.verdict.excess
