"""What became of messages that canned replies went into, for whoever keeps the replies.

A use counts as resolved when its round was, as reopened when another round followed it, and its score is that of the round's survey on
the scale from 1 to 5.
What was taken back before it left is no use. The figures name nobody; whoever may read a reply may read them.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Avg, Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from complaints.models import CannedUse, Category, Survey
from knowledge.figures import Cut, Uses
from ui.localize import localized

LANGUAGES = {"zh-hans": _("Chinese"), "en": _("English")}
REOPENED = Q(complaint__cycle__gt=F("cycle"))
RESOLVED = REOPENED | Q(complaint__resolved_at__isnull=False)


def count_uses(reply_ids: Iterable[int]) -> dict[int, Uses]:
    """The figures of some replies, all versions together. One query."""
    return _counted(_uses_of(reply_ids), "reply_id")


def cut_uses(reply_id: int) -> list[Cut]:
    """The figures of one reply by version, team, category and language. Six queries."""
    uses = _uses_of([reply_id])
    teams, categories = Team.objects.in_bulk(), {each.code: each for each in Category.objects.all()}
    parts = [
        (_("Version"), "version", lambda key: f"v{key}"),
        (_("Team"), "team_id", lambda key: localized(teams[key], "name")),
        (_("Category"), "complaint__category__code", lambda key: localized(categories[key], "name")),
        (_("Language"), "language", lambda key: str(LANGUAGES.get(key, key))),
    ]
    return [Cut(str(title), name(key), each) for title, column, name in parts for key, each in _counted(uses, column).items()]


def _uses_of(reply_ids: Iterable[int]) -> QuerySet[CannedUse]:
    return CannedUse.objects.filter(reply__in=list(reply_ids), message__retracted_at__isnull=True)


def _counted(uses: QuerySet[CannedUse], column: str) -> dict[Any, Uses]:
    own = Survey.objects.filter(complaint=OuterRef("complaint"), cycle=OuterRef("cycle"))
    answer = own.filter(scale=Survey.Scale.CSAT, expired_at__isnull=True).values("score")
    figures = {
        "sent": Count("pk"),
        "edited": Count("pk", filter=Q(is_edited=True)),
        "resolved": Count("pk", filter=RESOLVED),
        "reopened": Count("pk", filter=REOPENED),
        "score": Avg("answer"),
    }
    rows = uses.annotate(answer=Subquery(answer)).values(column).annotate(**figures).order_by(column)
    return {row.pop(column): Uses(**{name: row[name] for name in figures}) for row in rows}
