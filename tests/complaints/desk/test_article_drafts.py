"""From a solution to an article: what the form begins with, and what it makes."""

import pytest
from django.test import Client

from complaints.services import post_reply
from knowledge.models import Article, ArticleVersion
from tests.factories import make_complaint
from tests.knowledge.builders import make_category as make_shelf

pytestmark = pytest.mark.django_db


@pytest.fixture
def complaint(agent):
    complaint = make_complaint("open", assignee=agent, subject="杯子碎了，电话 13912345678", contact_name="李小满")
    post_reply(complaint, body="李小满您好，请拍照。\n我们补发。", by=agent, expected_version=None)
    return complaint


def draft(**overrides) -> dict:
    fields = {"title": "杯子碎了", "body": "请拍照。", "question": "杯子碎了", "category": make_shelf().pk, "audience": "public"}
    return {**fields, **overrides}


def test_the_form_begins_with_question_and_answers_without_the_person(desk, url, complaint):
    form = desk.get(url("article-new", complaint.number)).context["form"].initial

    assert form["title"] == "杯子碎了，电话 〔电话号码〕"
    assert form["body"].endswith("〔姓名〕您好，请拍照。\n我们补发。")
    assert form["question"] == "杯子碎了，电话"


def test_it_says_what_was_taken_out_and_keeps_nothing(desk, url, complaint):
    page = desk.get(url("article-new", complaint.number)).content.decode()

    assert "电话号码 × 1" in page and "姓名 × 1" in page
    assert "13912345678" not in page and "李小满" not in page
    assert not Article.objects.exists()


def test_it_begins_with_what_was_searched_in_vain(desk, url, complaint):
    assert desk.get(url("article-new", complaint.number), {"q": "发票"}).context["form"].initial["title"] == "发票"


def test_saving_makes_a_draft_that_nobody_else_reads(desk, url, agent, complaint):
    response = desk.post(url("article-new", complaint.number), draft())

    article = Article.objects.get()
    version = article.versions.get()
    assert response.status_code == 303 and response.headers["Location"].endswith(f"/knowledge/article/{article.pk}/change/")
    assert (article.live, article.category_code, article.created_by) == (None, complaint.category.code, agent)
    assert version.status == ArticleVersion.Status.DRAFT
    assert (version.title_zh, version.body_zh, version.title_en) == ("杯子碎了", "请拍照。", "")
    assert [each.text for each in article.phrasings.all()] == ["杯子碎了"]
    assert Client().get(f"/help/{article.code}/").status_code == 404


def test_an_english_complaint_makes_an_english_draft(desk, url, agent):
    complaint = make_complaint("open", assignee=agent, language="en", subject="Cup broken")

    desk.post(url("article-new", complaint.number), draft(title="Cup broken", body="Take a picture."))

    version = ArticleVersion.objects.get()
    assert (version.title_en, version.title_zh) == ("Cup broken", "")


@pytest.mark.parametrize("name", ["title", "body", "category"])
def test_what_is_missing_is_said_and_nothing_is_lost(name, desk, url, complaint):
    response = desk.post(url("article-new", complaint.number), draft(**{name: ""}))

    page = response.content.decode()
    assert response.status_code == 422 and not Article.objects.exists()
    assert all(str(text) in page for key, text in draft(**{name: ""}).items() if key in ("title", "body"))
    assert "<title>错误：" in page
