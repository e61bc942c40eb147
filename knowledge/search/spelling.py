"""Puts right what the index does not know: pinyin (tuikuan, tk), slips of the hand, and Han characters that only sound alike.

Only words of the shelf's own lexicon are offered, so nothing is hinted at that the reader may not find.
"""

from collections.abc import Sequence
from itertools import combinations

from django.db import connection

from knowledge.search.lexicon import grams_of, pinyin_of
from knowledge.search.text import PARTS, RUNS, stem

LONGEST_RUN = 40
# A longer sentence in Chinese is found by its other words.
LONGEST_HAN = 12
LONGEST_PINYIN = 24
SHORTEST_SLIP = 4
TWO_SLIPS_FROM = 8
NEAR = 30
# So many unknown words are looked up, the last ones, where somebody is typing; a text with more of them is about something else.
MOST_REPAIRED = 4


def repair(plain: str, *, unknown: frozenset[str], shelves: Sequence[int], is_typing: bool = False) -> str:
    """A normalised query with the words that nothing was found for replaced; the same where there is nothing better."""
    pieces, place = [], 0
    runs = [run for run in RUNS.finditer(plain) if _is_doubtful(run.group(), run.lastgroup, unknown)]
    for run in runs[-MOST_REPAIRED:]:
        pieces.append(plain[place : run.start()])
        place = run.end()
        is_last = is_typing and place == len(plain)
        pieces.append(_better(run.group(), run.lastgroup, unknown=unknown, shelves=shelves, is_typing=is_last))
    return "".join([*pieces, plain[place:]])


def _is_doubtful(text: str, kind: str, unknown: frozenset[str]) -> bool:
    """Whether no document has this run of Han characters, or this word, in whole or in part."""
    if kind == "han":
        return len(text) <= LONGEST_HAN and _is_unknown(text, unknown)
    parts = PARTS.findall(text)
    is_unknown = all(part.isdigit() or stem(part) in unknown for part in parts)
    return kind == "latin" and len(text) <= LONGEST_RUN and is_unknown and any(part.isalpha() for part in parts)


def _better(text: str, kind: str, *, unknown: frozenset[str], shelves: Sequence[int], is_typing: bool) -> str:
    if kind == "han":
        return _same_sound(text, unknown, shelves)
    letters = "".join(part for part in PARTS.findall(text) if not part.isdigit())
    return (
        _by_pinyin(letters, shelves, is_typing=is_typing) or _by_beginning(letters, shelves, is_typing) or _nearest(text, shelves) or text
    )


def _by_pinyin(letters: str, shelves: Sequence[int], *, is_typing: bool) -> str:
    """Han words that are written so in pinyin, the fewest that make up the whole; else the word with these initials."""
    if not letters.isascii():
        return ""
    parts = {letters[start:end] for start, end in combinations(range(len(letters) + 1), 2) if 2 < end - start <= LONGEST_PINYIN}
    rows = _rows("pinyin = ANY(%s) OR initials = %s", [sorted(parts), letters], shelves)
    by_sound = {pinyin: word for word, pinyin, _initials in reversed(rows)}
    by_initials = next((word for word, _pinyin, initials in rows if initials == letters), "")
    return _fewest(letters, by_sound) or by_initials


def _fewest(letters: str, by_sound: dict[str, str]) -> str:
    best: list[list[str] | None] = [[]] + [None] * len(letters)
    for end in range(1, len(letters) + 1):
        ways = [
            [*best[start], by_sound[letters[start:end]]]
            for start in range(end)
            if best[start] is not None and letters[start:end] in by_sound
        ]
        best[end] = min(ways, key=len, default=None)
    return "".join(best[-1] or [])


def _by_beginning(letters: str, shelves: Sequence[int], is_typing: bool) -> str:
    """While somebody types: the most frequent word that begins so, or sounds so."""
    if not is_typing or len(letters) < 3 or not letters.isascii():
        return ""
    rows = _rows("word LIKE %s OR pinyin LIKE %s", [f"{letters}%", f"{letters}%"], shelves)
    return rows[0][0] if rows else ""


def _nearest(word: str, shelves: Sequence[int]) -> str:
    """The most frequent word that is one slip away, two for long words."""
    if len(word) < SHORTEST_SLIP:
        return ""
    grams = grams_of(word)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM (SELECT word, times,"
            " cardinality(ARRAY(SELECT unnest(grams) INTERSECT SELECT unnest(%(grams)s::varchar[]))) AS shared"
            " FROM knowledge_lexiconword WHERE grams && %(grams)s::varchar[] AND shelf = ANY(%(shelves)s) AND times > 0"
            " AND length(word) BETWEEN %(least)s AND %(most)s) near ORDER BY shared DESC, times DESC, word LIMIT %(limit)s",
            {"grams": grams, "shelves": list(shelves), "least": len(word) - 2, "most": len(word) + 2, "limit": NEAR},
        )
        near = [row[0] for row in cursor.fetchall()]
    allowed = 2 if len(word) >= TWO_SLIPS_FROM else 1
    slips = [(slips_between(word, other), place, other) for place, other in enumerate(near)]
    return min((each for each in slips if each[0] <= allowed), default=(0, 0, ""))[2]


def _same_sound(run: str, unknown: frozenset[str], shelves: Sequence[int]) -> str:
    """Replaces what no document has by a word of the same length that sounds the same: 退宽 → 退款."""
    windows = [
        (start, size) for size in (4, 3, 2) for start in range(len(run) - size + 1) if _is_unknown(run[start : start + size], unknown)
    ]
    sounds = {(start, size): pinyin_of(run[start : start + size]) for start, size in windows}
    rows = _rows("pinyin = ANY(%s)", [sorted(set(sounds.values()))], shelves)
    words = {(pinyin, len(word)): word for word, pinyin, _initials in reversed(rows)}
    taken = [False] * len(run)
    for (start, size), sound in sounds.items():
        word = words.get((sound, size))
        if word and not any(taken[start : start + size]):
            run = run[:start] + word + run[start + size :]
            taken[start : start + size] = [True] * size
    return run


def _is_unknown(window: str, unknown: frozenset[str]) -> bool:
    return any(window[place : place + 2] in unknown for place in range(len(window) - 1))


def _rows(condition: str, values: list, shelves: Sequence[int]) -> list[tuple[str, str, str]]:
    """Word, pinyin and initials of lexicon words, the most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, pinyin, initials FROM knowledge_lexiconword"  # noqa: S608 - this module writes the conditions
            f" WHERE ({condition}) AND shelf = ANY(%s) AND times > 0"
            " ORDER BY times DESC, length(word), word LIMIT 200",
            [*values, list(shelves)],
        )
        return cursor.fetchall()


def slips_between(one: str, other: str) -> int:
    """How many letters were left out, put in, mistaken or swapped (Damerau 1964, optimal string alignment)."""
    before, row = [], list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        older, before, row = before, row, [place]
        for column, second in enumerate(other, 1):
            cost = min(before[column] + 1, row[-1] + 1, before[column - 1] + (letter != second))
            if place > 1 and column > 1 and letter == other[column - 2] and one[place - 2] == second:
                cost = min(cost, older[column - 2] + 1)
            row.append(cost)
    return row[-1]
