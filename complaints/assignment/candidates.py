"""Who could take a complaint, who takes it best, and why the others do not.

A bar keeps an agent from getting a complaint at all; the order of ``BARS`` decides which one is named. Among those without a
bar the smallest rank wins.
"""

import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from accounts.models import Presence
from accounts.roles import permissions_of
from complaints.assignment.agents import Agent
from complaints.assignment.load import CHAT, LAST_MINUTES, weight_of
from complaints.models import AssignmentRequest, Complaint

RULE_VERSION = 2
MOST_CANDIDATES = 200
BUSY_PERCENT = 80
MAY_REPLY = "complaints.reply_complaint"
# The answer in which a customer names the person who must not get the complaint.
NAMED_ANSWER = "agent_name"
SHORTEST_NAME = 2
LANGUAGE_SKILL = "language-"


@dataclass(frozen=True)
class Need:
    """What a complaint asks of whoever takes it. ``named`` is the person the customer complains of, as typed.

    ``held_back`` are agents whose room is kept for what came before. ``owner_id`` is who knows the customer; while ``waits`` it is
    kept for them if they are only busy or away for a moment (``kept_for``). ``holder_id`` has the complaint already and takes a chat
    about it, so that for them it weighs ``held`` less.
    """

    team_id: int
    skill_code: str
    skill_level: int
    language: str
    weight: int
    excluded_ids: frozenset[int] = frozenset()
    named: str = ""
    held_back: frozenset[int] = frozenset()
    owner_id: int | None = None
    waits: bool = False
    kept_for: int | None = None
    holder_id: int | None = None
    held: int = 0

    @classmethod
    def of(cls, complaint: Complaint, request: AssignmentRequest | None = None, **owner: Any) -> "Need":
        """The need of a complaint as it is now. Needs ``category`` and ``customer`` of the complaint."""
        weight, is_chat = weight_of(complaint), request is not None and request.chat_id is not None
        return cls(
            team_id=complaint.team_id,
            skill_code=complaint.category.skill_code,
            skill_level=complaint.category.skill_level,
            language=complaint.language,
            weight=weight + CHAT * is_chat,
            excluded_ids=frozenset(request.excluded_ids if request else ()),
            named=_plain(str((complaint.answers or {}).get(NAMED_ANSWER, ""))),
            holder_id=complaint.assignee_id if is_chat else None,
            held=weight,
            **owner,
        )

    def weight_for(self, agent: Agent) -> int:
        return self.weight - self.held if agent.id == self.holder_id else self.weight

    def level_of(self, agent: Agent) -> int:
        return agent.skills.get(self.skill_code, 0) if self.skill_code else self.skill_level


@dataclass(frozen=True)
class Verdict:
    """One agent and the first reason why the complaint does not go to them; "" for whoever gets it."""

    agent: Agent
    lost: str

    def as_row(self, need: Need) -> dict[str, Any]:
        """What a decision keeps: numbers and codes, no names."""
        agent = self.agent
        values = {"agent": agent.id, "lost": self.lost, "state": agent.state, "used": agent.used, "capacity": agent.capacity}
        shift = {"units": agent.shift_units, "hours": round(agent.shift_hours, 2)}
        return {**values, "level": need.level_of(agent), "weight": need.weight_for(agent), **shift}


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


def _is_off_shift(agent: Agent, need: Need) -> bool:
    return need.team_id in agent.planned_team_ids and not agent.is_on_shift


def _is_leaving(agent: Agent, need: Need) -> bool:
    """Who knows the customer takes the matter up even in the last minutes."""
    return need.team_id in agent.planned_team_ids and not agent.stays and agent.id != need.owner_id


Bar = Callable[[Agent, Need], bool]
BARS: dict[str, Bar] = {
    "inactive": lambda agent, need: not agent.is_active,
    "team": lambda agent, need: need.team_id not in agent.team_ids,
    "role": lambda agent, need: MAY_REPLY not in permissions_of(agent.roles),
    "named": _is_named,
    "excluded": lambda agent, need: agent.id in need.excluded_ids,
    "leave": lambda agent, need: agent.is_on_leave,
    "off_shift": _is_off_shift,
    "shift_ends": _is_leaving,
    "state": lambda agent, need: agent.state != Presence.State.READY,
    "silent": lambda agent, need: not agent.is_heard,
    "skill": lambda agent, need: need.level_of(agent) < need.skill_level,
    "language": lambda agent, need: not _speaks(agent, need),
    "full": lambda agent, need: agent.used + need.weight_for(agent) > agent.capacity,
    "held": lambda agent, need: agent.id in need.held_back,
    "kept": lambda agent, need: need.kept_for is not None and agent.id != need.kept_for,
}
# Somebody who asks for the next complaint is there, and sees its language.
BARS_OF_ASKING = BARS.keys() - {"leave", "off_shift", "shift_ends", "state", "silent", "language", "held", "kept"}
# What stands against somebody who picks one complaint, or is picked for it by a colleague.
BARS_OF_PICKING = frozenset({"named", "skill", "full"})
BARS_OF_GIVING = BARS_OF_PICKING | {"leave"}
# For this a complaint waits a moment: its owner has no room, or left the desk for a cup of tea.
PASSING = frozenset({"full", "state"})


def bars_against(agent: Agent, need: Need, *, among: Collection[str] = BARS.keys()) -> list[str]:
    """Every reason why an agent cannot have a complaint, the first one first."""
    return [code for code, stands in BARS.items() if code in among and stands(agent, need)]


RANK: dict[str, Callable[[Agent, Need], Any]] = {
    "owner": lambda agent, need: agent.id != need.owner_id,
    "surplus": lambda agent, need: need.level_of(agent) - need.skill_level,
    "busy": lambda agent, need: agent.used * 100 >= agent.capacity * BUSY_PERCENT,
    "pace": lambda agent, need: agent.pace,
    "recent": lambda agent, need: agent.last_assigned_at or datetime.min.replace(tzinfo=UTC),
    "order": lambda agent, need: agent.id,
}


def judge(agents: Iterable[Agent], need: Need) -> list[Verdict]:
    """A verdict for every agent: whoever gets the complaint first (if anybody can), then the others by id."""
    among = bars_for(agents := list(agents), need)
    need = _keep_for_owner(agents, need, among)
    barred = {agent.id: next(iter(bars_against(agent, need, among=among)), "") for agent in agents}
    able = [agent for agent in agents if not barred[agent.id]]
    if not able:
        return [Verdict(agent, barred[agent.id]) for agent in agents]
    best = min(able, key=lambda agent: _rank(agent, need))
    others = [Verdict(agent, barred[agent.id] or _first_difference(agent, best, need)) for agent in agents if agent is not best]
    return [Verdict(best, ""), *others]


def _keep_for_owner(agents: list[Agent], need: Need, among: Collection[str]) -> Need:
    """While a complaint waits for its owner, nobody else gets it if only something that passes keeps the owner from it."""
    owner = next((agent for agent in agents if need.waits and agent.id == need.owner_id), None)
    if owner is None or owner.state == Presence.State.OFFLINE:
        return need
    bars = set(bars_against(owner, need, among=among))
    return replace(need, kept_for=owner.id) if bars and bars <= PASSING else need


def terms_of(agent: Agent, need: Need) -> dict[str, Any]:
    """What must still hold of the winner in the statement that counts the work (``load.TAKE``).

    A language counts only where somebody speaks it, so it is asked for only if the winner does.
    """
    return {
        "team": need.team_id,
        "skill": need.skill_code,
        "level": need.skill_level,
        "tongue": f"{LANGUAGE_SKILL}{need.language}" if _speaks(agent, need) else "",
        "minutes": 0 if agent.id == need.owner_id else LAST_MINUTES,
    }


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
    return {name: getattr(need, name) for name in ("team_id", "skill_code", "skill_level", "language", "weight")}


def _rank(agent: Agent, need: Need) -> tuple:
    return tuple(part(agent, need) for part in RANK.values())


def _first_difference(agent: Agent, best: Agent, need: Need) -> str:
    return next(name for name, part in RANK.items() if part(agent, need) != part(best, need))
