"""How evenly work is shared out, in simulated shifts of equally skilled agents."""

import random
from collections import Counter, deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from accounts.roles import PERMISSIONS
from complaints.assignment.agents import Agent
from complaints.assignment.candidates import MAY_REPLY, Need, judge, winner_of
from complaints.assignment.load import CHAT, HARD, IN_WORK

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEAM = 1
ROLE = next(role for role, permissions in PERMISSIONS.items() if MAY_REPLY in permissions)


def make_agents(count: int) -> list[Agent]:
    usual = {"is_active": True, "state": "ready", "is_heard": True, "capacity": 100, "used": 0, "last_assigned_at": None}
    shift = {"shift_units": 0, "shift_hours": 0.0, "is_on_shift": True, "stays": True, "is_on_leave": False}
    groups = {"team_ids": frozenset({TEAM}), "planned_team_ids": frozenset({TEAM}), "roles": frozenset({ROLE}), "skills": {}}
    return [Agent(id=number, name=f"n{number}", username=f"u{number}", **usual, **shift, **groups) for number in range(1, count + 1)]


def need_of(weight: int) -> Need:
    return Need(TEAM, "", 1, "zh-hans", weight)


def jain(units: list[int]) -> float:
    """Jain's index of fairness: 1 when all got the same, 1/n when one got all."""
    return sum(units) ** 2 / (len(units) * sum(each * each for each in units))


class Shift:
    """Eight hours of a team: work arrives and is finished at random, and waits in order while nobody has room."""

    def __init__(self, seed: int, *, agents: int, utilisation: float):
        self.luck = random.Random(seed)
        self.agents = {agent.id: agent for agent in make_agents(agents)}
        self.ends: list[tuple[datetime, int, int]] = []
        self.queue: deque[int] = deque()
        self.given: Counter = Counter()
        # The mean weight and the mean time of a piece of work give the rate at which the team is used so much.
        self.per_hour = utilisation * agents * 100 / (6.75 * 1.0)

    def run(self) -> "Shift":
        at = START
        while at < START + timedelta(hours=8):
            at += timedelta(hours=self.luck.expovariate(self.per_hour))
            self.finish(at)
            self.queue.append(self.luck.choice([IN_WORK, IN_WORK, IN_WORK, HARD, 2, CHAT // 2]))
            self.give_out(at)
        return self

    def finish(self, at: datetime) -> None:
        for ended in [each for each in self.ends if each[0] <= at]:
            self.ends.remove(ended)
            agent = self.agents[ended[1]]
            self.agents[agent.id] = replace(agent, used=agent.used - ended[2])

    def give_out(self, at: datetime) -> None:
        hours = (at - START) / timedelta(hours=1)
        while self.queue:
            people = [replace(agent, shift_hours=hours) for agent in self.agents.values()]
            winner = winner_of(judge(people, need_of(self.queue[0])))
            if winner is None:
                return
            self.take(winner, self.queue.popleft(), at)

    def take(self, agent: Agent, weight: int, at: datetime) -> None:
        self.given[agent.id] += weight
        moved = {"used": agent.used + weight, "shift_units": agent.shift_units + weight, "last_assigned_at": at}
        self.agents[agent.id] = replace(agent, **moved)
        self.ends.append((at + timedelta(hours=self.luck.expovariate(1.0)), agent.id, weight))


@pytest.mark.parametrize("utilisation", [0.3, 0.7, 0.9, 1.0, 1.1])
@pytest.mark.parametrize("seed", range(4))
def test_equally_skilled_agents_get_the_same(seed, utilisation):
    shift = Shift(seed, agents=8, utilisation=utilisation).run()

    assert jain([shift.given[agent] for agent in shift.agents]) >= 0.95
    assert all(agent.used <= agent.capacity for agent in shift.agents.values())


@pytest.mark.parametrize("seed", range(20))
def test_below_four_fifths_what_is_given_differs_by_one_piece_at_most(seed):
    luck, agents = random.Random(seed), {agent.id: agent for agent in make_agents(5)}
    heaviest = 0
    while all((agent.used + HARD) * 100 < 80 * agent.capacity for agent in agents.values()):
        weight = luck.choice([1, 2, IN_WORK, HARD])
        winner = winner_of(judge([replace(agent, shift_hours=2.0) for agent in agents.values()], need_of(weight)))
        agents[winner.id] = replace(winner, used=winner.used + weight, shift_units=winner.shift_units + weight)
        heaviest = max(heaviest, weight)
        units = [agent.shift_units for agent in agents.values()]

        assert max(units) - min(units) <= heaviest


def test_somebody_who_comes_later_gets_as_much_by_the_hour():
    """Not all that the others had before them, and no less because their first piece of work came in their first minutes."""
    early, late = make_agents(2)
    agents = {early.id: replace(early, shift_units=60), late.id: late}
    for _piece in range(12):
        people = [replace(agents[early.id], shift_hours=6.0), replace(agents[late.id], shift_hours=0.1)]
        winner = winner_of(judge(people, need_of(IN_WORK)))
        agents[winner.id] = replace(winner, shift_units=winner.shift_units + IN_WORK)

    assert 10 <= agents[late.id].shift_units <= 20
