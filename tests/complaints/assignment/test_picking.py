"""Taking and giving by hand: the next one, this one, and beyond skill or room."""

import pytest

from complaints.assignment.agents import read_agents
from complaints.assignment.candidates import Need, bars_against
from complaints.assignment.claim import claim_next
from complaints.models import Decision
from complaints.services import assign_complaint, claim_complaint, post_reply
from foundation.exceptions import RefusedError
from tests.complaints.assignment.builders import assert_loads_are_right, assignee_of, file_waiting, load_of, make_agent
from tests.factories import make_category, make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db


def codes_of(refusal) -> list[str]:
    return [reason.code for reason in refusal.value.reasons]


def test_the_next_one_is_the_most_urgent():
    agent = make_agent()
    file_waiting(2)
    urgent = make_complaint(priority=3)

    taken = claim_next(agent)

    assert (taken.pk, taken.assignee_id) == (urgent.pk, agent.pk)
    decision = urgent.decisions.get()
    assert (decision.cause, decision.winner, decision.candidates[0]["used"]) == (Decision.Cause.CLAIM, agent, 0)


def test_whoever_asks_for_the_next_one_is_there():
    agent = make_user()
    complaint = make_complaint()

    assert claim_next(agent).pk == complaint.pk


def test_there_is_no_next_one_of_another_team_or_beyond_the_skill():
    agent = make_agent()
    make_complaint(category=make_category("refund.quality", team=make_team("after_sales")))
    make_complaint(category=make_category("refund.counterfeit", skill_code="quality", skill_level=4))

    assert claim_next(agent) is None


def test_who_is_not_in_the_team_cannot_take_it_however_they_came_to_be_asked():
    [outsider] = read_agents(user_ids=[make_agent(teams=[]).pk])

    assert next(iter(bars_against(outsider, Need.of(make_complaint())))) == "team"


def test_a_full_agent_hears_why_there_is_no_next_one():
    agent = make_agent(used=98)
    make_complaint()

    with pytest.raises(RefusedError) as refusal:
        claim_next(agent)

    assert codes_of(refusal) == ["full"]
    assert load_of(agent) == 98


def test_a_full_agent_gets_no_reason_where_nothing_waits():
    assert claim_next(make_agent(used=100)) is None


def test_what_somebody_gave_back_is_not_their_next_one():
    agent = make_agent()
    complaint = make_complaint()
    complaint.assignment_requests.update(excluded_ids=[agent.pk])

    assert claim_next(agent) is None
    assert claim_complaint(complaint, by=agent).assignee_id == agent.pk


@pytest.mark.parametrize(
    ("agent", "category", "answers", "codes"),
    [
        ({"used": 96}, {}, {}, ["full"]),
        ({"skills": {"quality": 1}}, {"skill_code": "quality", "skill_level": 2}, {}, ["skill"]),
        ({"used": 96}, {"skill_code": "quality", "skill_level": 2}, {}, ["skill", "full"]),
        ({"name": "赵美丽"}, {}, {"agent_name": "赵美丽"}, ["named"]),
    ],
)
def test_nobody_takes_more_than_fits(agent, category, answers, codes):
    agent = make_agent(**agent)
    complaint = make_complaint(category=make_category("refund.counterfeit", **category), answers=answers)
    used = load_of(agent)

    for act in (lambda: claim_complaint(complaint, by=agent), lambda: post_reply(complaint, body="您好", by=agent, expected_version=None)):
        with pytest.raises(RefusedError) as refusal:
            act()
        assert codes_of(refusal) == codes

    assert assignee_of(complaint) is None
    assert (load_of(agent), complaint.messages.count()) == (used, 1)


def test_a_lead_gives_more_than_fits_only_with_a_reason():
    lead, agent = make_user("lead"), make_agent(used=100)
    complaint = make_complaint(category=make_category("refund.counterfeit", skill_code="quality", skill_level=2))

    with pytest.raises(RefusedError) as refusal:
        assign_complaint(complaint, to=agent, by=lead, expected_version=None)
    assert codes_of(refusal) == ["skill", "full"]
    assign_complaint(complaint, to=agent, by=lead, expected_version=None, reason="只有他认识这位客户")

    decision = complaint.decisions.get()
    assert (decision.cause, decision.reason, decision.candidates[0]["used"]) == (Decision.Cause.MANUAL, "只有他认识这位客户", 100)
    assert load_of(agent) == 105


def test_no_reason_gives_a_complaint_to_the_person_complained_of():
    lead, agent = make_user("lead"), make_agent(name="赵美丽")
    complaint = make_complaint(answers={"agent_name": "赵美丽"})

    with pytest.raises(RefusedError) as refusal:
        assign_complaint(complaint, to=agent, by=lead, expected_version=None, reason="试试")

    assert codes_of(refusal) == ["named"]
    assert assignee_of(complaint) is None


def test_a_lead_answers_with_full_hands():
    lead = make_agent(role="lead", used=100)
    complaint = make_complaint()

    post_reply(complaint, body="您好，我来处理。", by=lead, expected_version=None)

    assert assignee_of(complaint) == lead
    assert complaint.decisions.get().reason != ""


@pytest.mark.parametrize("is_reversed", [False, True])
def test_moving_a_complaint_moves_its_load(is_reversed):
    lead, first, second = make_user("lead"), make_agent(), make_agent()
    giver, taker = (second, first) if is_reversed else (first, second)
    complaint = make_complaint(assignee=giver)

    assign_complaint(complaint, to=taker, by=lead, expected_version=None)

    assert (load_of(giver), load_of(taker)) == (0, 5)
    assert_loads_are_right()


def test_a_refused_move_leaves_the_loads_alone():
    lead, giver, taker = make_user("lead"), make_agent(), make_agent(used=98)
    complaint = make_complaint(assignee=giver)

    with pytest.raises(RefusedError):
        assign_complaint(complaint, to=taker, by=lead, expected_version=None)

    assert (assignee_of(complaint), load_of(giver), load_of(taker)) == (giver, 5, 98)
