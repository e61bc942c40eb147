"""The queues of the desk: which complaints each view holds, how many, and one page of them.

Every view reads along one index (``complaints_live_*``, ``complaints_team_filed``), team by team, so its cost does not grow with
the number of complaints. Counts stop at 999.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left, Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints import access, lifecycle, registry
from complaints.chat.access import to_call
from complaints.desk.filters import Filter
from complaints.desk.scope import Scope
from complaints.lifecycle import Status
from complaints.models import ChatSession, Complaint, Decision, FollowUp, ReplyDraft
from complaints.models.complaint import REPLIED
from foundation.keyset import InvalidCursorError, Page, cursor_at, first_page, first_page_rows, keyset_page
from foundation.prepared import Prepared, Statement, Value

LIVE = Q(status__in=sorted(lifecycle.LIVE))
EVERY_TEAM = Value("every")  # in prepared queries: the teams of a scope
NOBODY = Q(team=0)  # a person without a team; an empty IN would raise
DUE, FILED = ("due_at", "id"), ("-filed_at", "-id")
COUNT_LIMIT = 999
PAGE_SIZE = 25
SOON = timedelta(hours=4)
EXCERPT = 120

COLUMNS = (
    "number", "subject", "status", "cycle", "priority", "risk_level", "risk_signals", "channel", "team_id", "assignee_id",
    "contact_name", "amount_fen", "currency", "filed_at", "due_at", "due_kind", "due_since", "timer_at", "last_message_at",
    "resolved_at", "first_reply_at", "needs_reply", "escalated_at", "order_id", "version", "category_id", "waiting_on",
    "customer__tier",
)  # fmt: skip


@dataclass(frozen=True)
class Queue:
    """One named list. ``of_team`` ones are read team by team; the others belong to one person (``base``: unless it is their work).

    ``narrow`` is a condition of a floor above that depends on who asks; only such a queue is not prepared. ``sort`` is for a list that goes
    neither by due moment nor by filing.
    """

    key: str
    title: str | Promise
    icon: str
    condition: Q = Q()
    of_team: bool = True
    is_live: bool = True
    has_count: bool = True
    narrow: Callable[[QuerySet, Any], QuerySet] | None = None
    base: Callable[[access.Reach | None], QuerySet] | None = None
    sort: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[str, ...]:
        return self.sort or (DUE if self.is_live else FILED)

    def order_for(self, chosen: Filter) -> tuple[str, ...]:
        """A filter may ask for ended complaints, which have no due moment."""
        return self.sort or (FILED if chosen.shows_ended else self.order)


QUEUES: dict[str, Queue] = {
    queue.key: queue
    for queue in (
        Queue("mine", _("Mine"), "user", of_team=False),
        Queue("unassigned", _("Unassigned"), "inbox", Q(assignee__isnull=True)),
        Queue("due", _("Due soon"), "clock", Q(due_at__lte=Now() + SOON)),
        Queue("replied", _("Customer replied"), "reply", REPLIED),
        Queue("follow", _("To follow up"), "flag", of_team=False, is_live=False, base=access.to_follow_up, sort=("last_message_at", "id")),
        Queue("calls", _("To call"), "phone", of_team=False, is_live=False, base=to_call, sort=("last_message_at", "id")),
        Queue("team", _("My team"), "users"),
        Queue("watched", _("Watched"), "eye", of_team=False, is_live=False, base=access.watched_by),
        Queue("all", _("All, newest first"), "list", is_live=False, has_count=False),
    )
}
FIRST = "mine"
# Waiting for the customer or for a day is no debt of ours.
OURS = Q(status__in=sorted({Status.NEW, Status.OPEN, Status.WAITING_INTERNAL}))
NOT_OVER = Q(due_at__gt=Now())
THIS_HOUR = timedelta(hours=1)
TALKING = [ChatSession.State.QUEUED, ChatSession.State.OFFERED]
# What the figures of the wallboard open: a figure is the count of one of these. They stand in no menu.
WALL_QUEUES: dict[str, Queue] = {
    queue.key: queue
    for queue in (
        Queue("overdue", _("Overdue"), "alert", OURS & Q(due_at__lte=Now())),
        *(
            Queue(f"due{minutes}", title, "clock", OURS & NOT_OVER & Q(due_at__lte=Now() + timedelta(minutes=minutes)))
            for minutes, title in ((15, _("Due in 15 minutes")), (30, _("Due in 30 minutes")), (60, _("Due in 60 minutes")))
        ),
        Queue("urgent", _("Overdue or due within the hour"), "bell", OURS & Q(due_at__lte=Now() + THIS_HOUR)),
        Queue(
            "chats",
            _("Chats waiting for a person"),
            "chat",
            Q(pk__in=ChatSession.objects.filter(state__in=TALKING).values("complaint_id")),
            is_live=False,
            sort=("last_message_at", "id"),
        ),
        Queue("came", _("Came in within the hour"), "inbox", Q(filed_at__gt=Now() - THIS_HOUR), is_live=False),
        Queue(
            "ended",
            _("Resolved within the hour"),
            "done",
            Q(resolved_at__gt=Now() - THIS_HOUR),
            is_live=False,
            sort=("-resolved_at", "-id"),
        ),
    )
}
KNOWN = QUEUES | WALL_QUEUES


def queues_for(user) -> list[Queue]:
    """The queues of the desk and those that the floors above add for this user."""
    return [*QUEUES.values(), *map(_from_above, registry.queue_views_for(user))]


def _from_above(view: registry.QueueView) -> Queue:
    return Queue(view.name, view.title, "flow", view.condition, narrow=view.filter)


def _known(key: str) -> Queue:
    return KNOWN.get(key) or _from_above(registry.queue_view(key))


def queue_for(user, key: str) -> Queue:
    """A queue by its key, the first one for a key that is not known."""
    return KNOWN.get(key) or next((queue for queue in queues_for(user) if queue.key == key), QUEUES[FIRST])


def rows_of(queue: Queue, chosen: Filter, scope: Scope) -> QuerySet:
    """The complaints of a queue that pass a filter, in no order yet and before the split by team."""
    rows = _rows_within(queue, scope.reach, is_live=queue.is_live and not chosen.shows_ended, teams=scope.team_ids)
    rows = rows.filter(chosen.condition(user=scope.user))
    return queue.narrow(rows, scope.user) if queue.narrow else rows


def _rows_within(queue: Queue, reach: access.Reach | None, *, is_live: bool, teams: Sequence[int] | Value) -> QuerySet:
    base = queue.base or (access.of_teams if queue.of_team else access.assigned_to)
    rows = base(reach).filter(queue.condition)
    if queue.of_team and reach is not None and reach.shops is not None:
        # Of a shop there is no index; of the teams that work for it, which are all, there is: it changes the way and not the rows.
        rows = rows.filter(team__any=teams)
    return rows.filter(LIVE) if is_live else rows


def page_of(queue: Queue, chosen: Filter, scope: Scope, *, after: str = "", size: int = 0) -> Page:
    """One page of a queue with everything that a row shows; after a place that was cut off on its way, the first page."""
    size = size or PAGE_SIZE
    if not (after or _must_be_built(queue, chosen, scope)):
        teams = {f"team{number}": team_id for number, team_id in enumerate(scope.team_ids)} if queue.of_team else {}
        found = _first_rows(queue.key, frozenset(scope.reach.values), len(teams), size).all(
            **scope.reach.values, **teams, every=scope.team_ids
        )
        return first_page(Complaint, found, order=queue.order, size=size)
    rows, branches = rows_of(queue, chosen, scope), _branches(queue, scope.team_ids)
    try:
        return keyset_page(rows, order=queue.order_for(chosen), after=after, size=size, branches=branches, fetch=_drawn(scope.reach))
    except InvalidCursorError:
        return page_of(queue, chosen, scope, size=size)


def _must_be_built(queue: Queue, chosen: Filter, scope: Scope) -> bool:
    """Whether the query is more than one of our queues as it is, which is prepared for everybody."""
    return bool(chosen or queue.narrow or scope.reach is None)


@cache
def _first_rows(key: str, reach: frozenset[str], teams: int, size: int) -> Prepared:
    queue, places = _known(key), access.Reach.places(reach)
    branches = _branches(queue, [Value(f"team{number}") for number in range(teams)])
    rows = _rows_within(queue, places, is_live=queue.is_live, teams=EVERY_TEAM)
    return Prepared(lambda: first_page_rows(rows, order=queue.order, size=size, branches=branches, fetch=_drawn(places)))


def _drawn(reach: access.Reach | None) -> QuerySet:
    """How the rows of a page are read."""
    visible = access.visible_within(reach)
    return visible if reach is None else visible.select_related("customer").only(*COLUMNS).annotate(**extras(reach.user))


def count_queues(queues: Sequence[tuple[Queue, Filter]], scope: Scope) -> list[int]:
    """How many complaints each queue holds, up to 1,000, in one statement."""
    if not queues:
        return []
    if any(_must_be_built(queue, chosen, scope) for queue, chosen in queues):
        statement, parameters = _counting([rows_of(queue, chosen, scope) for queue, chosen in queues], COUNT_LIMIT)
    else:
        keys, reach = tuple(queue.key for queue, _chosen in queues), scope.reach.values
        statement, parameters = _plain_counts(keys, frozenset(reach), COUNT_LIMIT).execution(connection, reach | {"every": scope.team_ids})
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchone())


@cache
def _plain_counts(keys: tuple[str, ...], reach: frozenset[str], limit: int) -> Statement:
    places = access.Reach.places(reach)
    lists = [_rows_within(_known(key), places, is_live=_known(key).is_live, teams=EVERY_TEAM) for key in keys]
    return Statement(*_counting(lists, limit))


def _counting(lists: Sequence[QuerySet], limit: int) -> tuple[str, list]:
    parts = [_bounded(rows, limit) for rows in lists]
    # Each part is what Django's own compiler wrote, its values are parameters.
    counted = (f"(SELECT count(*) FROM ({part}) AS q{number})" for number, (part, _values) in enumerate(parts))  # noqa: S608
    return "SELECT " + ", ".join(counted), [value for _part, values in parts for value in values]


def count_arrivals(queue: Queue, chosen: Filter, scope: Scope, *, since: datetime) -> int:
    """How many complaints came into a queue since a moment: filed there, or given or answered to this person."""
    if queue.of_team:
        fresh = Q(filed_at__gt=since)
    else:
        given = Decision.objects.filter(complaint=OuterRef("pk"), winner=scope.user, at__gt=since)
        fresh = Q(needs_reply=True, last_message_at__gt=since) | Exists(given)
    return rows_of(queue, chosen, scope).filter(fresh)[: COUNT_LIMIT + 1].count()


def neighbour_of(complaint: Complaint, queue: Queue, chosen: Filter, scope: Scope, *, backward: bool = False) -> str:
    """The number of the complaint after (or before) this one in a queue, "" at its end."""
    order = queue.order_for(chosen)
    cursor = cursor_at(Complaint, order, complaint, backward=backward)
    rows = rows_of(queue, chosen, scope).only("number", *(name.removeprefix("-") for name in order))
    page = keyset_page(rows, order=order, after=cursor, size=1, branches=_branches(queue, scope.team_ids))
    return page.rows[0].number if page.rows else ""


def _bounded(rows: QuerySet, limit: int) -> tuple[str, tuple]:
    try:
        return rows.order_by().values("pk")[: limit + 1].query.sql_with_params()
    except EmptyResultSet:  # the compiler saw that nothing can match
        return "SELECT 1 WHERE false", ()


def _branches(queue: Queue, team_ids: Sequence[int | Value]) -> list[Q]:
    return [Q(team=team_id) for team_id in team_ids] or [NOBODY] if queue.of_team else []


def extras(user: int | Value) -> dict:
    waiting = FollowUp.objects.filter(complaint=OuterRef("pk"), done_at__isnull=True).order_by("due_at", "id")
    return {
        "excerpt": Subquery(access.latest_words().annotate(start=Left("body", EXCERPT)).values("start")[:1]),
        "has_draft": Exists(ReplyDraft.objects.filter(complaint=OuterRef("pk"), agent=user)),
        "waits_for": Subquery(waiting.values("kind")[:1]),
    }
