"""Complaints that hold every word that was typed."""

from django.db.models import QuerySet

from complaints.models import Complaint
from knowledge.search.text import LONGEST_WORD, PARTS, RUNS, digest_of, normalise, stem

MOST_TERMS = 40


def with_words(complaints: QuerySet[Complaint], text: str) -> QuerySet[Complaint] | None:
    """Those of some complaints in which everything stands that was typed, or None when the text holds no word to look for."""
    terms = needed_terms(text)
    return complaints.filter(search_row__terms__contains=terms) if terms else None


def needed_terms(text: str) -> list[int]:
    """The terms that a text must hold: each pair of Chinese characters, each English stem, each run of digits.

    Longer Chinese words are left out, because where one begins depends on what stands around it.
    """
    needed: dict[str, None] = {}
    for run in RUNS.finditer(normalise(text)):
        if run.lastgroup == "han":
            needed.update(dict.fromkeys(_pairs(run.group())))
        elif run.lastgroup == "latin":
            needed.update(dict.fromkeys(_stems(run.group())))
    return [digest_of(term) for term in list(needed)[:MOST_TERMS]]


def _pairs(han: str) -> list[str]:
    return [first + second for first, second in zip(han, han[1:], strict=False)] or [han]


def _stems(latin: str) -> list[str]:
    return [stem(part[:LONGEST_WORD]) for part in PARTS.findall(latin.replace("'", "").replace("’", ""))]
