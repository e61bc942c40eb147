"""The words that titles and phrasings use, shelf by shelf: by them slips of the hand and pinyin are put right.

A word counts the live documents that use it. What nobody may find any more is not suggested either.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db import connection
from pypinyin import lazy_pinyin

from knowledge.models import SearchDocument
from knowledge.search.sources import Source
from knowledge.search.text import IS_HAN, normalise, words_in
from ui.pinyin import initials

LONGEST = 40
SHORTEST = 2


def words_of(source: Source) -> list[str]:
    """The words of a source that its shelf's lexicon shall know."""
    found = words_in(normalise(f"{source.title}\n{source.phrasings}"))
    return sorted({word for word in found if SHORTEST <= len(word) <= LONGEST and not word.isdigit()})


def learn(documents: Iterable[SearchDocument]) -> None:
    """Count the words of new documents."""
    counted = Counter((each.shelf, word) for each in documents for word in each.words)
    rows = [(shelf, word, *_sounds(word), grams_of(word), times) for (shelf, word), times in sorted(counted.items())]
    for shelf in {row[0] for row in rows}:
        _learn(shelf, [row[1:] for row in rows if row[0] == shelf])


def forget(documents: Sequence[SearchDocument]) -> None:
    """Take the words of documents that cannot be found any more off the count."""
    counted = Counter((each.shelf, word) for each in documents for word in each.words)
    with connection.cursor() as cursor:
        for (shelf, word), times in sorted(counted.items()):
            cursor.execute(
                "UPDATE knowledge_lexiconword SET times = greatest(times - %s, 0) WHERE shelf = %s AND word = %s", [times, shelf, word]
            )


def grams_of(word: str) -> list[str]:
    """Trigrams of a word of letters with its beginning marked, single characters of a Han word."""
    if IS_HAN.search(word):
        return sorted(set(word))
    marked = f"^{word}$"
    return sorted({marked[place : place + 3] for place in range(len(marked) - 2)})


def pinyin_of(word: str) -> str:
    """How a Han word sounds, without tones: 退款 → tuikuan."""
    return "".join(lazy_pinyin(word))[:120]


def _sounds(word: str) -> tuple[str, str]:
    return (pinyin_of(word), initials(word)[:LONGEST]) if IS_HAN.search(word) else ("", "")


def _learn(shelf: int, rows: list[tuple]) -> None:
    words, pinyin, short, grams, times = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO knowledge_lexiconword (shelf, word, pinyin, initials, grams, times)"
            " SELECT %s, word, pinyin, initials, string_to_array(grams, chr(31)), times"
            " FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::int[]) AS new (word, pinyin, initials, grams, times)"
            " ON CONFLICT (shelf, word) DO UPDATE SET times = knowledge_lexiconword.times + EXCLUDED.times",
            [shelf, list(words), list(pinyin), list(short), ["\x1f".join(each) for each in grams], list(times)],
        )
