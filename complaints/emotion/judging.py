"""Applying the rules of the lexicon to what was found in one text."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from complaints.emotion.lexicon import Hit, Rule

END_OF = {"sentence": re.compile(r"[。！？!?；;\n…]|\.(?:\s|$)"), "clause": re.compile(r"[。！？!?；;\n…,，、：:]|\.(?:\s|$)")}
# How far apart two forms may stand that belong to one sentence.
FURTHEST = 80
MOST_OF_A_RULE = 20


class Finding(NamedTuple):
    """A rule that holds, with the folded places of the words that make it hold."""

    rule: Rule
    hits: tuple[Hit, ...]


class Judgement:
    """The rules that hold in one folded text. Every look aside is bounded by a window or a search in a sorted list."""

    def __init__(self, text: str, hits: Iterable[Hit]) -> None:
        self.text = text
        self.steps = 0
        self._by_group: dict[str, list[Hit]] = {}
        for hit in hits:
            for group in hit.groups:
                self._by_group.setdefault(group, []).append(hit)
        self._starts = {group: [hit.start for hit in found] for group, found in self._by_group.items()}

    def findings(self, rules: Iterable[Rule]) -> list[Finding]:
        """What holds, each place once for each rule; a rule that holds twenty times holds."""
        return [finding for rule in rules if rule.group in self._by_group for finding in islice(self._apply(rule), MOST_OF_A_RULE)]

    def _apply(self, rule: Rule) -> Iterator[Finding]:
        for hit in self._by_group[rule.group]:
            self.steps += 1
            hits = self._complete(rule, hit)
            if hits and not self._is_taken_back(rule, *sorted(hits)):
                yield Finding(rule, hits)

    def _complete(self, rule: Rule, hit: Hit) -> tuple[Hit, ...]:
        """The hit itself, or with the nearest one that the rule wants beside it; nothing when that is missing."""
        if not rule.beside:
            return (hit,)
        found = self._by_group.get(rule.beside)
        if not found:
            return ()
        starts = self._starts[rule.beside]
        first = bisect_left(starts, hit.end if rule.order == "before" else hit.start - rule.window)
        for other in found[first : bisect_right(starts, hit.end + rule.window)]:
            self.steps += 1
            if other is not hit and self._is_together(rule, *sorted((hit, other))):
                return (hit, other)
        return ()

    def _is_together(self, rule: Rule, one: Hit, other: Hit) -> bool:
        gap = other.start - one.end
        return 0 <= gap <= rule.window and not END_OF[rule.within].search(self.text, one.end, other.start)

    def _is_taken_back(self, rule: Rule, hit: Hit, other: Hit | None = None) -> bool:
        if any(self._stands_before(group, hit, rule.reach) or self._stands_between(group, hit, other) for group in rule.unless):
            return True
        return any(self._stands_near(group, hit) for group in rule.unless_near)

    def _stands_between(self, group: str, hit: Hit, other: Hit | None) -> bool:
        starts = self._starts.get(group)
        if not starts or other is None:
            return False
        self.steps += 1
        position = bisect_right(starts, hit.start)
        return position < len(starts) and self._by_group[group][position].end <= other.start

    def _stands_before(self, group: str, hit: Hit, reach: int) -> bool:
        """Whether a form of the group ends at most ``reach`` characters before, with nothing but words between."""
        starts = self._starts.get(group)
        if not starts:
            return False
        self.steps += 1
        position = bisect_left(starts, hit.start) - 1
        if position < 0:
            return False
        before = self._by_group[group][position]
        return 0 <= hit.start - before.end <= reach and not END_OF["clause"].search(self.text, before.end, hit.start)

    def _stands_near(self, group: str, hit: Hit) -> bool:
        """Whether the nearest form of the group before or behind is in the same sentence."""
        starts = self._starts.get(group)
        if not starts:
            return False
        self.steps += 1
        position = bisect_left(starts, hit.start)
        around = self._by_group[group][max(position - 1, 0) : position + 2]
        return any(self._is_in_one_sentence(*sorted((hit, other))) for other in around if other is not hit)

    def _is_in_one_sentence(self, one: Hit, other: Hit) -> bool:
        return other.start - one.end <= FURTHEST and not END_OF["sentence"].search(self.text, one.end, max(one.end, other.start))
