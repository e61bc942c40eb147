"""Articles as they stand on the shelf of those who keep them: title, state, how often they are read, whether they help."""

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from knowledge.access import versions_visible_to
from knowledge.models import Article, ArticleDay, ArticleVersion, ArticleVote
from knowledge.services.article_reasons import PUBLISH, WRITE

Status = ArticleVersion.Status
STATES = (
    ("mine_to_review", _("Waits for your review")),
    ("review", _("In review")),
    ("draft", _("Draft")),
    ("published", _("Published")),
    ("announced", _("Announced")),
    ("ended", _("Has ended")),
    ("empty", _("Empty")),
    ("outdated", _("Outdated")),
)
READ_BY_ALL = {"published", "outdated"}


def states_offered(by: User) -> list[tuple[str, str]]:
    """The ``STATES`` in which this person may find something."""
    if not by.has_perm(WRITE):
        return [(state, words) for state, words in STATES if state in READ_BY_ALL]
    return [*STATES] if by.has_perm(PUBLISH) else [*STATES[1:]]


def with_figures(articles: QuerySet[Article], *, by: User) -> QuerySet[Article]:
    """Articles with the titles of their newest version, the state of their draft, and what readers made of them.

    Who only reads is shown the version in force as the newest one, and told of no draft.
    """
    versions = ArticleVersion.objects.filter(article=OuterRef("pk")).order_by("-number")
    if not by.has_perm(WRITE):
        versions = versions.filter(pk=OuterRef("live"))
    drafts, published = versions.exclude(status=Status.PUBLISHED), versions.filter(status=Status.PUBLISHED)
    days = ArticleDay.objects.filter(article=OuterRef("pk")).order_by().values("article")
    votes = ArticleVote.objects.filter(version__article=OuterRef("pk")).order_by().values("version__article")
    return articles.annotate(
        newest_zh=Subquery(versions.values("title_zh")[:1]),
        newest_en=Subquery(versions.values("title_en")[:1]),
        changed_at=Subquery(versions.values("written_at")[:1]),
        draft_status=Subquery(drafts.values("status")[:1]),
        last_published=Subquery(published.values("number")[:1]),
        last_until=Subquery(published.values("effective_until")[:1]),
        views=Coalesce(Subquery(days.annotate(n=Sum("views")).values("n")), 0),
        yes=Coalesce(Subquery(votes.annotate(n=Count("pk", filter=Q(is_helpful=True))).values("n")), 0),
        votes=Coalesce(Subquery(votes.annotate(n=Count("pk")).values("n")), 0),
    )


def in_state(articles: QuerySet[Article], state: str, *, by: User) -> QuerySet[Article]:
    """Articles ``with_figures`` that are in one of ``STATES``; the first is what this person could publish."""
    drafts = versions_visible_to(by)
    waiting = drafts.filter(status=Status.REVIEW)
    if state == "mine_to_review":
        waiting = waiting.exclude(written_by=by) if by.has_perm(PUBLISH) else waiting.none()
    unread, now = Q(live__isnull=True, outdated_at=None), timezone.now()
    is_ahead = Q(last_until=None) | Q(last_until__gt=now)
    conditions = {
        "mine_to_review": Q(pk__in=waiting.values("article")),
        "review": Q(pk__in=waiting.values("article")),
        "draft": Q(pk__in=drafts.filter(status=Status.DRAFT).values("article")),
        "published": Q(live__isnull=False, outdated_at=None),
        "announced": unread & Q(last_published__isnull=False) & is_ahead,
        "ended": unread & Q(last_until__lte=now),
        "empty": unread & Q(last_published=None, draft_status=None),
        "outdated": Q(outdated_at__isnull=False),
    }
    return articles.filter(conditions[state]) if state in conditions else articles


def states_of(article: Article) -> list[str]:
    """The words of an article's state, as ``with_figures`` read it: what readers have, then what is being worked on."""
    words = dict(STATES)
    found = [_state_for_readers(article), article.draft_status]
    return [words[state] for state in found if state] or [words["empty"]]


def _state_for_readers(article: Article) -> str | None:
    if article.outdated_at:
        return "outdated"
    if article.live_id:
        return "published"
    if article.last_published is None:
        return None
    return "ended" if article.last_until and article.last_until <= timezone.now() else "announced"
