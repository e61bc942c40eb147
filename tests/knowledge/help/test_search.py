"""Searching the help centre: hits with their marks, other words, nothing found, and a search that does not work."""

import pytest

from knowledge.help.looking import look_up, suggest
from knowledge.models import SearchLog
from tests.knowledge.builders import make_article, make_category

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def arrival(db):
    return make_article("arrival", title_zh="退款多久到账", title_en="When a refund arrives", category_code="refund.slow")


def fail(*args, **kwargs):
    raise RuntimeError("the index is gone")


def test_hits_are_marked_and_lead_to_the_article(arrival, reader):
    page = text_of(reader.get("/help/search/?q=退款"))

    assert "<mark>退款</mark>" in page
    assert 'href="/help/arrival/"' in page


def test_what_is_typed_is_text(arrival, reader):
    page = text_of(reader.get("/help/search/", {"q": '退款"><script>alert(1)</script>'}))

    assert "<script>alert" not in page


def test_nothing_found_carries_the_words_into_the_form_and_is_noted(reader):
    page = text_of(reader.get("/help/search/?q=火星快递 13800000001"))

    assert 'name="words" value="火星快递 13800000001"' in page
    assert 'name="to" value="form"' in page
    assert list(SearchLog.objects.values_list("query", "language", "place", "found", "times")) == [("火星快递 #", "zh", "help", 0, 1)]


def test_what_is_only_typed_is_not_noted(reader):
    reader.post("/help/instant/", {"q": "火星快递"})

    assert not SearchLog.objects.exists()


def test_other_words_are_said(arrival, reader, monkeypatch):
    from knowledge.search.finding import Findings, find

    right = find("退款", language="zh")
    monkeypatch.setattr("knowledge.help.looking.find", lambda *args, **kwargs: Findings(right.hits, "退款", False))

    assert "已为您显示“退款”的结果" in text_of(reader.get("/help/search/?q=tuikuan"))
    assert "已为您显示“退款”的结果" in text_of(reader.get("/help/instant/?q=tuikuan"))


@pytest.mark.parametrize("path", ["/help/search/?q=退款", "/help/instant/?q=退款"])
def test_a_search_that_fails_leaves_the_way_into_the_form(path, reader, monkeypatch):
    monkeypatch.setattr("knowledge.help.looking.find", fail)

    answer = reader.get(path)

    assert answer.status_code == 200
    assert "搜索暂时没有响应" in text_of(answer)
    assert 'name="to" value="form"' in text_of(answer)


def test_a_note_that_fails_is_no_fault_of_the_search(reader, monkeypatch):
    monkeypatch.setattr("knowledge.help.looking.note_miss", fail)

    assert reader.get("/help/search/?q=火星快递").status_code == 200


def test_instant_hits_are_a_fragment_by_get_and_by_post(arrival, reader):
    by_get, by_post = text_of(reader.get("/help/instant/?q=退款")), text_of(reader.post("/help/instant/", {"q": "退款"}))

    assert "<html" not in by_get
    assert 'data-hit href="/help/arrival/"' in by_get and 'data-hit href="/help/arrival/"' in by_post


def test_a_single_sign_is_not_searched(arrival):
    assert look_up("退").hits == []


def test_a_flood_of_searches_ends_and_the_page_stays(arrival, reader, monkeypatch):
    monkeypatch.setattr("knowledge.help.pages.SEARCHES_PER_NETWORK", 1)
    reader.get("/help/search/?q=退款")

    answer = reader.get("/help/search/?q=退款")

    assert answer.status_code == 429
    assert 'name="to" value="form"' in text_of(answer)


def test_suggestions_come_from_the_words_then_from_the_category(arrival):
    of_category = make_article("amount", title_zh="退的钱怎么算", body_zh="按实付。", category_code="refund")

    assert [hit.article.code for hit in suggest("refund.slow", "")] == ["arrival", "amount"]
    assert [hit.article.code for hit in suggest("", "退款多久到账")][0] == "arrival"
    assert [hit.article.code for hit in suggest("refund.slow", "退的钱怎么算")][0] == of_category.code
    assert suggest("", "") == []


def test_there_are_three_suggestions_at_most(reader):
    for number in range(5):
        make_article(f"n{number}", category_code="refund.slow")

    page = text_of(reader.post("/help/suggest/", {"category": "refund.slow", "description": ""}))

    assert page.count("data-panel=") == 3


def test_suggestions_open_beside_the_form(arrival, reader):
    page = text_of(reader.post("/help/suggest/", {"category": "refund.slow", "description": ""}))

    assert 'data-panel="/help/arrival/?panel"' in page
    assert 'href="/help/arrival/?form" target="_blank" rel="noopener"' in page
    assert "这解决了我的问题" in text_of(reader.get("/help/arrival/?panel"))
    assert "这解决了我的问题" in text_of(reader.get("/help/arrival/?form"))


def test_signs_that_no_text_can_hold_suggest_nothing(arrival, reader):
    answer = reader.post("/help/suggest/", {"category": "\x00", "description": "\x00"})

    assert (answer.status_code, text_of(answer).strip()) == (200, "")


def test_words_of_a_complaint_come_by_post_only_and_are_not_noted(reader):
    assert reader.get("/help/suggest/?description=秘密").status_code == 405
    reader.post("/help/suggest/", {"category": "", "description": "火星快递没有送到"})
    assert not SearchLog.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_suggestions_cost_the_same_for_one_and_for_many(count, reader, django_assert_max_num_queries):
    for number in range(count):
        make_article(f"n{number}", category=make_category(f"c{number}"), category_code="refund.slow")
    reader.post("/help/suggest/", {"category": "refund.slow", "description": ""})

    with django_assert_max_num_queries(1):
        reader.post("/help/suggest/", {"category": "refund.slow", "description": ""})
