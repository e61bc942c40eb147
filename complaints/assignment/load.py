"""How much work an agent holds, in units: 5 for a complaint in work, 10 for a hard one, less while others have the turn, 25 for a chat."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Presence
from complaints.lifecycle import Status
from complaints.models import AgentLoad, Complaint
from foundation.hints import hint
from foundation.prepared import Statement

IN_WORK, HARD, ELSEWHERE, RESTING = 5, 10, 2, 1
CHAT = 25
HARD_SKILL_LEVEL = 4
CAPACITY = Presence._meta.get_field("capacity").default
# A shift that ends sooner brings no new work, except to who knows the customer.
LAST_MINUTES = 15

# What is running counts from its start; without shifts, from the first work of the shop's day.
RUNNING = """SELECT starts_at, capacity FROM accounts_shift
        WHERE user_id = %(user)s::bigint AND NOT is_leave AND starts_at <= now() AND ends_at > now() ORDER BY ends_at DESC LIMIT 1"""
TODAY = "date_trunc('day', now() AT TIME ZONE %(zone)s::text) AT TIME ZONE %(zone)s::text"
ROOM = f"""COALESCE((SELECT capacity FROM running),
        (SELECT p.capacity FROM accounts_presence p WHERE p.user_id = %(user)s::bigint), {CAPACITY})"""  # noqa: S608 - constants of this module
COUNT = f"""
    INSERT INTO complaints_agentload AS load (user_id, used, last_assigned_at, shift_units, shift_started_at)
    SELECT u.id, %(units)s::int, %(at)s::timestamptz, %(units)s::int, COALESCE((SELECT starts_at FROM running), now())
    FROM accounts_user u
    WHERE u.id = %(user)s::bigint AND u.is_active AND (%(beyond)s::bool OR %(units)s::int <= {ROOM}) AND ({{terms}})
    ON CONFLICT (user_id) DO UPDATE SET used = load.used + EXCLUDED.used, last_assigned_at = EXCLUDED.last_assigned_at,
        shift_units = EXCLUDED.shift_units
            + CASE WHEN load.shift_started_at >= COALESCE((SELECT starts_at FROM running), {TODAY}) THEN load.shift_units ELSE 0 END,
        shift_started_at = CASE WHEN load.shift_started_at >= COALESCE((SELECT starts_at FROM running), {TODAY})
            THEN load.shift_started_at ELSE EXCLUDED.shift_started_at END
    WHERE %(beyond)s::bool OR load.used + EXCLUDED.used <= {ROOM}
    RETURNING used - %(units)s::int
"""  # noqa: S608 - constants of this module
TAKE_BY_HAND = Statement.named(f"WITH running AS ({RUNNING}) {COUNT.format(terms='true')}")
# Whatever makes somebody eligible may end at any moment, so it is asked once more here and held until the commit: whoever changes it
# meanwhile waits for us, and if they were first we find that it no longer holds.
TAKE = Statement.named(
    f"""
    WITH running AS ({RUNNING} FOR SHARE),
    person AS (SELECT FROM accounts_user WHERE id = %(user)s::bigint AND is_active FOR SHARE),
    there AS (SELECT FROM accounts_presence WHERE user_id = %(user)s::bigint AND state = 'ready'
        AND heartbeat_at > now() - make_interval(secs => {Presence.HEARTBEAT_SECONDS}) FOR SHARE),
    member AS (SELECT FROM accounts_membership WHERE user_id = %(user)s::bigint AND team_id = %(team)s::bigint FOR SHARE),
    skilled AS (SELECT FROM accounts_agentskill WHERE user_id = %(user)s::bigint AND level >= %(level)s::int
        AND skill_id = (SELECT id FROM accounts_skill WHERE code = %(skill)s::text) FOR SHARE),
    speaking AS (SELECT FROM accounts_agentskill WHERE user_id = %(user)s::bigint
        AND skill_id = (SELECT id FROM accounts_skill WHERE code = %(tongue)s::text) FOR SHARE),
    staying AS (SELECT FROM accounts_shift WHERE user_id = %(user)s::bigint AND NOT is_leave
        AND starts_at <= now() + make_interval(mins => %(minutes)s::int) AND ends_at > now() + make_interval(mins => %(minutes)s::int)
        LIMIT 1 FOR SHARE)
    """  # noqa: S608 - constants of this module
    + COUNT.format(
        terms="""EXISTS (SELECT FROM person) AND EXISTS (SELECT FROM there) AND EXISTS (SELECT FROM member)
        AND (%(skill)s::text = '' OR EXISTS (SELECT FROM skilled)) AND (%(tongue)s::text = '' OR EXISTS (SELECT FROM speaking))
        AND NOT EXISTS (SELECT FROM accounts_shift
            WHERE user_id = %(user)s::bigint AND is_leave AND starts_at <= now() AND ends_at > now())
        AND (EXISTS (SELECT FROM running) AND EXISTS (SELECT FROM staying)
            OR NOT EXISTS (SELECT FROM accounts_team WHERE id = %(team)s::bigint AND plans_shifts))"""
    )
)
SHIFT = Statement.named("""
    INSERT INTO complaints_agentload AS load (user_id, used, shift_units) VALUES (%(user)s::bigint, GREATEST(%(units)s::int, 0), 0)
    ON CONFLICT (user_id) DO UPDATE SET used = GREATEST(load.used + %(units)s::int, 0) RETURNING used
""")
# The same sum as ``weight_of``, over everything that an agent holds, and their chats.
HELD = f"""
    SELECT user_id, SUM(units) AS units FROM (
        SELECT c.assignee_id AS user_id, CASE
            WHEN c.status IN ('new', 'open') THEN
                CASE WHEN c.priority = 3 OR k.skill_level >= {HARD_SKILL_LEVEL} OR o.is_green THEN {HARD} ELSE {IN_WORK} END
            WHEN c.status = 'waiting_internal' THEN {ELSEWHERE}
            ELSE {RESTING} END AS units
        FROM complaints_complaint c JOIN complaints_category k ON k.id = c.category_id LEFT JOIN orders_customer o ON o.id = c.customer_id
        WHERE c.assignee_id IS NOT NULL AND c.status IN ('new', 'open', 'waiting_customer', 'waiting_internal', 'snoozed')
        UNION ALL SELECT agent_id, {CHAT} FROM complaints_chatsession WHERE state IN ('offered', 'active')
    ) AS pieces GROUP BY user_id
"""  # noqa: S608 - constants of this module
WRONG = f"""
    WITH held AS ({HELD})
    SELECT user_id, COALESCE(held.units, 0) FROM complaints_agentload load FULL JOIN held USING (user_id)
    WHERE COALESCE(load.used, 0) <> COALESCE(held.units, 0) ORDER BY user_id
"""  # noqa: S608 - constants of this module


def weight_of(complaint: Complaint) -> int:
    """Units that a complaint costs its assignee in its present state; 0 when it is over. Needs ``category`` and ``customer``."""
    if complaint.status in (Status.NEW, Status.OPEN):
        return HARD if _is_hard(complaint) else IN_WORK
    if complaint.status == Status.WAITING_INTERNAL:
        return ELSEWHERE
    return RESTING if complaint.status in (Status.WAITING_CUSTOMER, Status.SNOOZED) else 0


def _is_hard(complaint: Complaint) -> bool:
    if complaint.priority == Complaint.Priority.URGENT or complaint.category.skill_level >= HARD_SKILL_LEVEL:
        return True
    return complaint.customer_id is not None and complaint.customer.is_green


def shift_load(user_id: int | None, units: int) -> None:
    """Add units to an agent's load in the transaction that moves state or assignee. It may pass the cap; taking may not."""
    if user_id is None or units == 0:
        return
    SHIFT.rows(user=user_id, units=units)
    if units < 0:
        hint("complaints.assign")


def take_room(user_id: int, units: int, *, at: datetime, is_beyond: bool = False, terms: Mapping[str, Any] | None = None) -> int | None:
    """Count new work of an agent if there is room for it (``is_beyond``: whether or not); returns the load before it.

    ``terms`` is what must hold of the agent (see ``candidates.terms_of``) and is kept so until the commit; without it they take the
    work by hand. None means that there is no room, the account is not active, or the terms do not hold. The agent's rows stay locked
    even then, so end the transaction before trying somebody else.
    """
    values = {"user": user_id, "units": units, "at": at, "beyond": is_beyond, "zone": settings.TIME_ZONE}
    rows = TAKE_BY_HAND.rows(**values) if terms is None else TAKE.rows(**values, **terms)
    return rows[0][0] if rows else None


def find_wrong_loads() -> list[tuple[int, int]]:
    """Agents whose counted load is not the sum of what they hold, with that sum."""
    with connection.cursor() as cursor:
        cursor.execute(WRONG)
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
