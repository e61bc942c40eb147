"""The words that count, from ``data/zh.json`` and ``data/en.json``, and finding all of them in one pass.

A file holds ``words`` (lists of forms by the name of their group; ``*`` at the end: and whatever follows), ``patterns`` (bounded
expressions by group), and ``rules``: a group that is a signal by itself, or two groups that are one together. Groups named in
``unless`` take a rule back. ``docs/emotion.md`` says how the rules are read.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "data"
FILES = ("zh.json", "en.json")
WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
Forms = dict[str, tuple[str, ...]]


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
        self.version = ".".join(str(file["version"]) for file in files)
        self.simple = {old: new for file in files for old, new in file.get("simple", {}).items()}
        self.rules = tuple(_rule(each) for file in files for each in file["rules"])
        self._patterns = tuple(
            (re.compile(pattern), (group,))
            for file in files
            for group, patterns in file.get("patterns", {}).items()
            for pattern in patterns
        )
        self._forms: Forms = {}
        self._stems: Forms = {}
        for group, form in ((group, form) for file in files for group, forms in file["words"].items() for form in forms):
            known = self._stems if form.endswith("*") else self._forms
            stem = form.removesuffix("*")
            known[stem] = (*known.get(stem, ()), group)
        self._lengths = _lengths_by_start({*self._forms, *self._stems})

    @cached_property
    def groups(self) -> frozenset[str]:
        """The names of all groups that have forms or patterns."""
        found = [*self._forms.values(), *self._stems.values(), *(groups for _pattern, groups in self._patterns)]
        return frozenset(group for groups in found for group in groups)

    def find(self, text: str) -> list[Hit]:
        """Every form in a folded text by place, without those that are only a part of a longer one."""
        hits = [*self._find_forms(text), *self._find_patterns(text)]
        hits.sort(key=lambda hit: (hit.start, -hit.end))
        kept: list[Hit] = []
        furthest = 0
        for hit in hits:
            if hit.end > furthest:
                kept.append(hit)
                furthest = hit.end
            elif kept and (hit.start, hit.end) == (kept[-1].start, kept[-1].end):
                kept.append(hit)
        return kept

    def _find_forms(self, text: str) -> Iterator[Hit]:
        """Look at each place only for the lengths of forms that begin with its character; Latin forms begin and end with a word."""
        forms, stems, lengths, size = self._forms, self._stems, self._lengths, len(text)
        before = ""
        for start, first in enumerate(text):
            is_inside = before in WORD and first in WORD
            before = first
            if is_inside or first not in lengths:
                continue
            for length in lengths[first]:
                end = start + length
                if end > size:
                    continue
                piece = text[start:end]
                if piece in stems:
                    yield Hit(start, _end_of_word(text, end), stems[piece])
                if piece in forms and not (piece[-1] in WORD and text[end : end + 1] in WORD):
                    yield Hit(start, end, forms[piece])

    def _find_patterns(self, text: str) -> Iterator[Hit]:
        for pattern, groups in self._patterns:
            for found in pattern.finditer(text):
                yield Hit(found.start(), found.end(), groups)


def _end_of_word(text: str, end: int) -> int:
    while text[end : end + 1] in WORD:
        end += 1
    return end


def _lengths_by_start(forms: set[str]) -> dict[str, tuple[int, ...]]:
    lengths: dict[str, set[int]] = {}
    for form in forms:
        lengths.setdefault(form[0], set()).add(len(form))
    return {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}


def _rule(values: dict) -> Rule:
    return Rule(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def read_lexicon() -> Lexicon:
    """The lexicon as shipped."""
    return Lexicon([json.loads((FOLDER / name).read_text(encoding="utf-8")) for name in FILES])
