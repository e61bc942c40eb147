"""How much work an agent holds, in units: 5 for a complaint in work, 10 for a hard one, less while others have the turn."""

from django.db import connection

from complaints.lifecycle import Status
from complaints.models import Complaint

IN_WORK, HARD, ELSEWHERE, RESTING = 5, 10, 2, 1
HARD_SKILL_LEVEL = 4

SHIFT = """
    INSERT INTO complaints_agentload AS load (user_id, used) VALUES (%(user)s, GREATEST(%(units)s, 0))
    ON CONFLICT (user_id) DO UPDATE SET used = GREATEST(load.used + %(units)s, 0)
"""


def weight_of(complaint: Complaint) -> int:
    """Units that a complaint costs its assignee in its present state; 0 when it is over. Needs ``complaint.category``."""
    if complaint.status in (Status.NEW, Status.OPEN):
        is_hard = complaint.priority == Complaint.Priority.URGENT or complaint.category.skill_level >= HARD_SKILL_LEVEL
        return HARD if is_hard else IN_WORK
    if complaint.status == Status.WAITING_INTERNAL:
        return ELSEWHERE
    return RESTING if complaint.status in (Status.WAITING_CUSTOMER, Status.SNOOZED) else 0


def shift_load(user_id: int | None, units: int) -> None:
    """Add units to an agent's load in the transaction that moves state or assignee. It may pass the cap; claiming may not."""
    if user_id is None or units == 0:
        return
    with connection.cursor() as cursor:
        cursor.execute(SHIFT, {"user": user_id, "units": units})
