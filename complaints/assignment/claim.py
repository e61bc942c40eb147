"""Giving waiting complaints to agents: by the sweep or a hint to whoever suits best, or to the one agent who asks.

The complaint is the lock: whoever cannot have it at once goes on to the next. Each complaint is a transaction of its own, so an
agent who turns out to be full costs one more try and never a deadlock.
"""

from collections.abc import Callable, Iterable
from functools import partial, reduce
from operator import or_
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from complaints.assignment.candidates import (
    BARS_OF_ASKING,
    Agent,
    Need,
    Verdict,
    bars_against,
    judge,
    need_fields,
    read_agents,
    rows_of,
    what_blocks,
    winner_of,
)
from complaints.models import AssignmentRequest, Complaint, Decision
from complaints.services.act import RELATED, Act
from complaints.services.routing import NoRoomError, against_full, give
from foundation.exceptions import RefusedError
from foundation.failpoints import failpoint

ROUND = 20
# More are looked at than given out: what a customer typed may rule out agents, and only the complaint itself tells.
LOOKED_AT = 5 * ROUND
TRIES = 5
GROUP = ("team_id", "skill_code", "skill_level", "language", "weight", "excluded_ids")

Choose = Callable[[Need], list[Verdict]]


class Outcome(NamedTuple):
    """The complaint that found an agent, or why nobody can take it; neither when it needs none any more."""

    complaint: Complaint | None = None
    block: str = ""


def assign_waiting(limit: int = ROUND) -> int:
    """Give up to ``limit`` waiting complaints, the most urgent first, to the agents who suit best; returns how many found one.

    Those that nobody can take stay in the queue with the reason. Any number of these may run at once.
    """
    given, spent = 0, []
    for complaint_id, group in _takeable(waiting()):
        if given == limit:
            break
        if group in spent:
            continue
        outcome = _give_out(complaint_id, _among_team, cause=Decision.Cause.SWEEP, must_be_ready=True)
        given += outcome.complaint is not None
        if outcome.block not in ("", "named"):
            spent.append(group)
    return given


def claim_next(agent: User) -> Complaint | None:
    """Give an agent who asks for it the most urgent waiting complaint that they can take; None when there is none.

    ``RefusedError`` when there is one and the agent has no room for it.
    """
    me = read_agents(user_ids=[agent.pk])[0]
    fitting, too_heavy = _split_for(me, waiting().filter(team__in=me.team_ids))
    for complaint_id, _group in _complaints(waiting(), fitting):
        outcome = _give_out(complaint_id, partial(_only, agent.pk), cause=Decision.Cause.CLAIM, by=agent)
        if outcome.complaint is not None:
            return outcome.complaint
    if too_heavy:
        raise RefusedError([against_full(me)])
    return None


def waiting() -> QuerySet[AssignmentRequest]:
    """Requests that wait for an agent, in the order in which they are served."""
    return AssignmentRequest.objects.filter(state=AssignmentRequest.State.WAITING).order_by("rank_at", "id")


def _takeable(requests: QuerySet[AssignmentRequest]) -> list[tuple[int, dict[str, Any]]]:
    """Complaints that somebody could take now. Like requests are judged together, so a long queue that nobody serves costs little."""
    groups = list(requests.order_by().values(*GROUP, "blocked_by").distinct())
    agents = read_agents(team_ids={group["team_id"] for group in groups}) if groups else []
    return _complaints(requests, [group for group in groups if not _note_block(requests, group, agents)])


def _note_block(requests: QuerySet[AssignmentRequest], group: dict[str, Any], agents: list[Agent]) -> str:
    """Write down at like requests why nobody can take them, if so."""
    need = _need_of(group)
    verdicts = judge([agent for agent in agents if need.team_id in agent.team_ids], need)
    reason = "" if winner_of(verdicts) else what_blocks(verdicts)
    if reason and reason != group["blocked_by"]:
        requests.filter(**_like(group)).update(blocked_by=reason)
    return reason


def _split_for(agent: Agent, requests: QuerySet[AssignmentRequest]) -> tuple[list[dict], list[dict]]:
    """Groups of like requests that an agent can take, and those for which only the room is missing."""
    groups = list(requests.order_by().values(*GROUP).distinct())
    bars = [bars_against(agent, _need_of(group), among=BARS_OF_ASKING) for group in groups]
    pairs = list(zip(groups, bars, strict=True))
    return [group for group, found in pairs if not found], [group for group, found in pairs if found == ["full"]]


def _complaints(requests: QuerySet[AssignmentRequest], groups: Iterable[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """The complaints of these groups with what they need, the most urgent first."""
    likes = [Q(**_like(group)) for group in groups]
    if not likes:
        return []
    rows = requests.filter(reduce(or_, likes)).values("complaint_id", *GROUP)[:LOOKED_AT]
    return [(row.pop("complaint_id"), row) for row in rows]


def _like(group: dict[str, Any]) -> dict[str, Any]:
    return {name: group[name] for name in GROUP}


def _need_of(group: dict[str, Any]) -> Need:
    return Need(**{**_like(group), "excluded_ids": frozenset(group["excluded_ids"])})


def _give_out(complaint_id: int, choose: Choose, *, cause: str, by: User | None = None, must_be_ready: bool = False) -> Outcome:
    """Give one complaint to whom ``choose`` puts first. An agent whose room or presence went meanwhile makes it choose again."""
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                return _assign(complaint_id, choose, cause=cause, by=by, must_be_ready=must_be_ready)
        except NoRoomError:
            continue
    return Outcome()


def _assign(complaint_id: int, choose: Choose, *, cause: str, by: User | None, must_be_ready: bool) -> Outcome:
    complaint = _lock_unassigned(complaint_id)
    request = complaint and complaint.assignment_requests.filter(state=AssignmentRequest.State.WAITING).first()
    if request is None:
        return Outcome()
    need = Need.of(complaint, request.excluded_ids)
    verdicts = choose(need)
    winner = winner_of(verdicts)
    if winner is None:
        block = what_blocks(verdicts)
        _note_need(request, need, block)
        return Outcome(block=block)
    transaction.on_commit(_reach_failpoint)
    act = Act(complaint, by=by)
    to = User(pk=winner.id, name=winner.name, username=winner.username)
    give(act, to, cause=cause, candidates=rows_of(verdicts, need), request=request, must_be_ready=must_be_ready)
    act.tell("assigned")
    return Outcome(act.finish())


def _lock_unassigned(complaint_id: int) -> Complaint | None:
    """The complaint, locked, if it still needs an agent and nobody else has it under their hands."""
    rows = Complaint.objects.select_for_update(no_key=True, skip_locked=True, of=("self",)).select_related(*RELATED)
    complaint = rows.filter(pk=complaint_id, assignee__isnull=True).first()
    return complaint if complaint is not None and complaint.is_live else None


def _among_team(need: Need) -> list[Verdict]:
    return judge(read_agents(team_ids=[need.team_id]), need)


def _only(agent_id: int, need: Need) -> list[Verdict]:
    """Whoever asks is there, so presence is not asked for; nor is a language, which they can see."""
    agent = read_agents(user_ids=[agent_id])[0]
    bars = bars_against(agent, need, among=BARS_OF_ASKING)
    return [Verdict(agent, bars[0] if bars else "")]


def _note_need(request: AssignmentRequest, need: Need, reason: str) -> None:
    """Bring a request that nobody can take up to date with its complaint, whose category or priority may have changed."""
    fresh = {**need_fields(need), "blocked_by": reason}
    if any(getattr(request, name) != value for name, value in fresh.items()):
        AssignmentRequest.objects.filter(pk=request.pk).update(**fresh)


def _reach_failpoint() -> None:
    failpoint("assign.after_commit")
