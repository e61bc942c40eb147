"""Taking work back from who does not begin it, is gone, or has gone home. Nothing stays glued to an absent agent.

Every look is a transaction of its own that locks the complaint and asks again, so sweeps may run doubled or be killed half-way.
"""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Presence
from complaints.assignment.agents import Agent, excluded_for, read_agents
from complaints.assignment.candidates import Need, bars_against, judge, winner_of
from complaints.assignment.demand import requeue
from complaints.assignment.patience import gone_since, half_time
from complaints.lifecycle import Status
from complaints.live import publish
from complaints.models import AssignmentRequest, Complaint, Decision
from complaints.services.act import RELATED, Act
from foundation.prepared import Statement
from foundation.sweeps import each_apart

BATCH = 50
TRY_AGAIN = timedelta(minutes=10)
OURS = {Status.NEW, Status.OPEN}
ABSENCE = {"leave", "off_shift", "state", "silent"}

# Since when the assignee is not at the desk; null while they are. Somebody who never had a desk was never there.
AWAY = f"""CASE WHEN NOT u.is_active OR p.user_id IS NULL THEN '-infinity'::timestamptz
        WHEN p.state = 'offline' THEN LEAST(COALESCE(p.changed_at, p.heartbeat_at), p.heartbeat_at)
        WHEN p.heartbeat_at < now() - make_interval(secs => {2 * Presence.HEARTBEAT_SECONDS}) THEN p.heartbeat_at END"""
PEOPLE = "accounts_user u LEFT JOIN accounts_presence p ON p.user_id = u.id"
GIVEN = "CROSS JOIN LATERAL (SELECT max(d.at) AS at FROM complaints_decision d WHERE d.complaint_id = c.id) given"
LIVE = "('new', 'open', 'waiting_customer', 'waiting_internal', 'snoozed')"
GONE = f"""
    WITH gone AS MATERIALIZED (SELECT u.id, u.is_active, {AWAY} AS since FROM {PEOPLE} WHERE {AWAY} IS NOT NULL)
    SELECT c.id FROM gone JOIN complaints_complaint c ON c.assignee_id = gone.id {GIVEN}
    WHERE c.status IN {LIVE} AND (NOT gone.is_active OR c.status IN ('new', 'open') AND c.needs_reply
        AND GREATEST(gone.since, c.unanswered_since, given.at) <= %(since)s::timestamptz)
"""  # noqa: S608 - constants of this module
# A shift that goes on after a pause is one; who is still at the desk may finish. What was given after the shift was given knowingly.
SHIFT_OVER = f"""
    WITH off AS MATERIALIZED (
        SELECT u.id, {AWAY} IS NOT NULL AS is_away,
            (SELECT max(s.ends_at) FROM accounts_shift s WHERE s.user_id = u.id AND NOT s.is_leave AND s.ends_at <= now()) AS ended_at,
            (SELECT min(s.starts_at) FROM accounts_shift s WHERE s.user_id = u.id AND NOT s.is_leave AND s.ends_at > now()) AS next_at
        FROM {PEOPLE} WHERE EXISTS (SELECT FROM accounts_shift s WHERE s.user_id = u.id))
    SELECT c.id FROM off JOIN complaints_complaint c ON c.assignee_id = off.id JOIN accounts_team t ON t.id = c.team_id {GIVEN}
    WHERE c.status IN {LIVE} AND t.plans_shifts AND off.ended_at >= COALESCE(given.at, c.filed_at)
        AND (off.is_away OR off.ended_at <= now() - interval '15 minutes')
        AND COALESCE(off.next_at, 'infinity') > now() + interval '2 hours'
        AND (c.status IN ('new', 'open') OR COALESCE(off.next_at, 'infinity') >= c.due_at)
"""  # noqa: S608 - constants of this module
FIND, RECHECK = " ORDER BY c.due_at, c.id LIMIT %(limit)s::int", " AND c.id = %(complaint)s::bigint"
FIND_GONE, IS_GONE = Statement.named(GONE + FIND), Statement.named(GONE + RECHECK)
FIND_OVER, IS_OVER = Statement.named(SHIFT_OVER + FIND), Statement.named(SHIFT_OVER + RECHECK)


def check_begun(*, limit: int = BATCH) -> int:
    """Look at work whose time to be begun is half or wholly over: remind, then take it back. Returns how many were looked at."""
    due = AssignmentRequest.objects.filter(check_at__lte=Now()).order_by("check_at", "id").values_list("pk", flat=True)
    return each_apart(list(due[:limit]), _check, put_off=_put_off)


def take_back_from_gone(*, limit: int = BATCH) -> int:
    """Put unanswered complaints of people who are gone back into the queue, and everything of accounts that were closed."""
    since = gone_since(timezone.now())
    found = [pk for (pk,) in FIND_GONE.rows(since=since, limit=limit)]
    return each_apart(found, lambda pk: _put_back(pk, "gone", lambda: IS_GONE.rows(since=since, complaint=pk)), put_off=_look_again)


def take_back_after_shift(*, limit: int = BATCH) -> int:
    """At the end of a shift put open rounds into the queue, and what waits unless its owner is back before it is due."""
    found = [pk for (pk,) in FIND_OVER.rows(limit=limit)]
    return each_apart(found, lambda pk: _put_back(pk, "shift_over", lambda: IS_OVER.rows(complaint=pk)), put_off=_look_again)


def _put_off(request_id: int) -> None:
    AssignmentRequest.objects.filter(pk=request_id, check_at__lte=Now()).update(check_at=Now() + TRY_AGAIN)


def _look_again(_complaint_id: int) -> None:
    """Nothing is noted: the next sweep finds it by itself."""


@transaction.atomic
def _put_back(complaint_id: int, cause: str, still_holds: Callable[[], list]) -> bool:
    complaint = _lock(complaint_id)
    if complaint is None or not still_holds():
        return False
    act = Act(complaint, by=None)
    _take_back(act, cause, owner_id=complaint.assignee_id)
    act.finish()
    return True


@transaction.atomic
def _check(request_id: int) -> bool:
    due = AssignmentRequest.objects.filter(pk=request_id, check_at__lte=Now())
    complaint = _lock(due.values_list("complaint_id", flat=True).first())
    request = due.first() if complaint is not None else None
    if request is None:
        return False
    if complaint.status not in OURS or complaint.assignee_id is None or _has_begun(complaint, request):
        request.check_at = None
    elif request.reminded_at is None:
        _remind(complaint, request)
    else:
        _decide(complaint, request)
    request.save(update_fields=["check_at", "reminded_at"])
    return True


def _lock(complaint_id: int | None) -> Complaint | None:
    rows = Complaint.objects.select_for_update(no_key=True, skip_locked=True, of=("self",)).select_related(*RELATED)
    return rows.filter(pk=complaint_id).first() if complaint_id else None


def _has_begun(complaint: Complaint, request: AssignmentRequest) -> bool:
    """Whether the assignee did anything to the complaint since they got it; being given it does not count."""
    given_at = Decision.objects.filter(complaint=complaint).order_by("-id").values_list("at", flat=True).first() or request.enqueued_at
    return complaint.events.filter(actor_id=complaint.assignee_id, at__gte=given_at).exclude(kind="assigned").exists()


def _remind(complaint: Complaint, request: AssignmentRequest) -> None:
    act = Act(complaint, by=None)
    request.reminded_at, request.check_at = act.at, half_time(complaint, act.at)
    act.note("reminded", codes={"agent": complaint.assignee_id})
    act.finish(raises_version=False)
    publish("user", complaint.assignee_id, is_internal=True)


def _decide(complaint: Complaint, request: AssignmentRequest) -> None:
    """Take it back if that helps: somebody else could take it, or the assignee is not there. Else look again later."""
    act, holder_id = Act(complaint, by=None), complaint.assignee_id
    agents, need = read_agents(team_ids=[complaint.team_id], user_ids=[holder_id]), Need.of(complaint)
    excluded = excluded_for(complaint)
    if winner_of(judge(_without(agents, {holder_id, *excluded}), need)):
        _take_back(act, "untouched", excluded_ids=[*excluded, holder_id])
    elif any(agent.id == holder_id and bars_against(agent, need, among=ABSENCE) for agent in agents):
        _take_back(act, "untouched", owner_id=holder_id)
    else:
        request.check_at = half_time(complaint, act.at)
        return
    request.check_at = None
    act.finish()


def _without(agents: list[Agent], ids: set[int]) -> list[Agent]:
    return [agent for agent in agents if agent.id not in ids]


def _take_back(act: Act, cause: str, *, excluded_ids: list[int] | None = None, owner_id: int | None = None) -> None:
    holder_id = act.complaint.assignee_id
    excluded = excluded_for(act.complaint) if excluded_ids is None else excluded_ids
    requeue(act, cause=cause, kind="taken_back", excluded_ids=excluded, owner_id=owner_id)
    publish("user", holder_id, is_internal=True)
