"""The articles beside a complaint: what is suggested, what is shown, and what an agent does with it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.models import ArticleUse, Complaint
from complaints.services import post_customer_message
from knowledge.models import Article, ArticleDay, Phrasing, SearchLog
from tests.factories import make_category, make_complaint, make_team
from tests.knowledge.builders import hidden_articles, make_article, make_next_version

pytestmark = pytest.mark.django_db
TITLES = {"title_zh": "收到破损商品怎么办", "title_en": "Damaged on arrival"}
BROKEN = TITLES | {"body_zh": "1. 拍照\n2. 申请退款", "body_en": "1. Photo\n2. Refund"}


@pytest.fixture
def complaint(agent):
    return make_complaint("open", assignee=agent, subject="商品破损", description="收到时杯子碎了")


@pytest.fixture
def article():
    return make_article("broken", **BROKEN)


def titles(response) -> list[str]:
    return [offer.article.code for offer in response.context["found"].offers]


def panel(desk, url, complaint, **query):
    return desk.get(url("articles", complaint.number), query, HTTP_HX_REQUEST="true")


def use(desk, url, complaint, article, act, **fields):
    return desk.post(url("article-use", complaint.number, article.pk, act), fields)


def test_the_words_of_the_customer_suggest_articles(desk, url, complaint, article):
    make_article("invoice", title_zh="怎么开发票", body_zh="在订单里申请")

    assert titles(panel(desk, url, complaint)) == ["broken"]


def test_the_last_message_counts_too(desk, url, complaint, article):
    make_article("invoice", title_zh="怎么开发票", body_zh="在订单里申请")
    post_customer_message(complaint, body="另外请问怎么开发票？")

    assert "invoice" in titles(panel(desk, url, complaint))


def test_where_words_find_none_those_of_the_category_are_there(desk, url, complaint):
    Complaint.objects.filter(pk=complaint.pk).update(subject="qwzx", description="")
    complaint.messages.update(body="qwzx")
    make_article("general", category_code=complaint.category.code)

    found = panel(desk, url, complaint)

    assert titles(found) == ["general"] and found.context["found"].is_weak


def test_a_search_shows_the_list_alone(desk, url, complaint, article):
    response = desk.get(url("articles", complaint.number), {"q": "破损"}, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="article-list")

    assert titles(response) == ["broken"]
    assert "<mark>" in response.content.decode() and "data-article-search" not in response.content.decode()


def test_without_scripts_it_is_a_page(desk, url, complaint, article):
    page = desk.get(url("articles", complaint.number), {"q": "破损"}).content.decode()

    assert "<h1>" in page and url("article", complaint.number, article.pk) in page


def test_the_workspace_loads_it_when_it_is_opened(desk, url, complaint):
    page = desk.get(url("complaint", complaint.number)).content.decode()

    assert f'hx-get="{url("articles", complaint.number)}" hx-trigger="toggle from:closest details once"' in page
    assert 'data-shortcut="b"' in page


def test_nothing_found_offers_to_say_so(desk, url, complaint):
    page = panel(desk, url, complaint, q="飞碟").content.decode()

    assert url("article-missing", complaint.number) in page and url("article-new", complaint.number) in page


def test_what_is_not_in_force_is_neither_listed_nor_shown(desk, url, complaint):
    gone = [each for name, each in hidden_articles().items() if each.audience == "public"]

    shown = titles(panel(desk, url, complaint, q="退款多久到账"))

    assert not set(shown) & {each.code for each in gone}
    assert {desk.get(url("article", complaint.number, each.pk)).status_code for each in gone} == {404}


def test_internal_articles_are_read_and_not_inserted(desk, url, complaint):
    inside = make_article("soothe", audience=Article.Audience.INTERNAL, **BROKEN)

    page = desk.get(url("article", complaint.number, inside.pk)).content.decode()

    assert titles(panel(desk, url, complaint)) == ["soothe"]
    assert "拍照" in page and "data-quote" not in page and "只有员工可以看" in page
    assert use(desk, url, complaint, inside, "link").status_code == 409
    assert not ArticleUse.objects.exists()


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "申请退款"), ("en", "2. Refund")])
def test_the_preview_is_what_this_customer_reads(language, words, desk, url, complaint, article):
    Complaint.objects.filter(pk=complaint.pk).update(language=language)

    page = desk.get(url("article", complaint.number, article.pk)).content.decode()

    assert words in page
    assert f"{'/en' if language == 'en' else ''}/help/broken/" in page


def test_a_language_that_is_missing_is_said(desk, url, complaint):
    only = make_article("only", **BROKEN | {"title_en": "", "body_en": ""})
    Complaint.objects.filter(pk=complaint.pk).update(language="en")

    page = desk.get(url("article", complaint.number, only.pk)).content.decode()

    assert "申请退款" in page and "不是用客户的语言写的" in page


def test_the_newest_version_in_force_is_shown(desk, url, complaint, article):
    make_next_version(article, **BROKEN | {"body_zh": "1. 直接退款\n2. 不用寄回"})

    page = desk.get(url("article", complaint.number, article.pk)).content.decode()

    assert "不用寄回" in page and "拍照" not in page


@pytest.mark.parametrize(("days", "is_old"), [(179, False), (181, True)])
def test_half_a_year_without_care_is_marked(days, is_old, desk, url, complaint):
    make_article("old", effective_from=timezone.now() - timedelta(days=days), **BROKEN)

    assert ("超过 180 天" in panel(desk, url, complaint).content.decode()) == is_old


@pytest.mark.parametrize(("act", "words"), [("steps", "1. 拍照\n2. 申请退款"), ("link", "/help/broken/")])
def test_without_scripts_inserting_adds_to_the_draft(act, words, desk, url, complaint, article):
    desk.post(url("draft", complaint.number), {"kind": "reply", "body": "您好"})

    response = use(desk, url, complaint, article, act)

    draft = complaint.reply_drafts.get().body
    assert response.status_code == 303 and response.headers["Location"].endswith("#composer")
    assert draft.startswith("您好\n收到破损商品怎么办\n") and words in draft
    assert ArticleDay.objects.get().inserts == 1


def test_what_the_page_inserted_is_only_counted(desk, url, complaint, article):
    assert use(desk, url, complaint, article, "steps", inserted="1").status_code == 204
    assert not complaint.reply_drafts.exists() and ArticleDay.objects.get().inserts == 1


def test_what_was_withdrawn_while_its_preview_was_open_is_refused(desk, url, complaint, article):
    page = desk.get(url("article", complaint.number, article.pk)).content.decode()
    Article.objects.filter(pk=article.pk).update(outdated_at=timezone.now())

    assert page.count('data-refused="未插入') == 2
    assert use(desk, url, complaint, article, "steps", inserted="1").status_code == 404
    assert not ArticleUse.objects.exists()


def test_this_solved_it_counts_once_and_teaches_the_customers_words(desk, url, agent, complaint, article):
    Complaint.objects.filter(pk=complaint.pk).update(subject="我的杯子碎了 13912345678")

    for _each in range(2):
        assert use(desk, url, complaint, article, "solved").status_code == 303

    assert ArticleDay.objects.get().solved == 1
    assert [(each.text, each.source, each.times, each.by) for each in Phrasing.objects.all()] == [("我的杯子碎了", "agent", 1, agent)]


def test_wrong_counts_and_teaches_nothing(desk, url, complaint, article):
    use(desk, url, complaint, article, "wrong")

    assert ArticleDay.objects.get().wrong == 1 and not Phrasing.objects.exists()


def test_an_unknown_act_is_not_found(desk, url, complaint, article):
    assert use(desk, url, complaint, article, "loved").status_code == 404


def test_a_missing_article_is_counted_without_the_person(desk, url, complaint):
    desk.post(url("article-missing", complaint.number), {"q": "李小满 13912345678 的发票"})
    desk.post(url("article-missing", complaint.number), {"q": ""})

    noted = set(SearchLog.objects.values_list("query", "place"))
    assert {place for _query, place in noted} == {"desk"}
    assert ("商品破损", "desk") in noted and not any("139" in query or "小满" in query for query, _place in noted)


def test_articles_of_a_foreign_complaint_are_not_found(desk, url, article):
    foreign = make_complaint(category=make_category("service.attitude", team=make_team("quality")))
    number = foreign.number

    answers = [
        desk.get(url("articles", number)),
        desk.get(url("article", number, article.pk)),
        desk.get(url("article-new", number)),
        desk.post(url("article-missing", number)),
        use(desk, url, foreign, article, "solved"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert not ArticleDay.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_panel_costs_the_same_for_any_number_of_articles(count, desk, url, complaint, django_assert_max_num_queries):
    for number in range(count):
        make_article(f"a{number}", **BROKEN)
    panel(desk, url, complaint)

    with django_assert_max_num_queries(PANEL_QUERIES):
        assert len(titles(panel(desk, url, complaint))) == count


PANEL_QUERIES = 14
