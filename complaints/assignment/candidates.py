"""Who could take a complaint, who takes it best, and why the others do not.

A bar keeps an agent from getting a complaint at all; the order of ``BARS`` decides which one is named. Among those without a
bar the smallest rank wins. Shifts and sticky waiting come with the calendars; they are one more bar and one more part of the rank.
"""

import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from accounts.models import Presence
from accounts.roles import permissions_of
from complaints.assignment.load import CAPACITY, weight_of
from complaints.models import AssignmentRequest, Complaint

RULE_VERSION = 1
MOST_CANDIDATES = 200
BUSY_PERCENT = 80
MAY_REPLY = "complaints.reply_complaint"
# The answer in which a customer names the person who must not get the complaint.
NAMED_ANSWER = "agent_name"
SHORTEST_NAME = 2
LANGUAGE_SKILL = "language-"

AGENTS = """
    SELECT u.id, u.name, u.username, u.is_active, COALESCE(p.state, 'offline'),
        COALESCE(p.heartbeat_at > now() - make_interval(secs => %(silence)s), false),
        COALESCE(p.capacity, %(capacity)s), COALESCE(load.used, 0), load.last_assigned_at,
        ARRAY(SELECT m.team_id FROM accounts_membership m WHERE m.user_id = u.id),
        ARRAY(SELECT g.name FROM accounts_user_groups ug JOIN auth_group g ON g.id = ug.group_id WHERE ug.user_id = u.id),
        COALESCE((SELECT json_object_agg(s.code, a.level) FROM accounts_agentskill a
            JOIN accounts_skill s ON s.id = a.skill_id WHERE a.user_id = u.id), '{}')
    FROM accounts_user u
    LEFT JOIN accounts_presence p ON p.user_id = u.id
    LEFT JOIN complaints_agentload load ON load.user_id = u.id
    WHERE u.id = ANY(%(users)s) OR u.id IN (SELECT user_id FROM accounts_membership WHERE team_id = ANY(%(teams)s))
    ORDER BY u.id
"""


@dataclass(frozen=True)
class Need:
    """What a complaint asks of whoever takes it. ``named`` is the person the customer complains of, as typed."""

    team_id: int
    skill_code: str
    skill_level: int
    language: str
    weight: int
    excluded_ids: frozenset[int] = frozenset()
    named: str = ""

    @classmethod
    def of(cls, complaint: Complaint, excluded_ids: Iterable[int] = ()) -> "Need":
        """The need of a complaint as it is now. Needs ``complaint.category``."""
        return cls(
            team_id=complaint.team_id,
            skill_code=complaint.category.skill_code,
            skill_level=complaint.category.skill_level,
            language=complaint.language,
            weight=weight_of(complaint),
            excluded_ids=frozenset(excluded_ids),
            named=_plain(str((complaint.answers or {}).get(NAMED_ANSWER, ""))),
        )


@dataclass(frozen=True)
class Agent:
    """Somebody with everything that decides whether they get work. ``is_heard``: the last heartbeat is at most a minute old."""

    id: int
    name: str
    username: str
    is_active: bool
    state: str
    is_heard: bool
    capacity: int
    used: int
    last_assigned_at: datetime | None
    team_ids: frozenset[int]
    roles: frozenset[str]
    skills: dict[str, int]

    def level_for(self, need: Need) -> int:
        return self.skills.get(need.skill_code, 0) if need.skill_code else need.skill_level


@dataclass(frozen=True)
class Verdict:
    """One agent and the first reason why the complaint does not go to them; "" for whoever gets it."""

    agent: Agent
    lost: str

    def as_row(self, need: Need) -> dict[str, Any]:
        """What a decision keeps: numbers and codes, no names."""
        agent = self.agent
        values = {"agent": agent.id, "lost": self.lost, "state": agent.state, "used": agent.used, "capacity": agent.capacity}
        return {**values, "level": agent.level_for(need), "weight": need.weight}


def read_agents(*, team_ids: Collection[int] = (), user_ids: Collection[int] = ()) -> list[Agent]:
    """The members of these teams and these users, in one query."""
    values = {"teams": list(team_ids), "users": list(user_ids), "silence": Presence.HEARTBEAT_SECONDS, "capacity": CAPACITY}
    with connection.cursor() as cursor:
        cursor.execute(AGENTS, values)
        return [Agent(*row[:9], frozenset(row[9]), frozenset(row[10]), row[11]) for row in cursor.fetchall()]


def _speaks(agent: Agent, need: Need) -> bool:
    return f"{LANGUAGE_SKILL}{need.language}" in agent.skills


def _is_named(agent: Agent, need: Need) -> bool:
    names = [_plain(agent.name), _plain(agent.username)]
    return bool(need.named) and any(_names_alike(name, need.named) for name in names)


def _names_alike(name: str, typed: str) -> bool:
    """A customer types part of a name, or a title around it; better one colleague too many than the wrong one."""
    shorter, longer = sorted((name, typed), key=len)
    return len(shorter) >= SHORTEST_NAME and shorter in longer


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


Bar = Callable[[Agent, Need], bool]
BARS: dict[str, Bar] = {
    "inactive": lambda agent, need: not agent.is_active,
    "team": lambda agent, need: need.team_id not in agent.team_ids,
    "role": lambda agent, need: MAY_REPLY not in permissions_of(agent.roles),
    "named": _is_named,
    "excluded": lambda agent, need: agent.id in need.excluded_ids,
    "state": lambda agent, need: agent.state != Presence.State.READY,
    "silent": lambda agent, need: not agent.is_heard,
    "skill": lambda agent, need: agent.level_for(need) < need.skill_level,
    "language": lambda agent, need: not _speaks(agent, need),
    "full": lambda agent, need: agent.used + need.weight > agent.capacity,
}
# Somebody who asks for the next complaint is there, and sees its language.
BARS_OF_ASKING = BARS.keys() - {"state", "silent", "language"}
# What stands against somebody who picks one complaint, or is picked for it.
BARS_OF_PICKING = frozenset({"named", "skill", "full"})


def bars_against(agent: Agent, need: Need, *, among: Collection[str] = BARS.keys()) -> list[str]:
    """Every reason why an agent cannot have a complaint, the first one first."""
    return [code for code, stands in BARS.items() if code in among and stands(agent, need)]


RANK: dict[str, Callable[[Agent, Need], Any]] = {
    "surplus": lambda agent, need: agent.level_for(need) - need.skill_level,
    "busy": lambda agent, need: agent.used * 100 >= agent.capacity * BUSY_PERCENT,
    "load": lambda agent, need: agent.used / agent.capacity,
    "recent": lambda agent, need: agent.last_assigned_at or datetime.min.replace(tzinfo=UTC),
    "order": lambda agent, need: agent.id,
}


def judge(agents: Iterable[Agent], need: Need) -> list[Verdict]:
    """A verdict for every agent: whoever gets the complaint first (if anybody can), then the others by id."""
    among = bars_for(agents := list(agents), need)
    barred = {agent.id: next(iter(bars_against(agent, need, among=among)), "") for agent in agents}
    able = [agent for agent in agents if not barred[agent.id]]
    if not able:
        return [Verdict(agent, barred[agent.id]) for agent in agents]
    best = min(able, key=lambda agent: _rank(agent, need))
    others = [Verdict(agent, barred[agent.id] or _first_difference(agent, best, need)) for agent in agents if agent is not best]
    return [Verdict(best, ""), *others]


def bars_for(agents: Iterable[Agent], need: Need) -> Collection[str]:
    """A language is asked for only in a team that has somebody known to speak it."""
    is_spoken = any(_speaks(agent, need) and need.team_id in agent.team_ids for agent in agents)
    return BARS.keys() if is_spoken else BARS.keys() - {"language"}


def winner_of(verdicts: list[Verdict]) -> Agent | None:
    return verdicts[0].agent if verdicts and not verdicts[0].lost else None


def what_blocks(verdicts: list[Verdict]) -> str:
    """Why nobody can take it: what stopped the agents who came nearest."""
    order = list(BARS)
    members = [verdict.lost for verdict in verdicts if verdict.lost in BARS]
    return max(members, key=order.index, default="nobody")


def rows_of(verdicts: list[Verdict], need: Need) -> list[dict[str, Any]]:
    """What a decision keeps of its candidates."""
    return [verdict.as_row(need) for verdict in verdicts[:MOST_CANDIDATES]]


def need_fields(need: Need) -> dict[str, Any]:
    """The need as fields of an ``AssignmentRequest``."""
    return {name: value for name, value in asdict(need).items() if name not in ("excluded_ids", "named")}


def _rank(agent: Agent, need: Need) -> tuple:
    return tuple(part(agent, need) for part in RANK.values())


def _first_difference(agent: Agent, best: Agent, need: Need) -> str:
    return next(name for name, part in RANK.items() if part(agent, need) != part(best, need))


def excluded_for(complaint: Complaint) -> list[int]:
    """Who must not get a complaint again, as its latest demand says."""
    latest = AssignmentRequest.objects.filter(complaint=complaint).order_by("-id").values_list("excluded_ids", flat=True)
    return latest.first() or []
