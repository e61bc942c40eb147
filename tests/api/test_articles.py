"""Articles over the API: what everybody may read, to every token, and nothing else is hinted at."""

from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge import services
from tests.api.machine import Machine
from tests.knowledge.article_cast import make_category, make_draft, make_published, make_review, publish_next

pytestmark = pytest.mark.django_db


@pytest.fixture
def small():
    """A machine with a single scope that has nothing to do with articles."""
    return Machine("wms")


def codes(answer) -> list[str]:
    return [row["code"] for row in answer.json()["results"]]


def test_any_token_lists_and_reads_public_articles(small):
    make_published(code="refund-timing", category_code="refund.unpaid")

    [row] = small.get("articles/").json()["results"]
    assert (row["code"], row["title"], row["language"], row["version"]) == ("refund-timing", "退款多久到账", "zh", 1)
    assert (row["category"], row["complaint_category"], "body" in row) == ("refunds", "refund.unpaid", False)

    english = small.get("articles/refund-timing/", language="en").json()
    assert (english["title"], english["body"]) == ("When a refund arrives", "One to three working days.")


def test_without_a_token_nothing_is_answered(client):
    assert client.get("/api/v1/articles/").status_code == 401


def test_what_is_not_public_is_not_there(machine):
    hidden = [
        make_draft(title_zh="水星草稿"),
        make_review(title_zh="水星送审"),
        make_published(title_zh="水星内部", audience="internal"),
        make_published(title_zh="水星将来", effective_from=timezone.now() + timedelta(days=1)),
        services.mark_outdated(make_published(title_zh="水星过期"), by=None, reason="旧了"),
    ]

    assert codes(machine.get("articles/")) == []
    assert codes(machine.get("articles/", q="水星")) == []
    unknown = machine.get("articles/nothing-there/")
    for article in hidden:
        for address in (f"articles/{article.code}/", f"articles/{article.code}/versions/"):
            answer = machine.get(address)
            assert (answer.status_code, answer.content) == (404, unknown.content)


def test_a_search_answers_the_best_first_and_within_the_filters(machine):
    make_published(code="one", title_zh="换货要多久", title_en="Exchange", kind="rule")
    make_published(code="two", title_zh="怎么开发票", title_en="Invoice", category=make_category("orders"))

    assert codes(machine.get("articles/", q="开发票"))[:1] == ["two"]
    assert codes(machine.get("articles/", q="开发票", category="refunds")) == []
    assert codes(machine.get("articles/", q="invoice", language="en"))[:1] == ["two"]
    assert codes(machine.get("articles/", kind="rule")) == ["one"]


def test_filters_do_not_fall_behind_the_best_of_other_kinds(machine, monkeypatch):
    monkeypatch.setattr("knowledge.api.views.MOST_FOUND", 2)
    make_published(code="rule", kind="rule", category=make_category("rules"), title_zh="规则", body_zh="退款按规则办理，详情请看订单页面。")
    for number in range(3):
        make_published(code=f"guide-{number}", title_zh="退款", body_zh="退款。")

    assert codes(machine.get("articles/", q="退款", kind="rule")) == ["rule"]
    assert codes(machine.get("articles/", q="退款", category="rules")) == ["rule"]
    assert len(codes(machine.get("articles/", q="退款"))) == 2


@pytest.mark.parametrize("query", [{"language": "fr"}, {"kind": "secret"}, {"limit": "x"}, {"cursor": "!"}])
def test_odd_questions_are_refused(machine, query):
    make_published()

    assert machine.get("articles/", **query).status_code == 400


@pytest.mark.parametrize("path", ["articles/%00/", "articles/%00/versions/", "articles/rule%00/versions/"])
def test_addresses_that_no_article_can_have_are_not_there(machine, path):
    make_published(code="rule", kind="rule")

    assert machine.client.get(f"/api/v1/{path}", headers=machine.headers).status_code == 404


def test_lists_have_pages(machine):
    made = [make_published(code=f"article-{number}").code for number in range(3)]

    first = machine.get("articles/", limit=2).json()
    second = machine.get("articles/", limit=2, cursor=first["next"]).json()

    assert [row["code"] for row in first["results"] + second["results"]] == made[::-1]
    assert second["next"] == ""


def test_a_rule_tells_what_it_said_and_what_it_will_say(machine):
    article = publish_next(make_published(code="rule", kind="rule"), body_zh="第二版。")
    publish_next(article, effective_from=timezone.now() + timedelta(days=7), body_zh="第三版。")
    services.start_draft(article, by=None)

    versions = machine.get("articles/rule/versions/").json()["results"]

    assert [(row["number"], row["body"]) for row in versions][:2] == [(3, "第三版。"), (2, "第二版。")]
    assert len(versions) == 3


def test_what_an_announcement_will_say_is_not_told(machine):
    article = make_published(code="news", kind="announcement")
    publish_next(article, effective_from=timezone.now() + timedelta(days=7), body_zh="下周的新公告。")

    versions = machine.get("articles/news/versions/").json()["results"]

    assert [row["number"] for row in versions] == [1]


def test_a_version_that_was_corrected_before_it_began_is_not_among_them(machine):
    article = publish_next(make_published(code="rule", kind="rule"), effective_from=timezone.now() + timedelta(days=7), body_zh="有误。")
    publish_next(article, body_zh="更正。")

    versions = machine.get("articles/rule/versions/").json()["results"]

    assert [row["number"] for row in versions] == [3, 1]


def test_a_guide_has_no_versions_to_read(machine):
    publish_next(make_published(code="guide"))

    assert machine.get("articles/guide/versions/").status_code == 404


def test_three_articles_cost_as_many_queries_as_one(machine, django_assert_max_num_queries, django_assert_num_queries):
    make_published()
    machine.get("articles/")
    with django_assert_max_num_queries(30) as one:
        machine.get("articles/")
    make_published(category=make_category("a"))
    make_published(category=make_category("b"))

    with django_assert_num_queries(len(one)):
        machine.get("articles/")


def test_nothing_is_written_over_the_api(machine):
    make_published(code="guide")

    assert machine.post("articles/", {"code": "x"}).status_code == 403
    assert machine.post("articles/guide/", {"title": "x"}).status_code == 403
