"""Articles themselves: a new one, for whom and where it stands, and whether it still holds."""

import secrets
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Reason, VersionConflictError
from foundation.verbs import lock, require
from knowledge.models import Article, ArticleCategory, ArticleVersion, Phrasing
from knowledge.services.article_log import log, log_and_index
from knowledge.services.article_phrasings import against_many, clean_phrasing
from knowledge.services.article_reasons import (
    against_changing,
    against_deciding,
    against_opening,
    against_reason,
    against_words,
    against_writing,
)

EDITABLE = ("kind", "audience", "category", "category_code")
LONGEST_CODE = 60
# What stands at these addresses of the help centre is no article.
RESERVED = frozenset({"search", "instant", "suggest", "rules", "announcements", "topics"})


@transaction.atomic
def create_article(
    *,
    by: User | None,
    category: ArticleCategory,
    code: str = "",
    kind: str = Article.Kind.GUIDE,
    audience: str = Article.Audience.PUBLIC,
    category_code: str = "",
    phrasings: Iterable[str] = (),
    **words: str,
) -> Article:
    """Begin an article with its first draft; ``words`` are titles, bodies and the change note of that draft.

    ``code`` is its address for ever; left empty, it is made from the English title. Nothing is visible to readers yet.
    """
    asked = dict.fromkeys(filter(None, map(clean_phrasing, phrasings)))
    require([*against_writing(by), *against_words(words), *_against_code(code), *against_many(len(asked))])
    article = Article(kind=kind, audience=audience, category=category, category_code=category_code, created_by=by)
    article.code = code or _free_code(words.get("title_en", ""))
    article.save()
    ArticleVersion.objects.create(article=article, number=1, written_by=by, **words)
    Phrasing.objects.bulk_create([Phrasing(article=article, text=text, by=by) for text in asked])
    log(article, "written", by=by, version=1)
    return article


@transaction.atomic
def set_article(
    article: Article, *, by: User | None, expected: int | None = None, related: Iterable[Article] | None = None, **changes
) -> Article:
    """Change kind, audience, category, complaint category or related articles. ``expected`` is the ``head_seq`` that was read."""
    if unknown := changes.keys() - set(EDITABLE):
        raise TypeError(f"set_article does not change {', '.join(sorted(unknown))}")
    article = lock(article)
    require(against_changing(article, by))
    if expected is not None and expected != article.head_seq:
        raise VersionConflictError(article)
    require(against_opening(article, changes.get("audience", article.audience)))
    changed = [name for name, value in changes.items() if getattr(article, name) != value]
    for name in changed:
        setattr(article, name, changes[name])
    if related is not None and _relate(article, related):
        changed.append("related")
    if changed:
        fields = tuple(name for name in changed if name != "related")
        log_and_index(article, "set", by=by, fields=fields, changed=sorted(changed))
    return article


@transaction.atomic
def mark_outdated(article: Article, *, by: User | None, reason: str) -> Article:
    """Take an article away from its readers because it holds no more. Its versions stay for whoever looks back."""
    article = lock(article)
    require([*against_deciding(by), *against_reason(reason), *_against_withdrawing(article)])
    article.outdated_at = timezone.now()
    log_and_index(article, "outdated", by=by, fields=("outdated_at",), reason=reason.strip())
    return article


@transaction.atomic
def revive(article: Article, *, by: User | None) -> Article:
    """Give an outdated article back to its readers as it was."""
    article = lock(article)
    is_outdated = [] if article.outdated_at else [Reason("not_outdated", _("This article is not marked as outdated."))]
    require([*against_deciding(by), *is_outdated])
    article.outdated_at = None
    log_and_index(article, "revived", by=by, fields=("outdated_at",))
    return article


def _against_withdrawing(article: Article) -> list[Reason]:
    if article.outdated_at:
        return [Reason("is_outdated", _("This article is marked as outdated already."))]
    return [] if article.live_id else [Reason("not_published", _("Nobody reads this article yet: nothing of it is in force."))]


def _against_code(code: str) -> list[Reason]:
    if not code:
        return []
    if slugify(code) != code or len(code) > LONGEST_CODE:
        return [Reason("code", _("An address holds small letters, digits and hyphens only."))]
    return [Reason("code", _("This address is taken."))] if _is_taken(code) else []


def _is_taken(code: str) -> bool:
    return code in RESERVED or Article.objects.filter(code=code).exists()


def _free_code(title: str) -> str:
    """An address from the English title; with a random tail where it is taken or empty."""
    stem = slugify(title)[: LONGEST_CODE - 9].strip("-") or "article"
    if stem != "article" and not _is_taken(stem):
        return stem
    return f"{stem}-{secrets.token_hex(4)}"


def _relate(article: Article, related: Iterable[Article]) -> bool:
    wanted = {each.pk for each in related} - {article.pk}
    if wanted == set(article.related.values_list("pk", flat=True)):
        return False
    article.related.set(wanted)
    return True
