"""Splitting and watching from the workspace."""

import re

import pytest

from complaints.models import Complaint
from complaints.services import post_customer_message, watch_complaint
from tests.factories import make_category, make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db


def asked(complaint: Complaint, **more) -> dict:
    return {"expected_version": complaint.version, "request_id": "r1"} | more


def test_split_shows_the_new_complaint(desk, url):
    complaint = make_complaint()
    message = post_customer_message(complaint, body="另外，发票开错了。")
    category = make_category("service.invoice")
    complaint.refresh_from_db()

    page = desk.get(url("act", complaint.number, "split")).content.decode()
    answer = desk.post(url("act", complaint.number, "split"), asked(complaint, messages=[message.pk], category=category.code))

    part = Complaint.objects.exclude(pk=complaint.pk).get()
    assert "另外，发票开错了。" in page
    assert answer["Location"].startswith(url("complaint", part.number))
    for each, other in ((complaint, part), (part, complaint)):
        assert other.number in desk.get(url("complaint", each.number)).content.decode()


def test_split_for_another_team_stays_here(desk, url):
    complaint = make_complaint()
    category = make_category("service.attitude", team=make_team("quality"))

    sent = asked(complaint, messages=[complaint.messages.get().pk], category=category.code)
    answer = desk.post(url("act", complaint.number, "split"), sent)

    assert answer["Location"].startswith(url("complaint", complaint.number))


def test_split_without_a_message_or_category_asks_again(desk, url):
    complaint = make_complaint()

    page = desk.post(url("act", complaint.number, "split"), asked(complaint, subject="发票抬头"))

    assert page.status_code == 422 and 'value="发票抬头"' in page.content.decode()
    assert Complaint.objects.count() == 1


def test_the_button_says_whether_one_watches(desk, url):
    complaint = make_complaint()

    before = offered(desk, url, complaint)
    desk.post(url("act", complaint.number, "watch"), asked(complaint))
    after = offered(desk, url, complaint)
    desk.post(url("act", complaint.number, "unwatch"), asked(complaint))

    assert (before, after, offered(desk, url, complaint)) == ({"watch"}, {"unwatch"}, {"watch"})


def offered(desk, url, complaint) -> set[str]:
    return set(re.findall(r"/act/(watch|unwatch)/", desk.get(url("complaint", complaint.number)).content.decode()))


def test_what_is_watched_stands_in_its_view_whatever_becomes_of_it(desk, url, agent):
    mine, closed, others = make_complaint(), make_complaint("closed"), make_complaint()
    for each in (mine, closed):
        watch_complaint(each, by=agent)
    watch_complaint(others, by=make_user())

    page = desk.get(url("queue"), {"view": "watched"}).content.decode()

    assert {each.number for each in (mine, closed, others) if f'data-number="{each.number}"' in page} == {mine.number, closed.number}
