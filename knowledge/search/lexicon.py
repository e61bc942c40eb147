"""The words that titles and editors' phrasings use, shelf by shelf: by them slips of the hand and pinyin are put right.

A word counts the live documents that use it. What nobody may find any more is not suggested either.
"""

from collections import Counter
from collections.abc import Iterable

from django.db import connection
from pypinyin import lazy_pinyin

from knowledge.models import SearchDocument
from knowledge.search.sources import Source
from knowledge.search.text import IS_HAN, normalise, words_in
from ui.pinyin import initials

LONGEST = 40
SHORTEST = 2
RECOUNTING = 726_004
GRAM_END = "\x1f"
RECOUNT = """
    WITH fewer AS (
        UPDATE knowledge_lexiconword known SET times = greatest(known.times - less.times, 0)
        FROM unnest(%s::int[], %s::text[], %s::int[]) less (shelf, word, times)
        WHERE known.shelf = less.shelf AND known.word = less.word
    )
    INSERT INTO knowledge_lexiconword (shelf, word, pinyin, initials, grams, times)
    SELECT shelf, word, pinyin, initials, string_to_array(grams, chr(31)), times
    FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int[]) more (shelf, word, pinyin, initials, grams, times)
    ON CONFLICT (shelf, word) DO UPDATE SET times = knowledge_lexiconword.times + EXCLUDED.times
"""


def words_of(source: Source) -> list[str]:
    """The words of a source that its shelf's lexicon shall know: what is suggested is shown, so customers' own words are none of them."""
    found = words_in(normalise(f"{source.title}\n{source.shown}"))
    return sorted({word for word in found if SHORTEST <= len(word) <= LONGEST and not word.isdigit()})


def recount(*, learned: Iterable[SearchDocument], forgotten: Iterable[SearchDocument]) -> None:
    """Count the words of new documents, and take those of documents that cannot be found any more off the count.

    One at a time changes the words until its transaction ends: a form saves an article in several steps, and two of them would wait
    for each other's words. Where the words stay the same nobody waits.
    """
    change = _uses(learned)
    change.subtract(_uses(forgotten))
    more = [(shelf, word, *_ways_to(word), times) for (shelf, word), times in change.items() if times > 0]
    fewer = [(shelf, word, -times) for (shelf, word), times in change.items() if times < 0]
    if more or fewer:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [RECOUNTING])
            cursor.execute(RECOUNT, [*_columns(fewer, 3), *_columns(more, 6)])


def grams_of(word: str) -> list[str]:
    """Trigrams of a word of letters with its beginning and end marked."""
    marked = f"^{word}$"
    return sorted({marked[place : place + 3] for place in range(len(marked) - 2)})


def pinyin_of(word: str) -> str:
    """How a Han word sounds, without tones: 退款 → tuikuan."""
    return "".join(lazy_pinyin(word))[:120]


def _uses(documents: Iterable[SearchDocument]) -> Counter[tuple[int, str]]:
    return Counter((each.shelf, word) for each in documents for word in each.words)


def _ways_to(word: str) -> tuple[str, str, str]:
    """Pinyin and initials of a Han word, the grams of any other."""
    return (pinyin_of(word), initials(word)[:LONGEST], "") if IS_HAN.search(word) else ("", "", GRAM_END.join(grams_of(word)))


def _columns(rows: list[tuple], count: int) -> list[list]:
    return [list(column) for column in zip(*rows, strict=True)] or [[]] * count
