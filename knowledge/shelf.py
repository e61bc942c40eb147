"""Articles as they stand on the shelf of those who keep them: title, state, how often they are read, whether they help."""

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from knowledge.models import Article, ArticleDay, ArticleVersion, ArticleVote

Status = ArticleVersion.Status
STATES = (
    ("mine_to_review", _("Waits for your review")),
    ("review", _("In review")),
    ("draft", _("Draft")),
    ("published", _("Published")),
    ("announced", _("Announced")),
    ("outdated", _("Outdated")),
)


def with_figures(articles: QuerySet[Article]) -> QuerySet[Article]:
    """Articles with the titles of their newest version, the state of their draft, and what readers made of them."""
    versions = ArticleVersion.objects.filter(article=OuterRef("pk")).order_by("-number")
    drafts = versions.exclude(status=Status.PUBLISHED)
    days = ArticleDay.objects.filter(article=OuterRef("pk")).order_by().values("article")
    votes = ArticleVote.objects.filter(version__article=OuterRef("pk")).order_by().values("version__article")
    return articles.annotate(
        newest_zh=Subquery(versions.values("title_zh")[:1]),
        newest_en=Subquery(versions.values("title_en")[:1]),
        changed_at=Subquery(versions.values("written_at")[:1]),
        draft_status=Subquery(drafts.values("status")[:1]),
        views=Coalesce(Subquery(days.annotate(n=Sum("views")).values("n")), 0),
        yes=Coalesce(Subquery(votes.annotate(n=Count("pk", filter=Q(is_helpful=True))).values("n")), 0),
        votes=Coalesce(Subquery(votes.annotate(n=Count("pk")).values("n")), 0),
    )


def in_state(articles: QuerySet[Article], state: str, *, by: User) -> QuerySet[Article]:
    """Articles of one of ``STATES``; the first is what this person could publish."""
    waiting = ArticleVersion.objects.filter(status=Status.REVIEW)
    if state == "mine_to_review":
        waiting = waiting.exclude(written_by=by) if by.has_perm("knowledge.publish_article") else waiting.none()
    conditions = {
        "mine_to_review": Q(pk__in=waiting.values("article")),
        "review": Q(pk__in=waiting.values("article")),
        "draft": Q(pk__in=ArticleVersion.objects.filter(status=Status.DRAFT).values("article")),
        "published": Q(live__isnull=False, outdated_at=None),
        "announced": Q(live__isnull=True, pk__in=ArticleVersion.objects.filter(status=Status.PUBLISHED).values("article")),
        "outdated": Q(outdated_at__isnull=False),
    }
    return articles.filter(conditions[state]) if state in conditions else articles


def states_of(article: Article) -> list[str]:
    """The words of an article's state, as ``with_figures`` read it: what readers have, then what is being worked on."""
    words = dict(STATES)
    found = []
    if article.outdated_at:
        found.append(words["outdated"])
    elif article.live_id:
        found.append(words["published"])
    if article.draft_status:
        found.append(words[article.draft_status])
    return found or [words["announced"]]
