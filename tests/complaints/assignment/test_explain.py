"""Decisions in words."""

import pytest

from complaints.assignment.candidates import BARS, RANK
from complaints.assignment.claim import assign_waiting
from complaints.assignment.explain import BLOCKED, LOST, explain_decision, say_blocked
from complaints.services import assign_complaint
from tests.complaints.assignment.builders import block_of, make_agent
from tests.factories import make_complaint, make_user

pytestmark = pytest.mark.django_db


def test_every_reason_has_words():
    assert set(LOST) == BARS.keys() | RANK.keys() | {"load"}  # of the first rule, still on record
    assert set(BLOCKED) == BARS.keys() | {"nobody"}


def explain(complaint):
    return explain_decision(complaint.decisions.latest("id"))


def test_the_sentence_names_the_winner_and_the_table_names_everybody():
    make_agent(used=90)
    away, winner = make_agent(state="away"), make_agent(name="陈一")
    complaint = make_complaint()
    assign_waiting()

    sentence, lines = explain(complaint)

    assert "陈一" in sentence
    assert [(line.agent_id, line.used) for line in lines[:1]] == [(winner.pk, 0)]
    assert {line.agent_id: line.lost for line in lines}[away.pk] == str(LOST["state"])


def test_one_who_takes_and_one_who_is_given_read_differently():
    agent = make_agent(name="陈一")
    taken, given = make_complaint(assignee=agent), make_complaint()
    assign_complaint(given, to=agent, by=make_user("lead"), expected_version=None)

    assert explain(taken)[0] != explain(given)[0]


def test_what_waits_says_why():
    make_agent(state="away")
    complaint = make_complaint()
    assign_waiting()

    assert say_blocked(block_of(complaint)) == str(BLOCKED["state"])
    assert say_blocked("") == ""
