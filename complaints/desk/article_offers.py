"""What the articles panel shows: suggestions for a complaint, hits of a search, and one article as its customer reads it."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import User
from complaints.desk.article_quotes import quote_steps
from complaints.models import Complaint
from complaints.redaction import said_by_customer
from complaints.services.article_uses import against_inserting
from foundation.exceptions import Reason
from knowledge.access import usable_articles
from knowledge.help.reading import Wording, wording_of
from knowledge.models import Article, SearchDocument
from knowledge.search.finding import Findings, Span, find
from ui.localize import is_english

Shelf = SearchDocument.Shelf
OLD = timedelta(days=180)
MOST_SUGGESTED, MOST_FOUND = 4, 8
LONGEST_ASKED = 200


@dataclass(frozen=True)
class Offer:
    """One article in the list."""

    article: Article
    title: list[Span]
    snippet: list[Span]
    is_old: bool

    @property
    def is_internal(self) -> bool:
        return self.article.audience == Article.Audience.INTERNAL


@dataclass(frozen=True)
class Preview:
    """One article in the customer's language, and what of it can be put into the reply; ``reasons`` say why nothing can."""

    article: Article
    wording: Wording
    is_old: bool
    reasons: list[Reason]
    link: str = ""
    steps: str = ""


@dataclass(frozen=True)
class Offers:
    """A list of the panel; ``asked`` is what was typed, "" for suggestions."""

    offers: list[Offer]
    asked: str = ""
    corrected: str = ""
    is_weak: bool = False


def suggest_articles(complaint: Complaint, user: User) -> Offers:
    """Articles for what the customer wrote last, those of the complaint's category first; where words find none, those of the category."""
    found = _find(_words_of(complaint), complaint, limit=MOST_SUGGESTED)
    offers = _offers_of(found, user)
    if offers:
        return Offers(offers)
    of_category = usable_articles(user).filter(category_code=complaint.category.code).select_related("live").order_by("-live_id")
    return Offers([_plain_offer(article) for article in of_category[:MOST_SUGGESTED]], is_weak=True)


def search_articles(complaint: Complaint, user: User, asked: str) -> Offers:
    """Articles for what the agent typed."""
    found = _find(asked, complaint, limit=MOST_FOUND, is_typing=True)
    return Offers(_offers_of(found, user), asked, found.corrected, found.is_weak)


def preview_article(complaint: Complaint, article: Article) -> Preview:
    """The words that this customer reads, in their language where it is written in that."""
    wording, reasons = wording_of(article.live, complaint.language), against_inserting(article)
    parts = {} if reasons else {"link": link_to(article, complaint.language), "steps": quote_steps(wording.title, wording.body)}
    return Preview(article, wording, is_old(article), reasons, **parts)


def link_to(article: Article, language: str) -> str:
    """The public address of an article in a customer's language."""
    with override("en" if is_english(language) else "zh-hans"):
        return settings.BIHUAN_BASE_URL + reverse("help:article", args=[article.code])


def is_old(article: Article) -> bool:
    """Whether nobody has looked after an article for half a year."""
    return article.live.effective_from < timezone.now() - OLD


def _find(asked: str, complaint: Complaint, **options) -> Findings:
    language = "en" if is_english(complaint.language) else "zh"
    return find(asked, language=language, shelves=(Shelf.PUBLIC, Shelf.STAFF), category_code=complaint.category.code, **options)


def _words_of(complaint: Complaint) -> str:
    last = said_by_customer(complaint).order_by("-id").values_list("body", flat=True).first()
    return f"{complaint.subject} {last or complaint.description}"[:LONGEST_ASKED]


def _offers_of(found: Findings, user: User) -> list[Offer]:
    """The hits that this person may read; the index is not asked who may."""
    may_read = usable_articles(user).filter(pk__in=[hit.subject_id for hit in found.hits]).select_related("live").in_bulk()
    hits = [hit for hit in found.hits if hit.subject_id in may_read]
    return [Offer(may_read[hit.subject_id], hit.title, hit.snippet, is_old(may_read[hit.subject_id])) for hit in hits]


def _plain_offer(article: Article) -> Offer:
    return Offer(article, [Span(wording_of(article.live).title, False)], [], is_old(article))
