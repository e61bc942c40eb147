"""Who of several able agents gets the work: each rule decides where all before it are equal."""

from dataclasses import replace
from datetime import timedelta

import pytest

from complaints.assignment.candidates import Need, judge, winner_of
from tests.complaints.assignment.test_fairness import START, make_agents

NEED = Need(1, "quality", 2, "zh-hans", 5)
SKILLED = {"skills": {"quality": 3}}
EARLIER, LATER = START, START + timedelta(minutes=1)


# The one who should get it has the higher id, so that the order by id alone would choose the other.
@pytest.mark.parametrize(
    ("reason", "other", "chosen"),
    [
        ("surplus", {"skills": {"quality": 5}, "last_assigned_at": EARLIER}, {"last_assigned_at": LATER}),
        ("busy", {"used": 80, "last_assigned_at": EARLIER}, {"used": 79, "shift_units": 90, "shift_hours": 4.0, "last_assigned_at": LATER}),
        (
            "pace",
            {"shift_units": 60, "shift_hours": 4.0, "last_assigned_at": EARLIER},
            {"shift_units": 50, "shift_hours": 4.0, "last_assigned_at": LATER},
        ),
        ("recent", {"last_assigned_at": LATER}, {"last_assigned_at": EARLIER}),
        ("recent", {"last_assigned_at": EARLIER}, {"last_assigned_at": None}),
    ],
)
def test_each_rule_decides_where_those_before_it_do_not(reason, other, chosen):
    first, second = make_agents(2)
    agents = [replace(first, **SKILLED | other), replace(second, **SKILLED | chosen)]

    verdicts = judge(agents, NEED)

    assert winner_of(verdicts).id == second.id
    assert [(verdict.agent.id, verdict.lost) for verdict in verdicts] == [(second.id, ""), (first.id, reason)]


def test_of_two_alike_the_first_gets_it():
    verdicts = judge([replace(agent, **SKILLED) for agent in reversed(make_agents(2))], NEED)

    assert [(verdict.agent.id, verdict.lost) for verdict in verdicts] == [(1, ""), (2, "order")]
