"""Other ways of asking: those of editors, and those that agents teach when an article solved something."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import lock, require
from knowledge.models import Article, Phrasing
from knowledge.services.article_log import log_and_index
from knowledge.services.article_reasons import READ, against_writing

MOST_PHRASINGS = 50
SHORTEST = 2
LONGEST = Phrasing._meta.get_field("text").max_length


def clean_phrasing(text: str) -> str:
    """One line, at most as long as its column; "" for what asks nothing."""
    text = " ".join(text.split())[:LONGEST].strip()
    return text if len(text) >= SHORTEST else ""


def against_many(count: int) -> list[Reason]:
    """Why an article cannot be found by this many phrasings."""
    if count <= MOST_PHRASINGS:
        return []
    return [Reason("too_many", _("An article has at most 50 phrasings."), _("Remove one that is seldom used."))]


@transaction.atomic
def add_phrasing(article: Article, *, text: str, by: User | None, source: str = Phrasing.Source.EDITOR) -> Phrasing:
    """Let an article be found by another way of asking; the same words again only count."""
    article = lock(article)
    require(against_writing(by))
    text = clean_phrasing(text)
    require([] if text else [Reason("text", _("Write a question of at least two characters."))])
    if known := _count(article, text):
        return known
    require(against_many(article.phrasings.count() + 1))
    return _keep(article, text, by=by, source=source)


@transaction.atomic
def learn_phrasing(article: Article, *, text: str, by: User) -> Phrasing | None:
    """Keep the customer's words after an agent said "this solved it". The caller has taken personal data out.

    None where the words ask nothing or the article has phrasings enough: whoever solves something is not held up by that.
    """
    article = lock(article)
    may_read = by.has_perm(READ)
    require([] if may_read else [Forbidden("may_not_read", _("Only staff that reads articles teaches them."))])
    text = clean_phrasing(text)
    if not text:
        return None
    is_full = bool(against_many(article.phrasings.count() + 1))
    return _count(article, text) or (None if is_full else _keep(article, text, by=by, source=Phrasing.Source.AGENT))


@transaction.atomic
def remove_phrasing(phrasing: Phrasing, *, by: User | None) -> None:
    """Stop finding an article by these words."""
    article = lock(phrasing.article)
    require(against_writing(by))
    Phrasing.objects.filter(pk=phrasing.pk).delete()
    log_and_index(article, "set", by=by, changed=["phrasings"])


def _count(article: Article, text: str) -> Phrasing | None:
    known = Phrasing.objects.filter(article=article, text=text)
    return known.get() if known.update(times=F("times") + 1) else None


def _keep(article: Article, text: str, *, by: User | None, source: str) -> Phrasing:
    phrasing = Phrasing.objects.create(article=article, text=text, by=by, source=source)
    log_and_index(article, "set", by=by, changed=["phrasings"])
    return phrasing
