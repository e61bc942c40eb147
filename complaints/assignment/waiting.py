"""The queue: what waits, in which order, and for whom room is kept.

Like requests are judged together, so a long queue that nobody serves costs little.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Now

from accounts.models import Presence
from complaints.assignment.agents import Agent
from complaints.assignment.candidates import Need, bars_against, bars_for, judge, what_blocks, winner_of
from complaints.assignment.demand import CHAT_OVERTAKEN_WITHIN, OVERTAKEN_WITHIN
from complaints.assignment.load import CHAT, IN_WORK
from complaints.models import AssignmentRequest, Complaint

# More are looked at than given out: what a customer typed may rule out agents, and only the complaint itself tells.
LOOKED_AT = 100
GROUP = ("team_id", "skill_code", "skill_level", "language", "weight", "excluded_ids")
Group = dict[str, Any]


@dataclass(frozen=True)
class Hold:
    """Room that is kept for who waits already: ``agent_id`` gets nothing that came after ``until``."""

    agent_id: int
    until: datetime


@dataclass(frozen=True)
class Waiting:
    """One request of the queue: its complaint, what it needs, when it came."""

    complaint_id: int
    enqueued_at: datetime
    rank_at: datetime
    group: Group

    def held_back(self, holds: Iterable[Hold]) -> frozenset[int]:
        """Agents whose room is kept for an earlier request."""
        return frozenset(hold.agent_id for hold in holds if self.enqueued_at > hold.until)


def waiting() -> QuerySet[AssignmentRequest]:
    """Requests that wait for an agent, in the order in which they are served."""
    return AssignmentRequest.objects.filter(state=AssignmentRequest.State.WAITING).order_by("rank_at", "id")


def groups_of(requests: QuerySet[AssignmentRequest], *names: str) -> list[Group]:
    """Like requests, as what they need; with ``first_at``, when the first of them came."""
    return list(requests.order_by().values(*GROUP, *names).annotate(first_at=Min("enqueued_at")))


def need_of(group: Group) -> Need:
    return Need(**{**_like(group), "excluded_ids": frozenset(group["excluded_ids"])})


def read_queue(requests: QuerySet[AssignmentRequest], groups: Iterable[Group]) -> list[Waiting]:
    """The requests of these groups, the most urgent first."""
    groups = list(groups)
    return _read(_among(requests, groups)) if groups else []


def _read(requests: QuerySet[AssignmentRequest]) -> list[Waiting]:
    rows = requests.values("complaint_id", "enqueued_at", "rank_at", *GROUP)[:LOOKED_AT]
    return [Waiting(row.pop("complaint_id"), row.pop("enqueued_at"), row.pop("rank_at"), row) for row in rows]


def takeable(requests: QuerySet[AssignmentRequest], groups: list[Group], agents: list[Agent]) -> tuple[list[Waiting], list[Hold]]:
    """Requests that somebody could take now, and the room that is kept for those that nobody has room for."""
    able, holds = [], []
    for group in sorted(groups, key=lambda group: group["first_at"]):
        reason, hold = _judge_group(requests, group, agents)
        able += [] if reason else [group]
        holds += [hold] if hold else []
    kept = Q(sticky_until__gt=Now(), sticky_agent__in=[agent.id for agent in agents if not _is_free(agent)])
    _say_kept(requests.filter(kept), able)
    free = requests.exclude(kept)
    leaving = [agent.id for agent in agents if _is_free(agent) and agent.is_on_shift and not agent.stays]
    found = read_queue(free, able)
    if leaving:  # they still take what is theirs, also where nobody else could
        found += [each for each in _read(free.filter(_owned_by(leaving))) if each not in found]
    return sorted(found, key=lambda each: each.rank_at), holds


def _say_kept(kept: QuerySet[AssignmentRequest], able: list[Group]) -> None:
    """What others could take again waits for its owner alone, whatever was written down while nobody could."""
    changed = [group for group in able if group["blocked_by"] not in ("", "kept")]
    if changed:
        _among(kept, changed).update(blocked_by="kept")


def _among(requests: QuerySet[AssignmentRequest], groups: Iterable[Group]) -> QuerySet[AssignmentRequest]:
    return requests.filter(reduce(or_, [Q(**_like(group)) for group in groups]))


def _owned_by(agent_ids: list[int]) -> Q:
    theirs = Complaint.objects.filter(assignee__in=agent_ids, order__isnull=False).values("order")
    return Q(sticky_agent__in=agent_ids) | Q(complaint__order__in=theirs)


def _judge_group(requests: QuerySet[AssignmentRequest], group: Group, agents: list[Agent]) -> tuple[str, Hold | None]:
    """Why nobody can take these, "" if somebody can. The reason is written down; only for want of room somebody's is kept."""
    need = need_of(group)
    members = [agent for agent in agents if need.team_id in agent.team_ids]
    verdicts = judge(members, need)
    reason = "" if winner_of(verdicts) else what_blocks(verdicts)
    if reason and reason != group["blocked_by"]:
        requests.filter(**_like(group), blocked_by=group["blocked_by"]).update(blocked_by=reason)
    return reason, _hold_for(group, need, members) if reason == "full" else None


def _hold_for(group: Group, need: Need, members: list[Agent]) -> Hold | None:
    """Heavy work would wait for ever while lighter work takes every place that becomes free: past its bound, one agent is kept for it."""
    among = bars_for(members, need)
    full = [agent for agent in members if need.weight <= agent.capacity and set(bars_against(agent, need, among=among)) == {"full"}]
    if not full:
        return None
    nearest = min(full, key=lambda agent: (agent.used + need.weight - agent.capacity, agent.id))
    is_chat = need.weight >= CHAT
    return Hold(nearest.id, group["first_at"] + (CHAT_OVERTAKEN_WITHIN if is_chat else OVERTAKEN_WITHIN))


def _is_free(agent: Agent) -> bool:
    """Whether an owner could take something usual now; else what waits for them need not be looked at."""
    return agent.state == Presence.State.READY and agent.is_heard and agent.used + IN_WORK <= agent.capacity


def split_for(agent: Agent, requests: QuerySet[AssignmentRequest], among: Iterable[str]) -> tuple[list[Group], list[Group]]:
    """Groups of like requests that an agent can take, and those for which only the room is missing."""
    found = [(group, bars_against(agent, need_of(group), among=set(among))) for group in groups_of(requests)]
    return [group for group, bars in found if not bars], [group for group, bars in found if bars == ["full"]]


def _like(group: Group) -> Group:
    return {name: group[name] for name in GROUP}
