"""Agents who are there, away, full or skilled, and the facts that assignment writes."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import AgentSkill, Presence, Skill, User
from complaints.assignment.load import find_wrong_loads
from complaints.models import AgentLoad, AssignmentRequest, Complaint
from tests.factories import make_complaint, make_user


def make_agent(
    *, state: str = "ready", silent_for: int = 0, capacity: int = 100, used: int = 0, skills: dict | None = None, **user: Any
) -> User:
    """An agent with a presence; ``silent_for`` seconds have passed since the desk was last heard of."""
    agent = make_user(**user)
    heard_at = timezone.now() - timedelta(seconds=silent_for)
    Presence.objects.create(user=agent, state=state, heartbeat_at=heard_at, capacity=capacity)
    if used:
        AgentLoad.objects.create(user=agent, used=used)
    for code, level in (skills or {}).items():
        skill, _is_new = Skill.objects.get_or_create(code=code, defaults={"name_zh": code, "name_en": code})
        AgentSkill.objects.create(user=agent, skill=skill, level=level)
    return agent


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
