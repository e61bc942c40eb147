"""The part of a text that answers a query, with what was searched marked."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.search.text import IS_HAN, LATIN, PARTS, normalise, stem

LENGTH = {"zh": 90, "en": 180}
LEAD = 0.2
STARTS = re.compile(r"(?<=[。！？!?；;\n])|(?<=\. )")


@dataclass(frozen=True)
class Span:
    """A piece of text that either matches what was searched or does not."""

    text: str
    is_match: bool


def mark(text: str, terms: Iterable[str]) -> list[Span]:
    """A whole text, with the terms marked where they stand."""
    return _spans(text, _matches(text, _worth_marking(terms)), 0, len(text))


def excerpt(text: str, terms: Iterable[str], *, language: str) -> list[Span]:
    """About two lines of a text, those with most of the terms; its beginning where it has none."""
    length = LENGTH[language]
    matches = _matches(text, _worth_marking(terms))
    start = _best_start(text, matches, length)
    end = min(len(text), start + length)
    spans = _spans(text, [each for each in matches if each[0] >= start and each[1] <= end], start, end)
    before, after = [Span("…", False)][: start > 0], [Span("…", False)][: end < len(text)]
    return [*before, *spans, *after]


def _worth_marking(terms: Iterable[str]) -> set[str]:
    """A single Han character is marked only where nothing longer was searched: 的 stands everywhere."""
    every = set(terms)
    longer = {term for term in every if len(term) > 1 or not IS_HAN.match(term)}
    return longer or every


def _matches(text: str, terms: set[str]) -> list[tuple[int, int, str]]:
    """Start, end and term of everything that matches, in the places of the text as it is written."""
    plain, places = _placed(text)
    found = []
    for start, end, term in _found_in(plain, terms):
        found.append((places[start], places[end - 1] + 1, term))
    return found


def _found_in(plain: str, terms: set[str]) -> Iterator[tuple[int, int, str]]:
    if pattern := _pattern(frozenset(term for term in terms if IS_HAN.match(term) or not term[0].isalnum())):
        for match in pattern.finditer(plain):
            yield match.start(1), match.end(1), match.group(1)
    latin = {term for term in terms if term[0].isalnum() and not IS_HAN.match(term)}
    if not latin:
        return
    for run in LATIN.finditer(plain):
        text = run.group()
        if text.isalpha():
            if text in latin or stem(text) in latin:
                yield run.start(), run.end(), stem(text)
        elif "".join(PARTS.findall(text)) in latin:
            yield run.start(), run.end(), text
        else:
            for part in PARTS.finditer(text):
                if stem(part.group()) in latin:
                    yield run.start() + part.start(), run.start() + part.end(), stem(part.group())


@lru_cache(maxsize=16)
def _pattern(terms: frozenset[str]) -> re.Pattern | None:
    """Finds terms also where they overlap: 退货 and 货物 in 退货物流."""
    every = sorted(terms, key=len, reverse=True)
    return re.compile(f"(?=({'|'.join(map(re.escape, every))}))") if every else None


def _placed(text: str) -> tuple[str, Sequence[int]]:
    """The normalised text, and for each of its characters the place that it comes from."""
    plain = normalise(text)
    if len(plain) == len(text):
        return plain, range(len(text))
    pieces = [_one(character) for character in text]
    return "".join(pieces), [place for place, piece in enumerate(pieces) for _character in piece]


@lru_cache(maxsize=30_000)
def _one(character: str) -> str:
    return normalise(character)


def _best_start(text: str, matches: list[tuple[int, int, str]], length: int) -> int:
    best, most = 0, 0
    for place, (start, _end, _term) in enumerate(matches):
        within = {term for begin, end, term in matches[place : place + 40] if end <= start + length * (1 - LEAD)}
        if len(within) > most:
            best, most = start, len(within)
    return _sentence_start(text, best, room=int(length * LEAD)) if best + length * (1 - LEAD) > length else 0


def _sentence_start(text: str, place: int, *, room: int) -> int:
    """Where the sentence around a place begins, if that is near; else a little before the place."""
    earliest = max(0, place - room)
    starts = [each.start() + earliest for each in STARTS.finditer(text[earliest:place])]
    return starts[0] if starts and earliest else earliest


def _spans(text: str, matches: list[tuple[int, int, str]], start: int, end: int) -> list[Span]:
    spans, place = [], start
    for begin, stop in _merged(matches):
        if begin > place:
            spans.append(Span(text[place:begin], False))
        spans.append(Span(text[begin:stop], True))
        place = stop
    if place < end:
        spans.append(Span(text[place:end], False))
    return spans


def _merged(matches: list[tuple[int, int, str]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for begin, stop, _term in sorted(matches):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(stop, joined[-1][1])
        else:
            joined.append((begin, stop))
    return joined
