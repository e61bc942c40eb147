"""The shop's own words for the search: synonyms and words that the segmenter keeps whole, remembered for half a minute."""

import time
from dataclasses import dataclass, field

import rjieba

from knowledge.models import DictionaryWord, Synonym

FRESH_SECONDS = 30
TERM_FREQUENCY = 10_000


@dataclass(frozen=True)
class Words:
    """``synonyms`` has, for each word, the other words of its groups; all of them normalised."""

    synonyms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    dictionary: frozenset[str] = frozenset()


_words: tuple[Words, float] | None = None
_segmenter: tuple[frozenset[str], rjieba.Jieba] | None = None


def current_words() -> Words:
    """Synonyms and dictionary as they were within the last half minute."""
    global _words
    if _words is None or time.monotonic() - _words[1] > FRESH_SECONDS:
        _words = _read(), time.monotonic()
    return _words[0]


def forget_words() -> None:
    """Read them anew when they are asked for next: after a change in this process, and before texts are read for the index."""
    global _words
    _words = None


def cut(han: str) -> list[str]:
    """Chinese words of a run of Han characters, those of the shop's dictionary whole."""
    return _current_segmenter().cut(han, True)


def cut_every(han: str) -> list[str]:
    """Every word that a run of Han characters can be read as, overlapping ones too: 开发 and 发票 in 开发票."""
    return _current_segmenter().cut_all(han)


def _current_segmenter() -> rjieba.Jieba:
    global _segmenter
    dictionary = current_words().dictionary
    if _segmenter is None or _segmenter[0] != dictionary:
        _segmenter = dictionary, _make_segmenter(dictionary)
    return _segmenter[1]


def _make_segmenter(dictionary: frozenset[str]) -> rjieba.Jieba:
    segmenter = rjieba.Jieba()
    for word in dictionary:
        segmenter.add_word(word, TERM_FREQUENCY, "n")
    return segmenter


def _read() -> Words:
    synonyms: dict[str, tuple[str, ...]] = {}
    for group in Synonym.objects.filter(is_active=True).values_list("words", flat=True):
        for word in group:
            synonyms[word] = synonyms.get(word, ()) + tuple(other for other in group if other != word)
    dictionary = frozenset(DictionaryWord.objects.values_list("word", flat=True))
    return Words(synonyms, dictionary)
