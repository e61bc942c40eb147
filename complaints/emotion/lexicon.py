"""The words that count, from ``data/zh*.json`` and ``data/en*.json``, and finding all of them in one pass.

A file holds ``words`` (lists of forms by the name of their group; ``*`` at the end: and whatever follows), ``patterns`` (bounded
expressions by group), and ``rules``: a group that is a signal by itself, or two groups that are one together. Groups named in
``unless`` take a rule back. Words in ``fragile`` count with a slip, too. ``docs/emotion.md`` says how the rules are read.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from complaints.emotion.slips import Slips

FOLDER = Path(__file__).parent / "data"
FILES = ("zh.json", "zh_threat.json", "zh_safety.json", "en.json", "en_threat.json", "en_safety.json")
WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
Forms = dict[str, tuple[str, ...]]
SHORT, LONG = 2, 4


@dataclass(frozen=True, slots=True)
class Rule:
    """When ``group`` (with ``beside`` within ``window`` characters, in ``order``) means ``signal``.

    ``within`` says what must not stand between the two: the end of a "sentence" or of a "clause". ``unless`` names groups that
    take the rule back when they stand between the two, or up to ``reach`` characters before in the same clause; those of
    ``unless_near`` do so anywhere in the sentence.
    """

    id: str
    signal: str
    group: str
    weight: int = 0
    beside: str = ""
    window: int = 0
    order: str = "either"
    within: str = "sentence"
    unless: tuple[str, ...] = ()
    reach: int = 0
    unless_near: tuple[str, ...] = ()


class Hit(NamedTuple):
    """A form of the lexicon in the folded text."""

    start: int
    end: int
    groups: tuple[str, ...]


class Lexicon:
    """All forms and rules of all files."""

    def __init__(self, files: list[dict]) -> None:
        self.version = ".".join(str(file["version"]) for file in files if "version" in file)
        self.simple = {old: new for file in files for old, new in file.get("simple", {}).items()}
        self.rules = tuple(_rule(each) for file in files for each in file["rules"])
        self._patterns = tuple(
            (re.compile("|".join(f"(?:{pattern})" for pattern in patterns)), (group,))
            for file in files
            for group, patterns in file.get("patterns", {}).items()
        )
        self._forms: Forms = {}
        self._stems: Forms = {}
        slips = Slips(*([word for file in files for word in file.get(name, ())] for name in ("fragile", "not_slips")))
        for file in files:
            self._learn(file["words"], slips)
        self._lengths = _lengths_by_start({*self._forms, *self._stems})
        self._single = frozenset(form for form in self._forms if len(form) == 1)

    def _learn(self, words: dict[str, list[str]], slips: Slips) -> None:
        for group, form in ((group, form) for group, forms in words.items() for each in forms for form in slips.spellings(each)):
            known = self._stems if form.endswith("*") else self._forms
            stem = form.removesuffix("*")
            groups = known.get(stem, ())
            if group not in groups:
                known[stem] = (*groups, group)

    @cached_property
    def groups(self) -> frozenset[str]:
        """The names of all groups that have forms or patterns."""
        found = [*self._forms.values(), *self._stems.values(), *(groups for _pattern, groups in self._patterns)]
        return frozenset(group for groups in found for group in groups)

    def find(self, text: str) -> list[Hit]:
        """What a folded text holds, by place: forms that are not only a part of a longer form, and patterns that are not one either.

        A pattern is a view of many words and hides none of them.
        """
        forms = _without_parts(self._find_forms(text))
        patterns = [hit for hit in self._find_patterns(text) if not _is_within(hit, forms)]
        return sorted([*forms, *patterns], key=_by_place) if patterns else forms

    def _find_forms(self, text: str) -> Iterator[Hit]:
        """Look at each place only for the lengths of forms that begin with its first characters; Latin forms begin and end with a word."""
        forms, stems, lengths, single, size = self._forms, self._stems, self._lengths, self._single, len(text)
        before = ""
        for start, first in enumerate(text):
            is_latin = first in WORD
            if is_latin and before in WORD:
                continue  # inside a word; ``before`` stays a letter or digit
            before = first
            begun = lengths.get(text[start : start + SHORT], ())
            if is_latin:
                begun += lengths.get(text[start : start + LONG], ())
            for length in begun:
                end = start + length
                if end > size:
                    continue
                piece = text[start:end]
                if piece in stems:
                    yield Hit(start, _end_of_word(text, end), stems[piece])
                if piece in forms and not (piece[-1] in WORD and text[end : end + 1] in WORD):
                    yield Hit(start, end, forms[piece])
            if first in single:
                yield Hit(start, start + 1, forms[first])

    def _find_patterns(self, text: str) -> Iterator[Hit]:
        for pattern, groups in self._patterns:
            for found in pattern.finditer(text):
                yield Hit(found.start(), found.end(), groups)


def _end_of_word(text: str, end: int) -> int:
    while text[end : end + 1] in WORD:
        end += 1
    return end


def _by_place(hit: Hit) -> tuple[int, int]:
    return hit.start, -hit.end


def _without_parts(hits: Iterable[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    furthest = 0
    for hit in sorted(hits, key=_by_place):
        if hit.end > furthest:
            kept.append(hit)
            furthest = hit.end
        elif kept and (hit.start, hit.end) == (kept[-1].start, kept[-1].end):
            kept.append(hit)
    return kept


def _is_within(hit: Hit, forms: list[Hit]) -> bool:
    """Whether a longer form holds all of ``hit``; kept forms end in the order in which they begin, so only the last one before it can."""
    place = bisect_right(forms, hit.start, key=lambda form: form.start) - 1
    return place >= 0 and forms[place].end >= hit.end and forms[place].end - forms[place].start > hit.end - hit.start


def _lengths_by_start(forms: set[str]) -> dict[str, tuple[int, ...]]:
    """By the first two characters, as most Han forms have few that begin alike; Latin ones by four if they have them."""
    lengths: dict[str, set[int]] = {}
    for form in forms:
        if len(form) > 1:
            size = LONG if form[0] in WORD and len(form) >= LONG else SHORT
            lengths.setdefault(form[:size], set()).add(len(form))
    return {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}


def _rule(values: dict) -> Rule:
    return Rule(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def read_lexicon() -> Lexicon:
    """The lexicon as shipped."""
    return Lexicon([json.loads((FOLDER / name).read_text(encoding="utf-8")) for name in FILES])
