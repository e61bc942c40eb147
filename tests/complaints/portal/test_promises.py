"""The promise on the customer's page and what it rests on: hours, closed days ahead, a pause and its reason."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.services import load_calendars
from complaints.intake.links import make_link
from complaints.models import ClockRun
from complaints.services import ask_customer
from complaints.services.pauses import pause_clock
from complaints.sla.defaults import load_sla_defaults
from complaints.sla.policies import forget_policies
from tests.complaints.sla.builders import frozen, moment
from tests.factories import make_complaint, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return make_user(name="林晓")


def told(complaint, prefix: str = "/en") -> list[tuple[str, str, list[str]]]:
    """What the page of this complaint promises: title, moment, sentences."""
    browser = Client()
    browser.get(f"/t/{make_link(complaint)}/")
    page = browser.get(f"{prefix}/c/{complaint.number}/").content.decode()
    panel = re.search(r'<dl class="facts basis">(.*?)</dl>', page, re.DOTALL)
    rows = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", panel[1], re.DOTALL) if panel else []
    return [(title, words.partition("<")[0], re.findall(r"<span[^>]*>(.*?)</span>", words)) for title, words in rows]


@pytest.fixture
def policies():
    with time_machine.travel(moment("2026-01-05 10:00")):
        load_calendars()
        load_sla_defaults()
    forget_policies()


def test_a_new_complaint_is_promised_an_answer_by_the_clock_and_a_result_by_our_hours(policies):
    with frozen(moment("2026-03-10 10:00")):
        complaint = make_complaint()
        answer, result = told(complaint)

    run = ClockRun.objects.get(complaint=complaint, kind="resolution")
    assert answer == ("Answer", "by tomorrow 10:00", ["Within 24 h, nights and holidays included."])
    assert result[0] == "Result"
    assert run.promise_at.astimezone(moment("2026-03-10 10:00").tzinfo).strftime("%H:%M") in result[1]
    assert result[2] == ["Counted in our working hours: every day 09:00–21:00."]


def test_closed_days_before_the_promise_are_named(policies):
    with frozen(moment("2026-09-30 18:00")):
        _answer, result = told(make_complaint())

    assert result[2][1] == "Closed in between and not counted: Thu 1 Oct – Wed 7 Oct."


def test_a_promise_without_a_closed_day_before_it_names_none(policies):
    with frozen(moment("2026-10-08 09:00")):
        promises = told(make_complaint())

    assert all("Closed" not in sentence for _title, _words, basis in promises for sentence in basis)


def test_the_pause_says_why_the_time_stands_still_and_until_when(policies, agent):
    with frozen(moment("2026-03-10 10:00")) as day:
        complaint = make_complaint("open", assignee=agent)
        pause_clock(complaint, reason="customer_date", until=day.at + timedelta(days=2), by=agent)

        [result] = [row for row in told(complaint) if row[0] == "Result"]

    assert result[1] == "paused"
    assert result[2] == [
        "The time stands still because you asked for a later day.",
        "It goes on by itself at the latest 12 Mar 10:00.",
    ]


def test_waiting_for_the_customer_stops_the_result_alone(policies, agent):
    with frozen(moment("2026-03-10 10:00")):
        complaint = make_complaint("open", assignee=agent)
        ask_customer(complaint, body="A photo, please.", by=agent, expected_version=None)

        titles = {title: words for title, words, _basis in told(complaint)}

    assert titles["Result"] == "paused"


def test_a_missed_promise_is_not_promised_once_more(policies):
    with frozen(moment("2026-03-10 10:00")) as day:
        complaint = make_complaint()
        day.later(hours=25)
        day.sweep()
        titles = [title for title, _words, _basis in told(complaint)]

    assert "Answer" not in titles


def test_chinese_says_the_same(policies):
    with frozen(moment("2026-09-30 18:00")):
        answer, result = told(make_complaint(), prefix="")

    assert (answer[0], answer[2]) == ("答复", ["24 小时内，夜间和节假日也算在内。"])
    assert result[2] == ["按我们的工作时间计算：每天 09:00–21:00。", "其间休息、不计时：10月1日至10月7日。"]


def test_what_is_over_promises_nothing(policies, agent):
    with frozen(moment("2026-03-10 10:00")):
        assert told(make_complaint("closed", assignee=agent)) == []
