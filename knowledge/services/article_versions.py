"""The way of a wording: draft, review by another person, published, in force, succeeded by the next one. All of it stays."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Reason, VersionConflictError
from foundation.sweeps import each_apart
from foundation.verbs import lock, require
from knowledge.models import Article, ArticleVersion
from knowledge.services.article_log import log, log_and_index
from knowledge.services.article_reasons import (
    PUBLISH,
    against_publishing,
    against_reason,
    against_status,
    against_submitting,
    against_touching,
    against_words,
    against_writing,
)

Status = ArticleVersion.Status
TEXTS = ("title_zh", "title_en", "body_zh", "body_en")
BATCH = 100


def draft_of(article: Article) -> ArticleVersion | None:
    """The one version that is not published: the draft, or what waits in review."""
    return article.versions.exclude(status=Status.PUBLISHED).first()


@transaction.atomic
def start_draft(article: Article, *, by: User | None) -> ArticleVersion:
    """Begin the next version with the words of the newest one; gives the draft that is there if somebody began one already."""
    article = lock(article)
    require(against_writing(by))
    if draft := draft_of(article):
        return draft
    newest = article.versions.order_by("-number").first()
    words = {name: getattr(newest, name) for name in TEXTS} if newest else {}
    draft = ArticleVersion.objects.create(article=article, number=newest.number + 1 if newest else 1, written_by=by, **words)
    log(article, "written", by=by, version=draft.number)
    return draft


@transaction.atomic
def edit_draft(article: Article, *, by: User | None, expected_revision: int | None, **words: str) -> ArticleVersion:
    """Change the words of the draft; whoever writes last is its writer. Raises ``VersionConflictError`` over unseen changes."""
    article, draft = _lock_draft(article, expected_revision)
    require([*against_touching(draft, by), *against_status(draft, Status.DRAFT), *against_words(words)])
    changed = [name for name, text in words.items() if getattr(draft, name) != text]
    if not changed:
        return draft
    for name in changed:
        setattr(draft, name, words[name])
    draft.written_by, draft.written_at = by, timezone.now()
    _save(draft, *changed, "written_by", "written_at")
    log(article, "written", by=by, version=draft.number, revision=draft.revision)
    return draft


@transaction.atomic
def submit_draft(article: Article, *, by: User | None, expected_revision: int | None) -> ArticleVersion:
    """Ask for the draft to be published by somebody else."""
    article, draft = _lock_draft(article, expected_revision)
    found = [*against_touching(draft, by), *against_status(draft, Status.DRAFT)]
    require(found or against_submitting(article, draft, newest_published(article)))
    draft.status, draft.review_note = Status.REVIEW, ""
    _save(draft, "status", "review_note")
    log(article, "submitted", by=by, version=draft.number, revision=draft.revision)
    return draft


@transaction.atomic
def send_back(article: Article, *, by: User | None, expected_revision: int | None, note: str = "") -> ArticleVersion:
    """Make what is in review a draft again. Its writer takes it back without a word; whoever reviews says what is missing."""
    article, draft = _lock_draft(article, expected_revision)
    is_own = by is None or draft.written_by_id == by.pk
    found = [*against_touching(draft, by), *against_status(draft, Status.REVIEW)]
    require(found or ([] if is_own else against_reason(note)))
    draft.status, draft.review_note = Status.DRAFT, note.strip()
    _save(draft, "status", "review_note")
    log(article, "sent_back", by=by, version=draft.number, revision=draft.revision)
    return draft


@transaction.atomic
def publish(
    article: Article,
    *,
    by: User | None,
    expected_revision: int | None,
    effective_from: datetime | None = None,
    effective_until: datetime | None = None,
) -> ArticleVersion:
    """Publish what is in review, in force from ``effective_from`` on, at once unless that lies ahead (four eyes: not by its writer).

    The wording never changes again. In force at once, it is what readers see and search finds with the same commit; otherwise
    ``bring_into_force`` sees to that when the time has come.
    """
    article, draft = _lock_draft(article, expected_revision)
    at = timezone.now()
    start = max(effective_from or at, at)
    require(against_publishing(article, draft, by=by, start=start, until=effective_until))
    draft.status, draft.published_by, draft.published_at = Status.PUBLISHED, by, at
    draft.effective_from, draft.effective_until = start, effective_until
    _save(draft, "status", "published_by", "published_at", "effective_from", "effective_until")
    log(article, "published", by=by, version=draft.number)
    if start <= at:
        _enter(article, draft, by=by)
    return draft


@transaction.atomic
def drop_draft(article: Article, *, by: User | None, expected_revision: int | None) -> None:
    """Throw the draft away."""
    article, draft = _lock_draft(article, expected_revision)
    require([*against_touching(draft, by), *against_status(draft, Status.DRAFT)])
    draft.delete()
    log(article, "dropped", by=by, version=draft.number)


def bring_into_force(limit: int = BATCH) -> int:
    """Let every article show the version whose time has come, and end announcements; returns how many changed. Safe to repeat."""
    ids = due_articles(timezone.now()).order_by("pk").values_list("pk", flat=True)[:limit]
    return each_apart(list(ids), _catch_up, put_off=lambda pk: None)


def due_articles(at: datetime) -> QuerySet[Article]:
    """Articles that show another version than the one in force at a moment: a later one has begun, or theirs has ended.

    Only what was published ahead of its day can begin unseen; everything else was in force with its publication.
    """
    published = ArticleVersion.objects.filter(status=Status.PUBLISHED)
    newer = published.filter(article=OuterRef("article"), number__gt=OuterRef("number"), effective_from__lte=at)
    lasts = Q(effective_until=None) | Q(effective_until__gt=at)
    is_unseen = Q(article__live=None) & lasts | Q(article__live__number__lt=F("number"))
    begun = published.filter(~Exists(newer), is_unseen, effective_from__gt=F("published_at"), effective_from__lte=at)
    ended = published.filter(effective_until__lte=at, pk=F("article__live"))
    return Article.objects.filter(pk__in=begun.values("article").union(ended.values("article")))


def version_in_force(article: Article, at: datetime) -> ArticleVersion | None:
    """What readers see at a moment: the newest version whose time has come, unless it has ended."""
    begun = article.versions.filter(status=Status.PUBLISHED, effective_from__lte=at).order_by("-number").first()
    return None if begun is None or (begun.effective_until and begun.effective_until <= at) else begun


def newest_published(article: Article) -> ArticleVersion | None:
    return article.versions.filter(status=Status.PUBLISHED).order_by("-number").first()


@transaction.atomic
def _catch_up(article_id: int) -> bool:
    article = lock(Article(pk=article_id))
    version = version_in_force(article, timezone.now())
    if (version.pk if version else None) == article.live_id:
        return False
    if version is None:
        ended = article.live
        article.live = None
        log_and_index(article, "ended", by=None, fields=("live",), version=ended.number)
    else:
        _enter(article, version, by=None)
    return True


def _enter(article: Article, version: ArticleVersion, *, by: User | None) -> None:
    """Show a version. Words that were published after the article was marked as outdated make it hold again."""
    article.live = version
    if article.outdated_at and article.outdated_at <= version.published_at:
        article.outdated_at = None
    is_outdated = article.outdated_at is not None
    log_and_index(article, "in_force", by=by, fields=("live", "outdated_at"), version=version.number, is_outdated=is_outdated)


def _lock_draft(article: Article, expected_revision: int | None) -> tuple[Article, ArticleVersion]:
    article = lock(article)
    draft = draft_of(article)
    if draft is None:
        require([Reason("no_draft", _("This article has no draft."), _("Begin a new version first."))])
    if expected_revision is not None and draft.revision != expected_revision:
        raise VersionConflictError(draft)
    return article, draft


def _save(draft: ArticleVersion, *fields: str) -> None:
    draft.revision += 1
    draft.save(update_fields=[*fields, "revision"])


def may_review(by: User, draft: ArticleVersion | None) -> bool:
    """Whether this person could publish this version: what the list of waiting articles shows."""
    return draft is not None and draft.status == Status.REVIEW and by.has_perm(PUBLISH) and draft.written_by_id != by.pk
