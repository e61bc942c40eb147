"""Everybody with whatever decides whether they get work, read in one query."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from accounts.models import Presence
from complaints.assignment.load import CAPACITY, LAST_MINUTES, TODAY
from complaints.models import AssignmentRequest, Complaint
from foundation.prepared import Statement

# The first piece of work of somebody who has just come is no rate of fifty units an hour.
SHORTEST_HOURS = 1

AGENTS = Statement.named(f"""
    SELECT u.id, u.name, u.username, u.is_active, COALESCE(p.state, 'offline'),
        COALESCE(p.heartbeat_at > now() - make_interval(secs => {Presence.HEARTBEAT_SECONDS}), false),
        COALESCE(s.capacity, p.capacity, {CAPACITY}), COALESCE(load.used, 0), load.last_assigned_at,
        CASE WHEN load.shift_started_at >= COALESCE(s.starts_at, {TODAY}) THEN load.shift_units ELSE 0 END,
        EXTRACT(epoch FROM now() - COALESCE(s.starts_at, CASE WHEN load.shift_started_at >= {TODAY} THEN load.shift_started_at END,
            now()))::float8 / 3600,
        COALESCE(s.is_on, false), COALESCE(s.stays, false), COALESCE(s.on_leave, false),
        ARRAY(SELECT m.team_id FROM accounts_membership m WHERE m.user_id = u.id),
        ARRAY(SELECT m.team_id FROM accounts_membership m JOIN accounts_team t ON t.id = m.team_id
            WHERE m.user_id = u.id AND t.plans_shifts),
        ARRAY(SELECT g.name FROM accounts_user_groups ug JOIN auth_group g ON g.id = ug.group_id WHERE ug.user_id = u.id),
        COALESCE((SELECT json_object_agg(s.code, a.level) FROM accounts_agentskill a
            JOIN accounts_skill s ON s.id = a.skill_id WHERE a.user_id = u.id), '{{}}')
    FROM accounts_user u
    LEFT JOIN accounts_presence p ON p.user_id = u.id
    LEFT JOIN complaints_agentload load ON load.user_id = u.id
    LEFT JOIN LATERAL (
        SELECT bool_or(now_on) AS is_on, bool_or(soon_on) AND NOT bool_or(is_leave AND ends_at > soon) AS stays,
            bool_or(is_leave AND starts_at <= now()) AS on_leave,
            (array_agg(capacity ORDER BY ends_at DESC) FILTER (WHERE now_on))[1] AS capacity,
            (array_agg(starts_at ORDER BY ends_at DESC) FILTER (WHERE now_on))[1] AS starts_at
        FROM (
            SELECT each.*, NOT is_leave AND starts_at <= now() AS now_on, NOT is_leave AND ends_at > soon AS soon_on, soon
            FROM accounts_shift each, (SELECT now() + make_interval(mins => {LAST_MINUTES}) AS soon) AS clock
            WHERE each.user_id = u.id AND ends_at > now() AND starts_at <= soon
        ) AS near
    ) AS s ON true
    WHERE u.id = ANY(%(users)s::bigint[])
        OR u.id IN (SELECT user_id FROM accounts_membership WHERE team_id = ANY(%(teams)s::bigint[]))
    ORDER BY u.id
""")  # noqa: S608 - constants of this module


@dataclass(frozen=True)
class Agent:
    """Somebody with everything that decides whether they get work.

    ``is_heard``: the last heartbeat is at most a minute old. ``shift_units`` were given to them in the ``shift_hours`` since their
    shift began. ``stays``: they are still on shift in a quarter of an hour. ``planned_team_ids``: those of their teams that plan shifts.
    """

    id: int
    name: str
    username: str
    is_active: bool
    state: str
    is_heard: bool
    capacity: int
    used: int
    last_assigned_at: datetime | None
    shift_units: int
    shift_hours: float
    is_on_shift: bool
    stays: bool
    is_on_leave: bool
    team_ids: frozenset[int]
    planned_team_ids: frozenset[int]
    roles: frozenset[str]
    skills: dict[str, int]

    @property
    def pace(self) -> float:
        """Units given to them per hour of the shift."""
        return self.shift_units / max(SHORTEST_HOURS, self.shift_hours)


def read_agents(*, team_ids: Collection[int] = (), user_ids: Collection[int] = ()) -> list[Agent]:
    """The members of these teams and these users, in one query."""
    rows = AGENTS.rows(teams=list(team_ids), users=list(user_ids), zone=settings.TIME_ZONE)
    return [Agent(*row[:14], frozenset(row[14]), frozenset(row[15]), frozenset(row[16]), row[17]) for row in rows]


def excluded_for(complaint: Complaint) -> list[int]:
    """Who must not get a complaint again, as its latest demand says. Whom a chat passed over counts for that chat only."""
    latest = AssignmentRequest.objects.filter(complaint=complaint, chat__isnull=True).order_by("-id").values_list("excluded_ids", flat=True)
    return latest.first() or []
