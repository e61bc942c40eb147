"""Whatever happens in whatever order: the assignee is eligible when assigned, and nobody waits while somebody could take it."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Presence, User
from complaints.assignment.claim import assign_waiting
from complaints.models import AgentLoad, Complaint
from complaints.services import resolve_complaint
from complaints.services.messages import post_reply
from tests.complaints.assignment.builders import assert_loads_are_right, make_agent
from tests.factories import make_category, make_complaint, make_team
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db
NUMBERS = st.integers(0, 3)
EVENTS = st.one_of(
    st.tuples(st.just("file"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("presence"), NUMBERS, st.sampled_from(["ready", "away", "offline"]), st.sampled_from([0, 30, 70, 4000])),
    st.tuples(st.just("deactivate"), NUMBERS, st.booleans()),
    st.tuples(st.just("solve"), NUMBERS, st.just(None)),
    st.tuples(st.just("assign"), st.just(None), st.just(None)),
)


@dataclass
class World:
    """Four agents of one team, two of them with the skill, and what is done to them."""

    agents: list[User] = field(default_factory=list)

    def __post_init__(self):
        self.hard = make_category("refund.counterfeit", skill_code="quality", skill_level=2)
        capacities = [12, 25, 12, 100]
        self.agents = [make_agent(capacity=cap, skills={"quality": place}) if place else make_agent(capacity=cap)
                       for place, cap in enumerate(capacities)]  # fmt: skip

    def do(self, event: tuple) -> None:
        getattr(self, event[0])(*event[1:])

    def file(self, priority, is_hard):
        make_complaint(priority=priority, **({"category": self.hard} if is_hard else {}))

    def presence(self, place, state, silent_for):
        heard_at = timezone.now() - timedelta(seconds=silent_for)
        Presence.objects.filter(user=self.agents[place]).update(state=state, heartbeat_at=heard_at)

    def deactivate(self, place, is_active):
        User.objects.filter(pk=self.agents[place].pk).update(is_active=is_active)

    def solve(self, place, _nothing):
        agent = User.objects.get(pk=self.agents[place].pk)
        held = Complaint.objects.filter(assignee=agent, status__in=["new", "open"]).first()
        if held is not None and agent.is_active:
            post_reply(held, body="已处理", by=agent, expected_version=None)
            resolve_complaint(held, by=agent, expected_version=None, **SOLVED)

    def assign(self, *_nothing):
        before = set(unassigned())
        assign_waiting()
        given = [complaint for complaint in before if complaint not in unassigned()]
        for complaint in given:
            complaint.refresh_from_db()
            assert self.was_able(complaint.assignee, complaint), "assigned to somebody who could not take it"
        for complaint in unassigned():
            assert not any(self.is_able(agent, complaint) for agent in self.agents), "left waiting although somebody could take it"

    def was_able(self, agent, complaint) -> bool:
        capacity, used = agent.presence.capacity, AgentLoad.objects.get(user=agent).used
        return used <= capacity and self.is_there(agent) and self.is_skilled(agent, complaint)

    def is_able(self, agent, complaint) -> bool:
        agent = User.objects.get(pk=agent.pk)
        load = AgentLoad.objects.filter(user=agent).first()
        weight = 10 if complaint.priority == 3 else 5
        has_room = (load.used if load else 0) + weight <= agent.presence.capacity
        return has_room and self.is_there(agent) and self.is_skilled(agent, complaint)

    def is_there(self, agent) -> bool:
        is_heard = timezone.now() - agent.presence.heartbeat_at < timedelta(seconds=60)
        return agent.is_active and agent.presence.state == "ready" and is_heard

    def is_skilled(self, agent, complaint) -> bool:
        return complaint.category_id != self.hard.pk or agent.skills.filter(skill__code="quality", level__gte=2).exists()


def unassigned() -> list[Complaint]:
    return list(Complaint.objects.filter(assignee__isnull=True))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(EVENTS, max_size=25))
def test_nobody_gets_work_they_cannot_take_and_nobody_waits_in_vain(events):
    with transaction.atomic():
        make_team()
        world = World()
        for event in [*events, ("assign", None, None)]:
            world.do(event)
        assert_loads_are_right()
        transaction.set_rollback(True)
