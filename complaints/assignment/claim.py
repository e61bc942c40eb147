"""Giving waiting complaints to agents: by the sweep or a hint to whoever suits best, or to the one agent who asks.

The complaint is the lock: whoever cannot have it at once goes on to the next. Each complaint is a transaction of its own, so an
agent who turns out to be full costs one more try and never a deadlock.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Now

from accounts.models import User
from complaints.assignment.agents import read_agents
from complaints.assignment.candidates import (
    BARS_OF_ASKING,
    Need,
    Verdict,
    bars_against,
    judge,
    need_fields,
    rows_of,
    terms_of,
    what_blocks,
    winner_of,
)
from complaints.assignment.patience import kept_until
from complaints.assignment.waiting import groups_of, read_queue, split_for, takeable, waiting
from complaints.models import AssignmentRequest, Complaint, Decision
from complaints.services.act import RELATED, Act
from complaints.services.routing import NoRoomError, against_full, give
from foundation.exceptions import RefusedError
from foundation.failpoints import failpoint

ROUND = 20
TRIES = 5
# What stops one complaint and says nothing about the next one that needs the same.
OWN_BLOCKS = {"", "named", "kept", "held"}

Choose = Callable[[Need], list[Verdict]]


class Outcome(NamedTuple):
    """The complaint that found an agent, or why nobody can take it; neither when it needs none any more."""

    complaint: Complaint | None = None
    block: str = ""


def assign_waiting(limit: int = ROUND) -> int:
    """Give up to ``limit`` waiting complaints, the most urgent first, to the agents who suit best; returns how many found one.

    Those that nobody can take stay in the queue with the reason. Any number of these may run at once.
    """
    groups = groups_of(waiting(), "blocked_by")
    agents = read_agents(team_ids={group["team_id"] for group in groups}) if groups else []
    given, spent = 0, []
    able, holds = takeable(waiting(), groups, agents)
    for each in able:
        if given == limit:
            break
        if each.group in spent:
            continue
        outcome = _give_out(each.complaint_id, _among_team, held_back=each.held_back(holds))
        given += outcome.complaint is not None
        if outcome.block not in OWN_BLOCKS:
            spent.append(each.group)
    return given


def claim_next(agent: User) -> Complaint | None:
    """Give an agent who asks for it the most urgent waiting complaint that they can take; None when there is none.

    ``RefusedError`` when there is one and the agent has no room for it. Chats are offered, not asked for, and what is kept for its
    owner is not the next one of anybody else.
    """
    me = read_agents(user_ids=[agent.pk])[0]
    queue = waiting().filter(team__in=me.team_ids, chat__isnull=True)
    mine = queue.exclude(~Q(sticky_agent=agent.pk), sticky_until__gt=Now())
    fitting, too_heavy = split_for(me, mine, BARS_OF_ASKING)
    for each in read_queue(mine, fitting):
        outcome = _give_out(each.complaint_id, partial(_only, agent.pk), by=agent)
        if outcome.complaint is not None:
            return outcome.complaint
    if too_heavy:
        raise RefusedError([against_full(me)])
    return None


def _give_out(complaint_id: int, choose: Choose, *, held_back: frozenset[int] = frozenset(), by: User | None = None) -> Outcome:
    """Give one complaint to whom ``choose`` puts first. An agent whose room or presence went meanwhile makes it choose again."""
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                return _assign(complaint_id, choose, held_back=held_back, by=by)
        except NoRoomError:
            continue
    return Outcome()


def _assign(complaint_id: int, choose: Choose, *, held_back: frozenset[int], by: User | None) -> Outcome:
    complaint = _lock_waiting(complaint_id)
    request = complaint and _request_of(complaint)
    if request is None or (complaint.assignee_id is not None and request.chat_id is None):
        return Outcome()
    need = _need_of(complaint, request, held_back)
    verdicts = choose(need)
    winner = winner_of(verdicts)
    if winner is None:
        block = what_blocks(verdicts)
        _note_need(request, need, block)
        return Outcome(block=block)
    transaction.on_commit(_reach_failpoint)
    act = Act(complaint, by=by)
    to = User(pk=winner.id, name=winner.name, username=winner.username)
    terms = terms_of(winner, need) if by is None else None
    give(act, to, cause=_cause(request, by), candidates=rows_of(verdicts, need), terms=terms)
    if request.chat_id is None and request.told_id != winner.id:
        act.tell("assigned")
    return Outcome(act.finish())


def _lock_waiting(complaint_id: int) -> Complaint | None:
    """The complaint, locked, unless somebody else has it under their hands or it is over."""
    rows = Complaint.objects.select_for_update(no_key=True, skip_locked=True, of=("self",)).select_related(*RELATED)
    complaint = rows.filter(pk=complaint_id).first()
    return complaint if complaint is not None and complaint.is_live else None


def _request_of(complaint: Complaint) -> AssignmentRequest | None:
    """The waiting request with who knows the matter (``knows_id``), who was named to the customer last (``told_id``), and the time."""
    same_order = Complaint.objects.filter(order=complaint.order_id, customer=complaint.customer_id, assignee__isnull=False)
    others = same_order.exclude(pk=complaint.pk).order_by("-filed_at").values("assignee")[:1]
    decided = Decision.objects.filter(complaint=OuterRef("complaint")).order_by("-id").values("winner")[:1]
    rows = complaint.assignment_requests.filter(state=AssignmentRequest.State.WAITING)
    asked = {"told_id": Subquery(decided), "looked_at": Now()}
    if complaint.order_id and complaint.customer_id:
        asked["knows_id"] = Subquery(others)
    return rows.annotate(**asked).first()


def _need_of(complaint: Complaint, request: AssignmentRequest, held_back: frozenset[int]) -> Need:
    is_chat = request.chat_id is not None
    owner_id = request.sticky_agent_id or (is_chat and complaint.assignee_id) or getattr(request, "knows_id", None)
    until = request.kept_until = request.sticky_until or kept_until(complaint, request.enqueued_at, is_chat=is_chat)
    return Need.of(complaint, request, held_back=held_back, owner_id=owner_id or None, waits=bool(owner_id) and request.looked_at < until)


def _cause(request: AssignmentRequest, by: User | None) -> str:
    if by is not None:
        return Decision.Cause.CLAIM
    return Decision.Cause.CHAT if request.chat_id else Decision.Cause.SWEEP


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
    if need.waits:
        fresh |= {"sticky_agent_id": need.owner_id, "sticky_until": request.kept_until}
    if any(getattr(request, name) != value for name, value in fresh.items()):
        AssignmentRequest.objects.filter(pk=request.pk).update(**fresh)


def _reach_failpoint() -> None:
    failpoint("assign.after_commit")
