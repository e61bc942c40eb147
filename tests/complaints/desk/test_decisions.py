"""The desk says why an agent has a complaint, and why nobody has it yet."""

import pytest
from django.urls import reverse

from complaints.assignment.claim import assign_waiting
from complaints.assignment.explain import BLOCKED, LOST
from tests.complaints.assignment.builders import make_agent
from tests.factories import make_complaint, make_user

pytestmark = pytest.mark.django_db


def read_decisions(client, complaint) -> str:
    client.force_login(make_user())
    return client.get(reverse("admin:desk-decisions", args=[complaint.number])).content.decode()


def test_a_decision_shows_the_winner_and_why_the_others_lost(client):
    make_agent(name="陈一")
    make_agent(name="周二", state="away", used=45)
    complaint = make_complaint()
    assign_waiting()

    page = read_decisions(client, complaint)

    assert "陈一" in page and "周二" in page and "45 / 100" in page
    assert str(LOST["state"]) in page


def test_a_waiting_complaint_shows_why_it_waits(client):
    make_agent(state="away")
    complaint = make_complaint()
    assign_waiting()

    assert str(BLOCKED["state"]) in read_decisions(client, complaint)


def test_a_full_agent_who_asks_for_the_next_one_hears_why(client):
    agent = make_agent(name="陈一", used=98)
    complaint = make_complaint()
    client.force_login(agent)

    answer = client.post(reverse("admin:desk-next"))

    assert answer.status_code == 409
    assert "陈一" in answer.content.decode()
    complaint.refresh_from_db()
    assert complaint.assignee is None
