"""Articles on the way to a complaint: on the first page, beside the form and on page two. They never stand in its way."""

import pytest

from complaints.models import Complaint
from orders.models import Shipment
from tests.complaints.portal.journey import answer_problem, file_one
from tests.factories import make_calendar, make_order
from tests.knowledge.builders import hidden_articles, make_article

TYPED = {"HX-Request": "true"}


def text_of(response) -> str:
    return response.content.decode()


def fail(*args, **kwargs):
    raise RuntimeError("the index is gone")


@pytest.fixture
def stalled():
    return make_article("stalled", title_zh="物流不动怎么办", title_en="When a parcel does not move", category_code="logistics.stalled")


def test_the_first_page_shows_what_people_read(stalled, visitor):
    page = text_of(visitor.get("/"))

    assert 'href="/help/stalled/"' in page and "常见问题" in page


def test_a_question_shows_its_articles_and_keeps_the_way_into_the_form(stalled, visitor):
    answer = visitor.post("/", {"words": "物流不动"})
    page = text_of(answer)

    assert answer.status_code == 200
    assert 'href="/help/stalled/"' in page
    assert 'href="/file/"' in page and 'name="to" value="form"' in page
    assert 'value="物流不动"' in page


def test_from_the_hits_the_words_go_into_the_form(stalled, visitor):
    answer = visitor.post("/", {"words": "物流不动", "to": "form"})

    assert answer.headers["Location"] == "/file/?from=search"
    assert "物流不动" in text_of(visitor.get("/file/?from=search"))


def test_nothing_found_goes_into_the_form_at_once(stalled, visitor):
    assert visitor.post("/", {"words": "zzzz qqqq"}).headers["Location"] == "/file/?from=search"


def test_a_search_that_fails_goes_into_the_form(stalled, visitor, monkeypatch):
    monkeypatch.setattr("knowledge.help.looking.find", fail)

    assert visitor.post("/", {"words": "物流不动"}).headers["Location"] == "/file/?from=search"
    assert visitor.get("/").status_code == 200


def test_while_typing_a_question_articles_come(stalled, visitor):
    page = text_of(visitor.post("/", {"words": "物流不动"}, headers=TYPED))

    assert "<html" not in page and 'data-hit href="/help/stalled/"' in page


def test_while_typing_a_number_nothing_is_told_about_whose_it_is(visitor, stranger):
    complaint, order = file_one(visitor), make_order()
    known, unknown = (text_of(stranger.post("/", {"words": each}, headers=TYPED)) for each in (order.number, "QH9999999999"))

    assert known.replace(order.number, "").split('name="words"')[1] == unknown.replace("QH9999999999", "").split('name="words"')[1]
    assert f'href="/c/{complaint.number}/"' in text_of(stranger.post("/", {"words": complaint.number}, headers=TYPED))
    assert "用这个手机号提交投诉" in text_of(stranger.post("/", {"words": "138 0000 0001"}, headers=TYPED))


def test_the_own_order_leads_to_the_complaint_about_it(visitor, stranger):
    complaint = file_one(visitor)
    order = make_order(number="QH2026112200")
    Complaint.objects.filter(pk=complaint.pk).update(order=order)
    Shipment.objects.create(order=order, external_id="1", waybill="SF1234567890123")

    for words in ("qh 2026-112200", "SF1234567890123"):
        assert f'href="/c/{complaint.number}/"' in text_of(visitor.post("/", {"words": words}, headers=TYPED))
        assert visitor.post("/", {"words": words}).headers["Location"] == f"/c/{complaint.number}/"
        assert complaint.number not in text_of(stranger.post("/", {"words": words}, headers=TYPED))
        assert stranger.post("/", {"words": words}).headers["Location"] == "/file/?from=search"


def test_page_two_shows_articles_as_plain_links_and_can_do_without(stalled, visitor, monkeypatch):
    answer_problem(visitor)

    assert 'href="/help/stalled/?form" target="_blank"' in text_of(visitor.get("/file/check/"))

    monkeypatch.setattr("knowledge.help.looking.find", fail)

    assert visitor.get("/file/check/").status_code == 200


def test_the_form_has_a_place_for_suggestions_beside_it(visitor):
    page = text_of(visitor.get("/file/"))

    assert page.index("</main>") < page.index('<article-suggest data-url="/help/suggest/"')


def test_nothing_hidden_is_on_the_way_to_a_complaint(visitor):
    for article in hidden_articles().values():
        article.category_code = "logistics.stalled"
        article.save(update_fields=["category_code"])
    answer_problem(visitor)

    pages = [visitor.get("/"), visitor.get("/file/check/"), visitor.post("/", {"words": "退款多久到账"}, headers=TYPED)]

    assert not any("/help/internal/" in text_of(page) or "退款多久到账 " in text_of(page) for page in pages)
    assert visitor.post("/", {"words": "退款多久到账"}).headers["Location"] == "/file/?from=search"


@pytest.mark.parametrize("count", [1, 3])
def test_the_first_page_asks_one_thing_for_any_number_of_articles(count, stranger, django_assert_max_num_queries):
    for number in range(count):
        make_article(f"n{number}")
    make_calendar()
    stranger.get("/")

    with django_assert_max_num_queries(1):
        stranger.get("/")
