"""Agents who are there, away, full or skilled, and the facts that assignment writes."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import AgentSkill, Presence, Shift, Skill, User
from complaints.assignment.load import find_wrong_loads
from complaints.models import AgentLoad, AssignmentRequest, Complaint
from tests.factories import make_complaint, make_user


def make_agent(
    *,
    state: str = "ready",
    silent_for: int = 0,
    capacity: int = 100,
    used: int = 0,
    given: int = 0,
    skills: dict | None = None,
    shift: tuple[int, int] | None = None,
    **user: Any,
) -> User:
    """An agent with a presence; ``silent_for`` seconds have passed since the desk was last heard of and the state changed.

    ``given`` are units that they got in this shift, ``shift`` the minutes from now at which it starts and ends.
    """
    agent = make_user(**user)
    heard_at = timezone.now() - timedelta(seconds=silent_for)
    Presence.objects.create(user=agent, state=state, heartbeat_at=heard_at, changed_at=heard_at, capacity=capacity)
    if used or given:
        AgentLoad.objects.create(user=agent, used=used, shift_units=given, shift_started_at=timezone.now() - timedelta(seconds=1))
    if shift is not None:
        make_shift(agent, *shift)
    for code, level in (skills or {}).items():
        skill, _is_new = Skill.objects.get_or_create(code=code, defaults={"name_zh": code, "name_en": code})
        AgentSkill.objects.create(user=agent, skill=skill, level=level)
    return agent


def make_shift(agent: User, start: int, end: int, **fields: Any) -> Shift:
    """A shift from one minute to another, counted from now."""
    now = timezone.now()
    return Shift.objects.create(user=agent, starts_at=now + timedelta(minutes=start), ends_at=now + timedelta(minutes=end), **fields)


def file_waiting(count: int, **overrides: Any) -> list[Complaint]:
    """Complaints that wait for an agent, one minute apart."""
    start = timezone.now() - timedelta(minutes=count)
    return [make_complaint(filed_at=start + timedelta(minutes=number), **overrides) for number in range(count)]


def assignee_of(complaint: Complaint) -> User | None:
    return Complaint.objects.select_related("assignee").get(pk=complaint.pk).assignee


def block_of(complaint: Complaint) -> str:
    return AssignmentRequest.objects.get(complaint=complaint, state="waiting").blocked_by


def load_of(agent: User) -> int:
    return AgentLoad.objects.filter(user=agent).values_list("used", flat=True).first() or 0


def assert_loads_are_right() -> None:
    """What is counted equals what is held, for everybody."""
    assert find_wrong_loads() == []
