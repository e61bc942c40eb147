"""Searching for the public. A search that fails is said to have failed; the page and its form stay."""

import logging
from dataclasses import dataclass, field

from django.db import DatabaseError

from knowledge.help.reading import heading_of, helping_with, most_read, shown_by_ids
from knowledge.models import Article, SearchDocument, SearchLog
from knowledge.search.finding import Span, find
from knowledge.search.logs import note_miss
from ui.localize import is_english

logger = logging.getLogger(__name__)
LONGEST_WORDS = 200
FEWEST_SIGNS = 2


@dataclass(frozen=True)
class Shown:
    """One article as a search shows it: title and snippet in spans, those that match marked."""

    article: Article
    title: list[Span]
    snippet: list[Span] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """What a search gave. ``corrected`` are the words that were searched instead, ``is_down`` says that it could not search."""

    words: str
    hits: list[Shown] = field(default_factory=list)
    corrected: str = ""
    is_weak: bool = True
    is_down: bool = False


def tidy(text: str) -> str:
    """What somebody typed, on one line and not longer than a question."""
    return " ".join(text.replace("\x00", "").split())[:LONGEST_WORDS]


def look_up(words: str, *, limit: int = 10, is_typing: bool = False, category_code: str = "") -> Found:
    """Find public articles for what somebody typed. Notes what was not found, unless they are still typing."""
    words = tidy(words)
    if len(words) < FEWEST_SIGNS:
        return Found(words)
    try:
        found = _find(words, limit, is_typing, category_code)
    except Exception:  # whatever breaks in there, the visitor keeps page and form
        logger.exception("the search of the help centre failed")
        return Found(words, is_down=True)
    if found.is_weak and not is_typing:
        _note(words, len(found.hits))
    return found


def suggest(category_code: str, text: str, limit: int = 3) -> list[Shown]:
    """Articles that may help with a complaint: by what was written, else by its category."""
    found = look_up(text, limit=limit, is_typing=True, category_code=category_code)
    hits = [] if found.is_weak else found.hits
    known = {hit.article.pk for hit in hits}
    of_category = [each for each in suggest_by_category(category_code, limit) if each.article.pk not in known]
    return [*hits, *of_category][:limit]


def suggest_by_category(category_code: str, limit: int = 3) -> list[Shown]:
    """The articles for a kind of complaint, in one query and without the search: for a page that must not become dearer by them."""
    return [plainly(each) for each in helping_with(category_code, limit)]


def top_articles(limit: int) -> list[Article]:
    """What people read most, for a page that must stand even when this cannot be asked."""
    try:
        return most_read(limit)
    except DatabaseError:
        logger.exception("the first page goes without articles")
        return []


def plainly(article: Article) -> Shown:
    return Shown(article, [Span(heading_of(article.live).title, False)])


def _find(words: str, limit: int, is_typing: bool, category_code: str) -> Found:
    shelves = (SearchDocument.Shelf.PUBLIC,)
    found = find(words, language=_language(), shelves=shelves, limit=limit, category_code=category_code, is_typing=is_typing)
    articles = {article.pk: article for article in shown_by_ids(list(dict.fromkeys(hit.subject_id for hit in found.hits)))}
    hits = [Shown(articles[hit.subject_id], hit.title, hit.snippet) for hit in found.hits if hit.subject_id in articles]
    return Found(words, hits, found.corrected, found.is_weak or not hits)


def _note(words: str, count: int) -> None:
    try:
        note_miss(words, language=_language(), place=SearchLog.Place.HELP, found=count)
    except Exception:  # a list for the editors; no visitor waits for it
        logger.exception("a search without an answer was not noted")


def _language() -> str:
    return "en" if is_english() else "zh"
