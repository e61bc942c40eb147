"""Who works on a complaint: assign, claim, release, transfer."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from complaints import access
from complaints.assignment.agents import Agent, excluded_for, read_agents
from complaints.assignment.candidates import (
    BARS_OF_GIVING,
    BARS_OF_PICKING,
    RULE_VERSION,
    Need,
    Verdict,
    bars_against,
    rows_of,
)
from complaints.assignment.demand import end_demand, requeue
from complaints.assignment.load import CHAT
from complaints.assignment.patience import half_time
from complaints.clauses import CURE_LEAD, against_state
from complaints.models import ChatSession, Complaint, Decision
from complaints.services.act import Act, lock_act, require_permission
from complaints.signals import complaint_assigned
from foundation.exceptions import Forbidden, Reason, RefusedError
from foundation.verbs import announce, lock, require, require_version


class NoRoomError(RefusedError):
    """The agent has no room for more work, or is not there any more."""


def give(
    act: Act,
    to: User,
    *,
    cause: str,
    candidates: list[dict[str, Any]],
    reason: str = "",
    is_beyond: bool = False,
    terms: Mapping[str, Any] | None = None,
) -> Decision:
    """Make somebody the assignee within an act, end the demand and keep why. Shared by every way in which a complaint is assigned.

    A chat that waits is offered to them with it. ``candidates`` are the rows of ``assignment.candidates``, the winner's first;
    ``terms`` is what must still hold of the winner. Raises ``NoRoomError`` unless there is room or ``is_beyond``; end the transaction
    then.
    """
    complaint = act.complaint
    was = complaint.assignee_id
    ended = end_demand(complaint, check_at=half_time(complaint, act.at))
    chat = _waiting_chat(ended.chat_id)
    used = act.take_room(to, extra=CHAT if chat else 0, is_beyond=is_beyond, terms=terms)
    if used is None:
        raise NoRoomError([against_full(to)])
    act.set(assignee=to)
    decision = Decision.objects.create(
        complaint=complaint,
        request_id=ended.request_id,
        at=act.at,
        cause=cause,
        rule_version=RULE_VERSION,
        winner=to,
        candidates=[{**candidates[0], "used": used}, *candidates[1:]],
        reason=reason[:200],
    )
    if was != to.pk:
        codes = {"agent": to.pk, "was": was, "team": complaint.team_id, "cause": cause, "decision": decision.pk}
        act.note("assigned", codes=codes, payload={"reason": reason} if reason else None)
        announce(complaint_assigned, complaint=complaint, by=act.by)
    if chat:
        _offer(act, chat, to)
    return decision


def _waiting_chat(chat_id: int | None) -> ChatSession | None:
    """The chat that the demand was for, locked, unless the customer has left it."""
    chat = lock(ChatSession(pk=chat_id)) if chat_id else None
    return chat if chat and chat.state == ChatSession.State.QUEUED else None


def _offer(act: Act, chat: ChatSession, to: User) -> None:
    from complaints.chat.sessions import offer  # conversations stand on the services

    offer(act, chat, to, act.at)


def pick(act: Act, to: User, *, cause: str, reason: str = "", may_exceed: bool = True) -> Decision:
    """Give a complaint to one chosen person within an act. Beyond skill or room only a lead can, with a reason."""
    need = Need.of(act.complaint)
    agent = read_agents(user_ids=[to.pk])[0]
    is_beyond = may_exceed and act.is_lead and bool(reason.strip())
    among = BARS_OF_PICKING if act.by is not None and act.by.pk == to.pk else BARS_OF_GIVING
    require(_against_picking(agent, need, among, is_beyond=is_beyond))
    candidates = rows_of([Verdict(agent, "")], need)
    return give(act, to, cause=cause, candidates=candidates, reason=reason.strip(), is_beyond=is_beyond)


@transaction.atomic
def claim_complaint(complaint: Complaint, *, by: User, expected_version: int | None = None, request_id: str | None = None) -> Complaint:
    """Take an unassigned complaint. ``RefusedError`` names who was faster, or what the taker lacks."""
    act = lock_act(complaint, "claim", by=by, request_id=request_id)
    if act.is_replay or act.complaint.assignee_id == by.pk:
        return act.complaint
    require_version(act.complaint, expected_version)
    require_permission(act, "complaints.claim_complaint")
    require([*against_ended(act), *_against_taken(act)])
    pick(act, by, cause=Decision.Cause.CLAIM)
    act.tell("assigned")
    return act.finish()


@transaction.atomic
def assign_complaint(
    complaint: Complaint, *, to: User, by: User | None, expected_version: int | None, request_id: str | None = None, reason: str = ""
) -> Complaint:
    """Give a complaint to somebody who may see and answer it. Beyond skill or capacity only a lead can, with a reason."""
    act = lock_act(complaint, "assign", by=by, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require_version(act.complaint, expected_version)
    require_permission(act, "complaints.assign_complaint")
    require([*against_ended(act), *against_taker(act, to)])
    if act.complaint.assignee_id == to.pk:
        return act.complaint
    pick(act, to, cause=Decision.Cause.MANUAL, reason=reason)
    act.tell("assigned")
    return act.finish()


@transaction.atomic
def release_complaint(
    complaint: Complaint, *, by: User | None, expected_version: int | None, request_id: str | None = None, reason: str = ""
) -> Complaint:
    """Put a complaint back into the queue; it keeps its first place there and does not come back to its holder by itself."""
    act = lock_act(complaint, "release", by=by, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require_version(act.complaint, expected_version)
    require_permission(act, "complaints.claim_complaint")
    require([*against_ended(act), *_against_releasing(act)])
    excluded = {*excluded_for(act.complaint), act.complaint.assignee_id} - {None}
    requeue(act, cause="released", reason=reason, excluded_ids=sorted(excluded))
    return act.finish()


@transaction.atomic
def transfer_complaint(
    complaint: Complaint, *, team: Team, by: User | None, expected_version: int | None, request_id: str | None = None, reason: str = ""
) -> Complaint:
    """Move a complaint to the queue of another team that is active. The promise given to the customer stays."""
    act = lock_act(complaint, "transfer", by=by, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require_version(act.complaint, expected_version)
    require_permission(act, "complaints.label_complaint")
    require([*against_ended(act), *_against_team(act, team)])
    move_to_team(act, team, reason=reason)
    return act.finish()


def move_to_team(act: Act, team: Team, *, reason: str = "") -> None:
    """Change the team within an act; the assignee stays only if they belong to the new team."""
    complaint = act.complaint
    if complaint.team_id == team.pk:
        return
    act.note("team.changed", codes={"from": complaint.team_id, "to": team.pk}, payload={"reason": reason} if reason else None)
    act.set(team=team)
    if complaint.assignee_id is None or not team.memberships.filter(user_id=complaint.assignee_id).exists():
        requeue(act, cause="transferred")


def against_ended(act: Act) -> list[Reason]:
    """Work that is over is not given to anybody."""
    if act.complaint.is_live or act.complaint.status == Complaint.Status.RESOLVED:
        return []
    return [against_state(act.complaint)]


def _against_team(act: Act, team: Team) -> list[Reason]:
    """Nobody looks after the queue of a team that is closed."""
    if team.is_active or team.pk == act.complaint.team_id:
        return []
    return [Reason("closed_team", _("This team works no longer."), _("Choose another team."))]


def _against_taken(act: Act) -> list[Reason]:
    holder = act.complaint.assignee
    return [Reason("taken", _("%(name)s has it already.") % {"name": holder.name}, CURE_LEAD)] if holder else []


def _against_releasing(act: Act) -> list[Reason]:
    if act.by is None or act.complaint.assignee_id in (None, act.by.pk) or access.is_lead_of(act.by, act.complaint):
        return []
    return [Forbidden("not_assignee", _("This complaint is assigned to somebody else."), CURE_LEAD)]


def against_taker(act: Act, to: User) -> list[Reason]:
    """A complaint is never given to somebody who could not open or answer it."""
    is_member = act.complaint.team_id in access.teams_of(to)
    if to.is_active and is_member and to.has_perm("complaints.reply_complaint"):
        return []
    return [
        Reason("cannot_take", _("%(name)s cannot answer this team's complaints.") % {"name": to.name}, _("Choose a member of the team."))
    ]


def _against_picking(agent: Agent, need: Need, among: Collection[str], *, is_beyond: bool) -> list[Reason]:
    bars = bars_against(agent, need, among=among)
    return [_say_bar(code, agent.name) for code in bars if code == "named" or not is_beyond]


def against_full(agent: User | Agent) -> Reason:
    """Why somebody with too much work gets no more."""
    return _say_bar("full", agent.name)


def _say_bar(code: str, name: str) -> Reason:
    text, cure = PICKING_BARS[code]
    return Reason(code, text % {"name": name}, cure)


PICKING_BARS = {
    "named": (_("The customer complains of %(name)s, so somebody else must take it."), ""),
    "leave": (_("%(name)s is on leave."), _("A lead can assign it with a reason.")),
    "skill": (_("%(name)s lacks the skill that this needs."), _("A lead can assign it with a reason.")),
    "full": (_("%(name)s has no room for more work."), _("Finish or hand back something, or a lead assigns it with a reason.")),
}
