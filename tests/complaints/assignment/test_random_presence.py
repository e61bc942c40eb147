"""Whatever happens in whatever order: the assignee is eligible when assigned, and nobody waits while somebody could take it."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AgentSkill, Membership, Presence, Shift, Team, User
from complaints.assignment.claim import ROUND, assign_waiting
from complaints.models import AgentLoad, Complaint
from complaints.services import release_complaint, resolve_complaint
from complaints.services.messages import post_reply
from tests.complaints.assignment.builders import assert_loads_are_right, make_agent, make_shift
from tests.factories import make_category, make_complaint, make_team
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db
NUMBERS = st.integers(0, 3)
# Minutes from now. A shift that ends within a quarter of an hour brings nothing new, nor does a leave that begins in it.
SHIFTS = [(-60, 120), (-60, 120), (-60, 10), (5, 120), (-120, -5)]
LEAVES = [(-30, 30), (10, 60), (30, 60), (-60, -30)]
SOON = timedelta(minutes=15)
EVENTS = st.one_of(
    st.tuples(st.just("file"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("presence"), NUMBERS, st.sampled_from(["ready", "away", "offline"]), st.sampled_from([0, 30, 300, 4000])),
    st.tuples(st.just("deactivate"), NUMBERS, st.booleans()),
    st.tuples(st.just("plan"), NUMBERS, st.sampled_from(SHIFTS), st.sampled_from([None, 8, 40])),
    st.tuples(st.just("leave"), NUMBERS, st.sampled_from(LEAVES)),
    st.tuples(st.just("unplan"), NUMBERS, st.booleans()),
    st.tuples(st.just("join"), NUMBERS, st.booleans()),
    st.tuples(st.just("learn"), NUMBERS, st.integers(1, 3)),
    st.tuples(st.just("solve"), NUMBERS),
    st.tuples(st.just("give_back"), NUMBERS),
    st.tuples(st.just("assign")),
)


@dataclass
class World:
    """Four agents of one team, three of them with the skill, and what is done to them. ``returned``: who gave what back."""

    team: Team
    agents: list[User] = field(default_factory=list)
    returned: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self):
        self.hard = make_category("refund.counterfeit", skill_code="quality", skill_level=2)
        capacities = [12, 25, 12, 100]
        self.agents = [make_agent(capacity=cap, shift=SHIFTS[0], skills={"quality": place} if place else None)
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

    def plan(self, place, minutes, capacity):
        self.unplan(place, False)
        make_shift(self.agents[place], *minutes, capacity=capacity)

    def leave(self, place, minutes):
        self.unplan(place, True)
        make_shift(self.agents[place], *minutes, is_leave=True)

    def unplan(self, place, is_leave):
        Shift.objects.filter(user=self.agents[place], is_leave=is_leave).delete()

    def join(self, place, is_member):
        Membership.objects.filter(user=self.agents[place]).delete()
        if is_member:
            Membership.objects.create(user=self.agents[place], team=self.team)

    def learn(self, place, level):
        AgentSkill.objects.filter(user=self.agents[place]).update(level=level)

    def held_by(self, place) -> tuple[User, Complaint | None]:
        agent = User.objects.get(pk=self.agents[place].pk)
        may_act = agent.is_active and agent.memberships.exists()
        return agent, Complaint.objects.filter(assignee=agent, status__in=["new", "open"]).first() if may_act else None

    def solve(self, place):
        agent, held = self.held_by(place)
        if held is not None:
            post_reply(held, body="已处理", by=agent, expected_version=None)
            resolve_complaint(held, by=agent, expected_version=None, **SOLVED)

    def give_back(self, place):
        agent, held = self.held_by(place)
        if held is not None:
            release_complaint(held, by=agent, expected_version=None)
            self.returned[held.pk].add(agent.pk)

    def assign(self):
        before = set(unassigned())
        while assign_waiting() == ROUND:
            continue
        for complaint in before.difference(unassigned()):
            complaint.refresh_from_db()
            assert self.is_able(complaint.assignee, complaint, units=0), "assigned to somebody who could not take it"
        for complaint in unassigned():
            units = 10 if complaint.priority == 3 else 5
            assert not any(self.is_able(agent, complaint, units=units) for agent in self.agents), "left waiting although somebody could"

    def is_able(self, agent, complaint, *, units) -> bool:
        agent = User.objects.get(pk=agent.pk)
        plan = list(Shift.objects.filter(user=agent))
        load = AgentLoad.objects.filter(user=agent).first()
        has_room = (load.used if load else 0) + units <= room_of(agent, plan)
        wanted = agent.pk not in self.returned[complaint.pk] and agent.memberships.exists()
        return has_room and wanted and self.is_there(agent, plan) and self.is_skilled(agent, complaint)

    def is_there(self, agent, plan) -> bool:
        is_heard = timezone.now() - agent.presence.heartbeat_at < timedelta(seconds=60)
        is_ready = agent.is_active and agent.presence.state == "ready" and is_heard and not covers(plan, is_leave=True)
        return is_ready and (not self.team.plans_shifts or is_on_shift(plan))

    def is_skilled(self, agent, complaint) -> bool:
        return complaint.category_id != self.hard.pk or agent.skills.filter(skill__code="quality", level__gte=2).exists()


def covers(plan, *, is_leave, after=timedelta(0)) -> list[Shift]:
    moment = timezone.now() + after
    return [each for each in plan if each.is_leave == is_leave and each.starts_at <= moment < each.ends_at]


def is_on_shift(plan) -> bool:
    """Now, and still in a quarter of an hour."""
    stays = covers(plan, is_leave=False, after=SOON) and not covers(plan, is_leave=True, after=SOON)
    return bool(covers(plan, is_leave=False) and stays)


def room_of(agent, plan) -> int:
    return next((shift.capacity for shift in covers(plan, is_leave=False) if shift.capacity), agent.presence.capacity)


def unassigned() -> list[Complaint]:
    return list(Complaint.objects.filter(assignee__isnull=True))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plans_shifts=st.booleans(), events=st.lists(EVENTS, max_size=25))
def test_nobody_gets_work_they_cannot_take_and_nobody_waits_in_vain(plans_shifts, events):
    with transaction.atomic():
        world = World(make_team(plans_shifts=plans_shifts))
        for event in [*events, ("assign",)]:
            world.do(event)
        assert_loads_are_right()
        transaction.set_rollback(True)
