"""Surveys in words at the desk: in the thread, and beside a low score that waits for a lead."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.desk.events import say_event
from complaints.models import Survey
from complaints.services import reopen_complaint
from complaints.services.surveys import answer_survey
from tests.complaints.builders import make_survey
from tests.factories import make_complaint, make_user

pytestmark = pytest.mark.django_db


def said(complaint, kind: str) -> str:
    return say_event(complaint.events.filter(kind=kind).latest("seq")).detail


@pytest.mark.parametrize(
    ("scale", "score", "words"),
    [
        ("csat", 2, "满意度 · 2 分（满分 5） – 较差"),
        ("ces", 6, "省力度 · 6 分（满分 7）"),
        ("nps_tx", 0, "服务后推荐意愿 · 0 分（满分 10） – 完全不可能"),
    ],
)
def test_an_answer_says_scale_score_and_words(scale, score, words):
    survey = make_survey(scale)

    answer_survey(survey, score=score)

    assert said(survey.complaint, "survey.answered") == words


def test_a_suppressed_one_says_why():
    make_complaint("resolved")
    complaint = make_complaint("resolved")
    Survey.objects.filter(complaint=complaint).update(scale="csat")

    assert said(complaint, "survey.suppressed").endswith("14 天内已邀请过")


def test_an_answer_that_counts_no_more_says_so():
    survey = make_survey()
    answer_survey(survey, score=5)

    reopen_complaint(survey.complaint, as_customer=True)

    assert said(survey.complaint, "survey.expired") == "满意度 · 原评价不再计入"


def test_the_lead_reads_score_and_words_and_no_number_of_a_phone(desk, url):
    desk.login_as(make_user("lead"))
    survey = make_survey()

    answer_survey(survey, score=1, comment="打 13800001234 也没人接")
    page = desk.get(url("follow-ups")).content.decode()

    assert "客户给了低分" in page
    assert "1 分（满分 5）" in page and "也没人接" in page and "13800001234" not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_number_of_questions_for_one_and_for_three(desk, url, rows):
    desk.login_as(make_user("lead"))
    for number in range(rows):
        answer_survey(make_survey(contact_email=f"{number}@mail.example", contact_phone=""), score=1, comment="慢")
    desk.get(url("follow-ups"))

    with CaptureQueriesContext(connection) as queries:
        page = desk.get(url("follow-ups")).content.decode()

    assert page.count("1 分（满分 5）") == rows
    assert len(queries) == QUESTIONS


QUESTIONS = 4
