"""How much work an agent holds, in units: 5 for a complaint in work, 10 for a hard one, less while others have the turn."""

from datetime import datetime

from django.db import connection, transaction

from accounts.models import Presence
from complaints.lifecycle import Status
from complaints.models import AgentLoad, Complaint
from foundation.hints import hint

IN_WORK, HARD, ELSEWHERE, RESTING = 5, 10, 2, 1
HARD_SKILL_LEVEL = 4
# A live conversation, on top of the complaint that it is about.
CHAT = 25
CAPACITY = Presence._meta.get_field("capacity").default

SHIFT = """
    INSERT INTO complaints_agentload AS load (user_id, used) VALUES (%(user)s, GREATEST(%(units)s, 0))
    ON CONFLICT (user_id) DO UPDATE SET used = GREATEST(load.used + %(units)s, 0)
"""
# Eligibility that may change at any moment is asked once more in the statement that counts the work.
TAKE = """
    INSERT INTO complaints_agentload AS load (user_id, used, last_assigned_at)
    SELECT u.id, %(units)s, %(at)s FROM accounts_user u LEFT JOIN accounts_presence p ON p.user_id = u.id
    WHERE u.id = %(user)s AND u.is_active AND (%(beyond)s OR %(units)s <= COALESCE(p.capacity, %(capacity)s))
        AND (NOT %(ready)s OR (p.state = 'ready' AND p.heartbeat_at > now() - make_interval(secs => %(silence)s)))
    ON CONFLICT (user_id) DO UPDATE SET used = load.used + EXCLUDED.used, last_assigned_at = EXCLUDED.last_assigned_at
    WHERE %(beyond)s OR load.used + EXCLUDED.used <= COALESCE(
        (SELECT capacity FROM accounts_presence p WHERE p.user_id = load.user_id), %(capacity)s)
    RETURNING used - %(units)s
"""
# The same sum as ``weight_of``, over everything that an agent holds.
HELD = """
    SELECT c.assignee_id AS user_id, SUM(CASE
        WHEN c.status IN ('new', 'open') THEN CASE WHEN c.priority = 3 OR k.skill_level >= %(hard_level)s THEN %(hard)s ELSE %(work)s END
        WHEN c.status = 'waiting_internal' THEN %(elsewhere)s
        ELSE %(resting)s END) AS units
    FROM complaints_complaint c JOIN complaints_category k ON k.id = c.category_id
    WHERE c.assignee_id IS NOT NULL AND c.status IN ('new', 'open', 'waiting_customer', 'waiting_internal', 'snoozed')
    GROUP BY c.assignee_id
"""
WRONG = f"""
    WITH held AS ({HELD})
    SELECT user_id, COALESCE(held.units, 0) FROM complaints_agentload load FULL JOIN held USING (user_id)
    WHERE COALESCE(load.used, 0) <> COALESCE(held.units, 0) ORDER BY user_id
"""  # noqa: S608 - constants of this module
WEIGHTS = {"hard_level": HARD_SKILL_LEVEL, "hard": HARD, "work": IN_WORK, "elsewhere": ELSEWHERE, "resting": RESTING}


def weight_of(complaint: Complaint) -> int:
    """Units that a complaint costs its assignee in its present state; 0 when it is over. Needs ``complaint.category``."""
    if complaint.status in (Status.NEW, Status.OPEN):
        is_hard = complaint.priority == Complaint.Priority.URGENT or complaint.category.skill_level >= HARD_SKILL_LEVEL
        return HARD if is_hard else IN_WORK
    if complaint.status == Status.WAITING_INTERNAL:
        return ELSEWHERE
    return RESTING if complaint.status in (Status.WAITING_CUSTOMER, Status.SNOOZED) else 0


def shift_load(user_id: int | None, units: int) -> None:
    """Add units to an agent's load in the transaction that moves state or assignee. It may pass the cap; taking may not."""
    if user_id is None or units == 0:
        return
    with connection.cursor() as cursor:
        cursor.execute(SHIFT, {"user": user_id, "units": units})
    if units < 0:
        hint("complaints.assign")


def take_room(user_id: int, units: int, *, at: datetime, is_beyond: bool = False, must_be_ready: bool = False) -> int | None:
    """Count new work of an agent if there is room for it (``is_beyond``: whether or not); returns the load before it.

    None means that the agent has no room, is not active, or (``must_be_ready``) is not there. The agent's row stays locked
    even then, so end the transaction before trying somebody else.
    """
    values = {"user": user_id, "units": units, "at": at, "beyond": is_beyond, "ready": must_be_ready, "capacity": CAPACITY}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {**values, "silence": Presence.HEARTBEAT_SECONDS})
        row = cursor.fetchone()
    return row[0] if row else None


def find_wrong_loads() -> list[tuple[int, int]]:
    """Agents whose counted load is not the sum of what they hold, with that sum."""
    with connection.cursor() as cursor:
        cursor.execute(WRONG, WEIGHTS)
        return [(user_id, int(units)) for user_id, units in cursor.fetchall()]


def correct_loads() -> int:
    """Count the load of such agents anew (a category that became harder weighs more from then on); returns how many."""
    wrong = find_wrong_loads()
    for user_id, _units in wrong:
        _recount(user_id)
    return len(wrong)


@transaction.atomic
def _recount(user_id: int) -> None:
    """Whoever moves this agent's work must lock the same row before committing, so the sum cannot be outdated when it is written."""
    AgentLoad.objects.bulk_create([AgentLoad(user_id=user_id)], ignore_conflicts=True)
    load = AgentLoad.objects.select_for_update(no_key=True).get(pk=user_id)
    load.used = dict(find_wrong_loads()).get(user_id, load.used)
    load.save(update_fields=["used"])
