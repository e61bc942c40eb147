"""Who sees which articles, and which canned replies somebody may use and keep.

Everybody uses the shop's, the teams' and the own replies. The public sees articles that are public, in force and not outdated.
"""

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.models import Team, User
from knowledge.models import Article, ArticleFile, ArticleVersion, CannedReply

Tier = CannedReply.Tier
SHOWN = ("id", "code", "tier", "scene", "category_code", "title_zh", "title_en", "body_zh", "body_en", "initials", "version")


def public_articles() -> QuerySet[Article]:
    """What everybody may read: public, with a version in force, not outdated, not ended."""
    return _in_force(Article.objects.filter(audience=Article.Audience.PUBLIC))


def articles_visible_to(user: User | None) -> QuerySet[Article]:
    """Whoever writes sees all articles; other readers of the staff those with a version in force, outdated ones too.

    Announcements that have ended are not among these. Anybody else sees the public's.
    """
    if user is None or not user.is_active or not user.has_perm("knowledge.view_article"):
        return public_articles()
    if user.has_perm("knowledge.write_article"):
        return Article.objects.all()
    return Article.objects.filter(live__isnull=False)


def usable_articles(user: User | None) -> QuerySet[Article]:
    """What holds now, for somebody who answers a customer: the public's, and for the staff the internal ones too."""
    if user is None or not user.is_active or not user.has_perm("knowledge.view_article"):
        return public_articles()
    return _in_force(Article.objects.all())


def public_versions() -> QuerySet[ArticleVersion]:
    """Every wording of today's public articles that held or holds, and of rules those that will: who trades under one has to know in time.

    One that was replaced before it began never holds and is not among these. Neither is any wording of an article that was
    published for the staff, since that never becomes public.
    """
    published = ArticleVersion.objects.filter(status=ArticleVersion.Status.PUBLISHED)
    sooner = published.filter(article=OuterRef("article"), number__gt=OuterRef("number"), effective_from__lte=OuterRef("effective_from"))
    is_told = Q(effective_from__lte=timezone.now()) | Q(article__kind=Article.Kind.RULE)
    return published.filter(is_told, ~Exists(sooner), article__in=public_articles())


def versions_visible_to(user: User | None) -> QuerySet[ArticleVersion]:
    """Wordings of visible articles; drafts only for those who write."""
    if user is None or not user.is_active or not user.has_perm("knowledge.view_article"):
        return public_versions()
    versions = ArticleVersion.objects.filter(article__in=articles_visible_to(user))
    return versions if user.has_perm("knowledge.write_article") else versions.filter(status=ArticleVersion.Status.PUBLISHED)


def public_files() -> QuerySet[ArticleFile]:
    """Files of articles that everybody may read."""
    return ArticleFile.objects.filter(article__in=public_articles())


def files_visible_to(user: User | None) -> QuerySet[ArticleFile]:
    """Files of visible articles."""
    return ArticleFile.objects.filter(article__in=articles_visible_to(user))


def kept_files(keys: list[str]) -> set[str]:
    """Those of these files on disk that an article needs."""
    return set(ArticleFile.objects.filter(key__in=keys).values_list("key", flat=True))


def _in_force(articles: QuerySet[Article]) -> QuerySet[Article]:
    holds = Q(live__effective_until=None) | Q(live__effective_until__gt=timezone.now())
    return articles.filter(holds, live__isnull=False, outdated_at=None)


def visible_to(user: User) -> QuerySet[CannedReply]:
    """Replies that a member of staff may read; those of others are theirs alone."""
    if not user.has_perm("knowledge.view_cannedreply"):
        return CannedReply.objects.none()
    of_team = Q(owner__isnull=True) & (Q(team__isnull=True) | Q(team__in=user.team_ids))
    if user.has_perm("knowledge.shop_cannedreply"):
        of_team = Q(owner__isnull=True)
    return CannedReply.objects.filter(of_team | Q(owner=user))


def may_keep(user: User | None, *, owner_id: int | None, team_id: int | None) -> bool:
    """Whether somebody may write replies at this level: the own ones, those of a team, or the shop's. None is the system."""
    if user is None:
        return True
    if owner_id is not None:
        return owner_id == user.pk and user.has_perm("knowledge.own_cannedreply")
    if user.has_perm("knowledge.shop_cannedreply"):
        return True
    return team_id is not None and team_id in user.team_ids and user.has_perm("knowledge.team_cannedreply")


def teams_offered_to(user: User) -> QuerySet[Team]:
    """The teams for which somebody may keep replies."""
    if user.has_perm("knowledge.shop_cannedreply"):
        return Team.objects.all()
    return Team.objects.filter(pk__in=user.team_ids if user.has_perm("knowledge.team_cannedreply") else [])


def search_replies(user: User, query: str = "", *, category: str = "", empathy_first: bool = False, limit: int = 12) -> list[CannedReply]:
    """The replies that fit what was typed, best first, in one query.

    Pinyin initials and the beginning of a title count most, then titles, then texts; replies of the complaint's category come
    before general ones, and those of other categories last. ``empathy_first`` puts the sentences of comfort on top.
    """
    replies = visible_to(user).filter(is_active=True).only(*SHOWN)
    wanted = "".join(query.split()).lower()
    order = ["tier_rank", "fit", "place", "code"] if empathy_first else ["fit", "place", "tier_rank", "code"]
    for word in query.split()[:5]:
        replies = replies.filter(_holds(word))
    ranks = {"fit": _fit(query.strip(), wanted), "place": place_in(category), "tier_rank": _tier(empathy_first)}
    return list(replies.annotate(**ranks).order_by(*order)[:limit])


def _holds(word: str) -> Q:
    titles = Q(title_zh__icontains=word) | Q(title_en__icontains=word) | Q(initials__contains=word.lower()) | Q(code__icontains=word)
    return titles | Q(body_zh__icontains=word) | Q(body_en__icontains=word)


def _fit(query: str, letters: str) -> Case:
    if not query:
        return Value(0, output_field=IntegerField())
    starts = Q(initials__startswith=letters) | Q(title_zh__istartswith=query) | Q(title_en__istartswith=query)
    inside = Q(initials__contains=letters) | Q(title_zh__icontains=query) | Q(title_en__icontains=query)
    return Case(When(starts, then=0), When(inside, then=1), default=2, output_field=IntegerField())


def place_in(category: str) -> Case:
    """How near a reply is to a complaint's category: 0 of exactly this one, 1 general or of its root, 2 of another."""
    root = category.partition(".")[0]
    own, near = Q(category_code=category), Q(category_code="") | Q(category_code=root)
    return Case(When(own & ~Q(category_code=""), then=0), When(near, then=1), default=2, output_field=IntegerField())


def _tier(empathy_first: bool) -> Case:
    first = Tier.EMPATHY if empathy_first else Tier.BASE
    return Case(When(tier=first, then=0), default=1, output_field=IntegerField())
