"""Who works on a complaint: assign, claim, release, transfer."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from complaints import access
from complaints.assignment.demand import cancel_demand, enqueue
from complaints.clauses import CURE_LEAD
from complaints.models import AssignmentRequest, Complaint, Decision
from complaints.services.act import Act, lock_act, require_permission
from complaints.signals import complaint_assigned
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import announce, require, require_version


def give(act: Act, to: User, *, cause: str, reason: str = "", candidates: list | None = None) -> Decision:
    """Make somebody the assignee within an act, end the demand and keep why. Shared by claim, manual assignment and the sweep."""
    complaint = act.complaint
    was = complaint.assignee_id
    act.set(assignee=to)
    cancel_demand(complaint, state=AssignmentRequest.State.ASSIGNED)
    decision = Decision.objects.create(
        complaint=complaint, at=act.at, cause=cause, winner=to, candidates=candidates or [], reason=reason[:200]
    )
    codes = {"agent": to.pk, "was": was, "team": complaint.team_id, "cause": cause, "decision": decision.pk}
    act.note("assigned", codes=codes, payload={"reason": reason} if reason else None)
    announce(complaint_assigned, complaint=complaint, by=act.by)
    return decision


@transaction.atomic
def claim_complaint(complaint: Complaint, *, by: User, expected_version: int | None = None, request_id: str | None = None) -> Complaint:
    """Take an unassigned complaint. ``RefusedError`` names who was faster."""
    act = lock_act(complaint, "claim", by=by, request_id=request_id)
    if act.is_replay or act.complaint.assignee_id == by.pk:
        return act.complaint
    require_version(act.complaint, expected_version)
    require_permission(act, "complaints.claim_complaint")
    require([*_against_ended(act), *_against_taken(act)])
    give(act, by, cause=Decision.Cause.CLAIM)
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
    require([*_against_ended(act), *_against_taker(act, to)])
    if act.complaint.assignee_id == to.pk:
        return act.complaint
    give(act, to, cause=Decision.Cause.MANUAL, reason=reason)
    act.tell("assigned")
    return act.finish()


@transaction.atomic
def release_complaint(
    complaint: Complaint, *, by: User | None, expected_version: int | None, request_id: str | None = None, reason: str = ""
) -> Complaint:
    """Put a complaint back into the queue; it keeps its first place there."""
    act = lock_act(complaint, "release", by=by, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require_version(act.complaint, expected_version)
    require_permission(act, "complaints.claim_complaint")
    require([*_against_ended(act), *_against_releasing(act)])
    requeue(act, cause="released", reason=reason)
    return act.finish()


@transaction.atomic
def transfer_complaint(
    complaint: Complaint, *, team: Team, by: User | None, expected_version: int | None, request_id: str | None = None, reason: str = ""
) -> Complaint:
    """Move a complaint to another team's queue. The promise given to the customer stays."""
    act = lock_act(complaint, "transfer", by=by, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require_version(act.complaint, expected_version)
    require_permission(act, "complaints.label_complaint")
    require(_against_ended(act))
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


def requeue(act: Act, *, cause: str, reason: str = "", excluded_ids: list[int] | None = None) -> None:
    """Take the assignee off within an act and ask for another agent."""
    complaint = act.complaint
    if complaint.assignee_id is not None:
        codes = {"agent": complaint.assignee_id, "team": complaint.team_id, "cause": cause}
        act.note("unassigned", codes=codes, payload={"reason": reason} if reason else None)
        act.set(assignee=None)
    cancel_demand(complaint)
    enqueue(complaint, at=act.at, excluded_ids=excluded_ids)


def _against_ended(act: Act) -> list[Reason]:
    if act.complaint.is_live or act.complaint.status == Complaint.Status.RESOLVED:
        return []
    return [Reason("state", _("Not possible while the complaint is “%(status)s”.") % {"status": act.complaint.get_status_display()})]


def _against_taken(act: Act) -> list[Reason]:
    holder = act.complaint.assignee
    return [Reason("taken", _("%(name)s has it already.") % {"name": holder.name}, CURE_LEAD)] if holder else []


def _against_releasing(act: Act) -> list[Reason]:
    if act.by is None or act.complaint.assignee_id in (None, act.by.pk) or access.is_lead_of(act.by, act.complaint):
        return []
    return [Forbidden("not_assignee", _("This complaint is assigned to somebody else."), CURE_LEAD)]


def _against_taker(act: Act, to: User) -> list[Reason]:
    """A complaint is never given to somebody who could not open or answer it."""
    is_member = act.complaint.team_id in access.teams_of(to)
    if to.is_active and is_member and to.has_perm("complaints.reply_complaint"):
        return []
    return [
        Reason("cannot_take", _("%(name)s cannot answer this team's complaints.") % {"name": to.name}, _("Choose a member of the team."))
    ]
