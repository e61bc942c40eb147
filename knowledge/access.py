"""Which canned replies somebody may use and keep. Everybody uses the shop's, the teams' and the own ones."""

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from accounts.models import Team, User
from knowledge.models import CannedReply

Tier = CannedReply.Tier
SHOWN = ("id", "code", "tier", "scene", "category_code", "title_zh", "title_en", "body_zh", "body_en", "initials", "version")


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
    ranks = {"fit": _fit(query.strip(), wanted), "place": _place(category), "tier_rank": _tier(empathy_first)}
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


def _place(category: str) -> Case:
    root = category.partition(".")[0]
    own, near = Q(category_code=category), Q(category_code="") | Q(category_code=root)
    return Case(When(own & ~Q(category_code=""), then=0), When(near, then=1), default=2, output_field=IntegerField())


def _tier(empathy_first: bool) -> Case:
    first = Tier.EMPATHY if empathy_first else Tier.BASE
    return Case(When(tier=first, then=0), default=1, output_field=IntegerField())
