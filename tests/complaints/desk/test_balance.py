"""Sharing work out: the matrix counts what its lists hold, a preview changes nothing, and what was moved can be given back."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.models import AgentLoad, ChatSession, Complaint
from complaints.services import post_note, set_priority
from tests.complaints.assignment.builders import assert_loads_are_right, make_agent
from tests.factories import make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def leads(desk, lead):
    """The desk of a lead of the logistics team."""
    desk.login_as(lead)
    return desk


def tick(*complaints: Complaint) -> list[str]:
    return [f"{each.pk}:{Complaint.objects.get(pk=each.pk).version}" for each in complaints]


def moves_on(page: str) -> list[str]:
    return re.findall(r'name="move" value="([^"]+)"', page)


def share_out(desk, url, *complaints: Complaint, **given):
    """Preview and apply; the answer to the second."""
    page = desk.post(url("balance-preview"), {"selected": tick(*complaints), "way": "even"} | given).content.decode()
    return desk.post(url("balance-apply"), {"move": moves_on(page), "request_id": "r1"})


def holders(*complaints: Complaint) -> list[int | None]:
    return [Complaint.objects.get(pk=each.pk).assignee_id for each in complaints]


def told(desk, answer) -> str:
    return desk.get(answer["Location"]).content.decode()


def test_every_number_of_the_matrix_is_the_length_of_its_list(leads, url):
    busy, calm = make_agent(name="陈一"), make_agent(name="周二")
    for _each in range(3):
        make_complaint("open", assignee=busy)
    overdue = make_complaint("open", assignee=calm)
    Complaint.objects.filter(pk=overdue.pk).update(due_at=overdue.filed_at)
    other = make_team("refunds", name_zh="退款组", name_en="Refunds")
    Complaint.objects.filter(pk=make_complaint("open", assignee=busy).pk).update(team=other)

    page = leads.get(url("balance")).content.decode()
    cells = re.findall(r'href="(/admin/desk/\?view[^"]+)">(\d+)</a>', page)

    assert [int(number) for _link, number in cells].count(3) == 1
    for link, number in cells:
        assert leads.get(link.replace("&amp;", "&")).content.decode().count("data-nav-item") == int(number), link


def test_the_matrix_shows_chats_skills_and_presence(leads, url):
    agent = make_agent(name="陈一", state="away", used=40, skills={"refunds": 4})
    complaint = make_complaint(channel="chat")
    ChatSession.objects.create(complaint=complaint, contact=complaint.contacts.get(), state="active", agent=agent)

    page = leads.get(url("balance")).content.decode()
    row = page.split("陈一</th>")[1].split("</tr>")[0]

    assert "person--away" in row and "40 / 100" in row and "refunds 4" in row
    assert '<span class="table__number">1</span>' in row


def test_a_preview_changes_nothing(leads, url):
    make_agent()
    complaint = make_complaint()

    page = leads.post(url("balance-preview"), {"selected": tick(complaint), "way": "even"}).content.decode()

    assert len(moves_on(page)) == 1
    assert holders(complaint) == [None]


@pytest.mark.parametrize("way", ["even", "idlest", "skill"])
def test_what_the_preview_says_is_done(way, leads, url):
    one, other = make_agent(), make_agent()
    complaints = [make_complaint() for _each in range(4)]

    answer = share_out(leads, url, *complaints, way=way)

    assert answer.status_code == 303
    assert sorted(holders(*complaints)) == sorted([one.pk, one.pk, other.pk, other.pk])
    assert_loads_are_right()


def test_everything_can_go_to_one_person(leads, url):
    busy, taker = make_agent(), make_agent()
    complaints = [make_complaint("open", assignee=busy) for _each in range(2)]

    share_out(leads, url, *complaints, way="one", to=taker.pk)

    assert holders(*complaints) == [taker.pk, taker.pk]


def test_who_is_away_or_full_stands_out_in_the_preview(leads, url):
    busy = make_agent(name="陈一", state="away")
    make_agent(name="周二")
    complaint = make_complaint("open", assignee=busy)

    page = leads.post(url("balance-preview"), {"selected": tick(complaint), "way": "even"}).content.decode()

    assert re.search(r"陈一</th><td><span class=\"tag tag--warn\">", page)
    assert re.search(r"周二</th><td><span class=\"tag\">", page)


def test_what_nobody_can_take_says_why(leads, url):
    make_agent(state="offline")
    complaint = make_complaint()

    page = leads.post(url("balance-preview"), {"selected": tick(complaint), "way": "even"}).content.decode()

    assert moves_on(page) == []
    assert "tag--warn" in page.split("<tbody>")[1].split("</tbody>")[0]


def test_failures_are_named_row_by_row(leads, url):
    full = make_agent(used=100)
    AgentLoad.objects.filter(user=full).update(used=100)
    complaints = [make_complaint() for _each in range(2)]

    page = told(leads, share_out(leads, url, *complaints, way="one", to=full.pk))

    assert holders(*complaints) == [None, None]
    assert all(f"{each.number}:" in page for each in complaints)


def test_what_changed_since_the_preview_is_left_as_it_is(leads, url):
    agent = make_agent()
    complaint = make_complaint()
    move = f"{complaint.number}:{Complaint.objects.get(pk=complaint.pk).version - 1}:{agent.pk}"

    page = told(leads, leads.post(url("balance-apply"), {"move": [move], "request_id": "r1"}))

    assert holders(complaint) == [None]
    assert f"{complaint.number}:" in page


def test_what_changed_since_the_list_was_made_is_left_as_it_is(leads, url):
    make_agent()
    complaint = make_complaint()
    seen = tick(complaint)
    set_priority(complaint, priority=3, by=None, expected_version=None)

    page = leads.post(url("balance-preview"), {"selected": seen, "way": "even"}).content.decode()
    leads.post(url("balance-apply"), {"move": moves_on(page), "request_id": "r1"})

    assert len(moves_on(page)) == 1 and holders(complaint) == [None]


def test_two_presses_move_once(leads, url):
    make_agent()
    complaint = make_complaint()
    page = leads.post(url("balance-preview"), {"selected": tick(complaint), "way": "even"}).content.decode()

    for _time in range(2):
        leads.post(url("balance-apply"), {"move": moves_on(page), "request_id": "r1"})

    assert complaint.decisions.count() == 1


def test_what_was_moved_is_given_back(leads, url):
    busy = make_agent()
    make_agent()
    complaint = make_complaint("open", assignee=busy)
    taker = make_agent()
    share_out(leads, url, complaint, way="one", to=taker.pk)

    assert "balance/undo/" in leads.get(url("balance")).content.decode()
    leads.post(url("balance-undo"))

    assert holders(complaint) == [busy.pk]
    assert "balance/undo/" not in leads.get(url("balance")).content.decode()


def test_what_was_worked_on_is_not_given_back(leads, url):
    taker = make_agent()
    complaint = make_complaint()
    share_out(leads, url, complaint, way="one", to=taker.pk)
    post_note(complaint, body="正在查", by=taker)

    page = told(leads, leads.post(url("balance-undo")))

    assert holders(complaint) == [taker.pk]
    assert f"{complaint.number}:" in page


def test_nothing_to_undo_says_so(leads, url):
    assert "notice--warning" in told(leads, leads.post(url("balance-undo")))


@pytest.mark.parametrize("given", [{}, {"way": "best"}, {"way": "one", "to": ""}, {"way": "one", "to": "x"}])
def test_an_incomplete_choice_comes_back(given, leads, url):
    complaint = make_complaint()

    answer = leads.post(url("balance-preview"), {"selected": tick(complaint), "way": ""} | given)

    assert (answer.status_code, answer["Location"]) == (303, url("balance"))


def test_nobody_of_another_team_is_given_anything(leads, url):
    stranger = make_agent(teams=[make_team("refunds", name_zh="退款组", name_en="Refunds")])
    complaint = make_complaint()

    assert leads.post(url("balance-preview"), {"selected": tick(complaint), "way": "one", "to": stranger.pk}).status_code == 404


def test_a_complaint_of_a_team_that_is_not_led_is_left_out(leads, url, lead):
    other = make_team("refunds", name_zh="退款组", name_en="Refunds")
    other.memberships.create(user=lead)
    make_agent(teams=[make_team(), other])
    complaint = make_complaint()
    Complaint.objects.filter(pk=complaint.pk).update(team=other)

    page = leads.post(url("balance-preview"), {"selected": tick(complaint), "way": "even"}).content.decode()

    assert moves_on(page) == [] and "notice--warning" in page


@pytest.mark.parametrize("name", ["balance-preview", "balance-apply", "balance-undo"])
def test_agents_share_out_nothing(name, desk, url):
    make_agent()

    assert desk.post(url(name), {"selected": tick(make_complaint()), "way": "even"}).status_code == 403
    assert desk.get(url("balance")).status_code == 403


def test_the_list_to_share_out_is_narrowed_by_person_and_queue(leads, url):
    busy = make_agent()
    mine, free = make_complaint("open", assignee=busy), make_complaint()

    of_busy = leads.get(url("balance"), {"view": "team", "assignee": busy.pk}).content.decode()
    unassigned = leads.get(url("balance")).content.decode()

    assert f'value="{mine.pk}:' in of_busy and f'value="{free.pk}:' not in of_busy
    assert f'value="{free.pk}:' in unassigned and f'value="{mine.pk}:' not in unassigned


def test_the_page_asks_as_much_for_many_as_for_few(leads, url):
    make_complaint("open", assignee=make_agent())
    make_complaint()
    few = asked(leads, url("balance"))

    for _each in range(4):
        make_complaint("open", assignee=make_agent())
        make_complaint()
    make_user()

    assert asked(leads, url("balance")) == few


def asked(desk, path: str) -> int:
    desk.get(path)  # what a process reads once is not the page's
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(path).status_code == 200
    return len(queries)
