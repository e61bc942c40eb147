"""Slips of a hurried hand: a Latin word with two letters swapped, one left out, one doubled, or a wrong vowel.

The first and the last letter hold, as they mostly do, so few slips of one word are another word; ``not_slips`` in the lexicon names those.
"""

from collections.abc import Iterable, Iterator

VOWELS = "aeiou"


def slips_of(word: str) -> set[str]:
    """The ways in which a word of five letters or more is most often written wrongly."""
    inner = range(1, len(word) - 1)
    left_out = {word[:at] + word[at + 1 :] for at in inner}
    doubled = {word[:at] + word[at] + word[at:] for at in inner}
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 2)}
    wrong_vowel = {word[:at] + vowel + word[at + 1 :] for at in inner if word[at] in VOWELS for vowel in VOWELS}
    return (left_out | doubled | swapped | wrong_vowel) - {word}


class Slips:
    """The spellings of a form: as it is, and with one slip in one of the words that are often written wrongly."""

    def __init__(self, words: Iterable[str], real: Iterable[str]) -> None:
        not_slips = frozenset(real)
        self._slips = {word: sorted(slips_of(word) - not_slips) for word in words}

    def spellings(self, form: str) -> Iterator[str]:
        yield form
        for word in form.removesuffix("*").split(" "):
            for slip in self._slips.get(word, ()):
                yield form.replace(word, slip, 1)
