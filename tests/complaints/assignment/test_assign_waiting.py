"""Who gets a waiting complaint, who does not, and what is written down about it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.assignment.claim import assign_waiting
from complaints.models import AssignmentRequest, Complaint, Decision, Outbox
from complaints.services import release_complaint
from tests.complaints.assignment.builders import (
    assert_loads_are_right,
    assignee_of,
    block_of,
    file_waiting,
    load_of,
    make_agent,
)
from tests.factories import make_category, make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db


def test_a_waiting_complaint_goes_to_an_agent_who_is_there():
    agent = make_agent()
    complaint = make_complaint()

    assert assign_waiting() == 1

    assert assignee_of(complaint) == agent
    assert load_of(agent) == 5
    assert AssignmentRequest.objects.get(complaint=complaint).state == "assigned"
    assert list(complaint.events.filter(kind="assigned").values_list("codes__agent", "codes__cause")) == [(agent.pk, "sweep")]
    assert list(Outbox.objects.filter(complaint=complaint).order_by("id").values_list("node", flat=True)) == ["acknowledged", "assigned"]


def test_nothing_is_assigned_twice():
    make_agent()
    complaint = make_complaint()

    assert [assign_waiting(), assign_waiting()] == [1, 0]
    assert complaint.decisions.count() == 1


@pytest.mark.parametrize(
    ("agent", "block"),
    [
        ({"is_active": False}, "inactive"),
        ({"role": "warehouse", "teams": "same"}, "role"),
        ({"state": "away"}, "state"),
        ({"state": "offline"}, "state"),
        ({"silent_for": 65}, "silent"),
        ({"used": 96}, "full"),
        ({"capacity": 4}, "full"),
        ({"capacity": 0}, "full"),
        ({"teams": "other"}, "nobody"),
        ({"name": "赵美丽", "answers": {"agent_name": "客服 美丽"}}, None),
        ({"name": "赵美丽", "answers": {"agent_name": "那个叫 赵美丽 的"}}, "named"),
        ({"name": "赵美丽", "answers": {"agent_name": "美丽"}}, "named"),
    ],
)
def test_somebody_who_cannot_take_it_does_not_get_it(agent, block):
    teams = {"same": [make_team()], "other": [make_team("quality")]}
    answers = agent.get("answers", {})
    make_agent(**{name: teams.get(value, value) if name == "teams" else value for name, value in agent.items() if name != "answers"})
    complaint = make_complaint(answers=answers)

    assert assign_waiting() == (1 if block is None else 0)

    assert (assignee_of(complaint) is None) == (block is not None)
    assert block is None or block_of(complaint) == block


def test_a_skill_is_needed_at_its_level():
    category = make_category("refund.counterfeit", skill_code="quality", skill_level=3)
    make_agent()
    make_agent(skills={"quality": 2})
    complaint = make_complaint(category=category)

    assert assign_waiting() == 0
    assert block_of(complaint) == "skill"

    able = make_agent(skills={"quality": 3})

    assert assign_waiting() == 1
    assert assignee_of(complaint) == able


def test_a_language_is_asked_for_where_somebody_speaks_it():
    anybody = make_agent()
    first = make_complaint(language="en")
    assign_waiting()
    speaker = make_agent(state="away", skills={"language-en": 1})
    second, third = make_complaint(language="en"), make_complaint(language="zh-hans")
    assign_waiting()

    assert [assignee_of(each) for each in (first, second, third)] == [anybody, None, anybody]
    assert block_of(second) == "language"
    assert assignee_of(first) != speaker


@pytest.mark.parametrize(
    ("worse", "better", "lost"),
    [
        ({"skills": {"quality": 5}}, {"skills": {"quality": 2}, "used": 70}, "surplus"),
        ({"used": 80, "skills": {"quality": 2}}, {"used": 79, "skills": {"quality": 2}}, "busy"),
        ({"given": 15, "skills": {"quality": 2}}, {"given": 10, "used": 70, "skills": {"quality": 2}}, "pace"),
    ],
)
def test_the_agent_who_suits_best_gets_it(worse, better, lost):
    category = make_category("refund.counterfeit", skill_code="quality", skill_level=2)
    loser, winner = make_agent(**worse), make_agent(**better)
    complaint = make_complaint(category=category)

    assign_waiting()

    decision = complaint.decisions.get()
    assert decision.winner == winner
    assert [(row["agent"], row["lost"]) for row in decision.candidates] == [(winner.pk, ""), (loser.pk, lost)]


def test_equal_agents_take_turns():
    agents = [make_agent() for _ in range(3)]
    complaints = file_waiting(6)

    assign_waiting()

    assert [assignee_of(each) for each in complaints] == agents + agents
    assert_loads_are_right()


def test_the_most_urgent_waits_least():
    agent = make_agent(capacity=10)
    usual = make_complaint(priority=1)
    urgent = make_complaint(priority=3)

    assert assign_waiting() == 1

    assert (assignee_of(urgent), assignee_of(usual)) == (agent, None)
    assert load_of(agent) == 10


def test_the_cap_is_never_passed():
    agent = make_agent(capacity=17)
    file_waiting(5)

    assert assign_waiting() == 3
    assert load_of(agent) == 15
    assert assign_waiting() == 0
    assert set(AssignmentRequest.objects.filter(state="waiting").values_list("blocked_by", flat=True)) == {"full"}


def test_a_decision_keeps_every_candidate_with_the_first_reason_it_lost():
    away, full, winner = make_agent(state="away", used=100), make_agent(used=100), make_agent(used=30)
    complaint = make_complaint()

    assign_waiting()

    decision = complaint.decisions.get()
    assert decision.cause == Decision.Cause.SWEEP
    assert decision.request == AssignmentRequest.objects.get(complaint=complaint)
    usual = {"capacity": 100, "level": 1, "weight": 5, "units": 0, "hours": 0.0}
    assert decision.candidates == [
        {"agent": winner.pk, "lost": "", "state": "ready", "used": 30, **usual},
        {"agent": away.pk, "lost": "state", "state": "away", "used": 100, **usual},
        {"agent": full.pk, "lost": "full", "state": "ready", "used": 100, **usual},
    ]


def test_what_is_given_back_goes_to_somebody_else():
    first, second = make_agent(), make_agent(used=50)
    complaint = make_complaint()
    assign_waiting()
    assert assignee_of(complaint) == first

    release_complaint(complaint, by=first, expected_version=None)
    assign_waiting()
    assert assignee_of(complaint) == second
    release_complaint(complaint, by=second, expected_version=None)

    assert assign_waiting() == 0
    assert block_of(complaint) == "excluded"
    assert [load_of(first), load_of(second)] == [0, 50]


def test_a_long_queue_that_nobody_serves_holds_up_nobody_else():
    quality = make_team("quality")
    file_waiting(120, category=make_category("refund.counterfeit", team=quality))
    make_user(teams=[quality])
    agent = make_agent()
    complaint = make_complaint()

    assert assign_waiting() == 1
    assert assignee_of(complaint) == agent


def test_complaints_of_the_named_agent_hold_up_nobody_else():
    make_agent(name="赵美丽")
    file_waiting(30, answers={"agent_name": "赵美丽"})
    complaint = make_complaint()

    assert assign_waiting() == 1
    assert assignee_of(complaint) is not None


def test_an_ended_complaint_is_not_assigned():
    make_agent()
    complaint = make_complaint("withdrawn")
    AssignmentRequest.objects.filter(complaint=complaint).update(state="waiting")

    assert assign_waiting() == 0
    assert assignee_of(complaint) is None


def count_queries(limit: int = 1) -> int:
    with CaptureQueriesContext(connection) as queries:
        assign_waiting(limit)
    return len(queries)


def test_the_cost_of_a_decision_does_not_grow_with_team_and_queue():
    make_agent(capacity=1000)
    file_waiting(2)
    few = count_queries()
    for _ in range(5):
        make_agent(capacity=1000)
    file_waiting(10)

    assert count_queries() == few


def test_an_empty_queue_costs_one_query(django_assert_num_queries):
    make_agent()

    with django_assert_num_queries(1):
        assert assign_waiting() == 0


def test_one_free_place_does_not_cost_a_look_at_everybody_who_waits():
    agent = make_agent(capacity=5)
    file_waiting(2)
    few = count_queries(limit=20)
    agent.load.delete()
    Complaint.objects.update(assignee=None)
    file_waiting(30)

    assert count_queries(limit=20) == few
