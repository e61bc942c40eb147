"""What is searched: the live wordings of articles and the active canned replies, one source for each language."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.models import Article, CannedReply, Phrasing, SearchDocument
from knowledge.search.plain import plain_text
from knowledge.search.text import ANALYSIS, IS_HAN

Shelf = SearchDocument.Shelf
LANGUAGES = ("zh", "en")
LONGEST_TITLE = 200


@dataclass(frozen=True)
class Source:
    """One text as it shall be found. ``phrasings`` count towards its terms and are never shown.

    ``shown`` are those of them of which single words may be shown, when somebody mistypes one: the editors', not the customers'.
    """

    shelf: int
    subject_id: int
    language: str
    title: str
    phrasings: str
    shown: str
    text: str

    @property
    def digest(self) -> bytes:
        parts = (ANALYSIS, self.title, self.phrasings, self.shown, self.text)
        return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).digest()


def sources_of_article(article: Article) -> list[Source]:
    """The live version of an article in each language that it has; none where it is not to be found."""
    version = article.live
    if version is None or article.outdated_at is not None:
        return []
    shelf = Shelf.PUBLIC if article.audience == Article.Audience.PUBLIC else Shelf.STAFF
    phrasings = article.phrasings.all()
    every = _by_language(phrasings)
    shown = _by_language(each for each in phrasings if each.source != Phrasing.Source.AGENT)
    texts = {"zh": (version.title_zh, version.body_zh), "en": (version.title_en, version.body_en)}
    return [
        Source(shelf, article.pk, language, title[:LONGEST_TITLE], every[language], shown[language], plain_text(body))
        for language, (title, body) in texts.items()
        if title
    ]


def sources_of_reply(reply: CannedReply) -> list[Source]:
    """A canned reply in both languages; none when it is not active."""
    if not reply.is_active:
        return []
    texts = {"zh": (reply.title_zh, reply.body_zh), "en": (reply.title_en, reply.body_en)}
    return [Source(Shelf.REPLIES, reply.pk, language, title, "", "", body) for language, (title, body) in texts.items()]


def _by_language(phrasings: Iterable[Phrasing]) -> dict[str, str]:
    texts = [phrasing.text for phrasing in phrasings]
    return {
        "zh": "\n".join(text for text in texts if IS_HAN.search(text)),
        "en": "\n".join(text for text in texts if not IS_HAN.search(text)),
    }
