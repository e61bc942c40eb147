"""The pages of the help centre: what stands on them, in both languages, and at what cost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge.models import Article
from tests.knowledge.article_cast import go_to
from tests.knowledge.builders import make_article, make_category, make_next_version

pytestmark = pytest.mark.django_db
Kind = Article.Kind


def text_of(response) -> str:
    return response.content.decode()


def test_home_shows_topics_with_their_counts_and_what_is_announced(reader):
    make_article("one"), make_article("two")
    make_article("rule", kind=Kind.RULE, category=make_category("rules", name_zh="规则"), title_zh="七天无理由规则")
    make_article("news", kind=Kind.ANNOUNCEMENT, category=make_category("news", name_zh="公告"), title_zh="春节发货安排")

    page = text_of(reader.get("/help/"))

    assert "2 篇文章" in page
    assert "春节发货安排" in page and "七天无理由规则" in page
    assert 'href="/help/topics/refunds/"' in page and 'href="/help/one/"' in page


def test_an_empty_help_centre_leads_into_the_form(reader):
    page = text_of(reader.get("/help/"))

    assert 'class="button button--primary" href="/file/"' in page


@pytest.mark.parametrize(("path", "words"), [("/help/one/", "退款多久到账 one"), ("/en/help/one/", "When a refund arrives one")])
def test_an_article_speaks_the_language_of_its_address(reader, path, words):
    make_article("one")

    page = text_of(reader.get(path))

    assert f"<h1>{words}</h1>" in page


def test_the_language_switch_keeps_the_article(reader):
    make_article("one")

    assert 'href="/en/help/one/" lang="en"' in text_of(reader.get("/help/one/"))
    assert 'href="/help/one/" lang="zh-Hans"' in text_of(reader.get("/en/help/one/"))


def test_an_article_without_english_shows_the_chinese_and_says_so(reader):
    make_article("one", title_en="", body_en="")

    page = text_of(reader.get("/en/help/one/"))

    assert '<h1 lang="zh-Hans">退款多久到账 one</h1>' in page
    assert "no English text yet" in page
    assert 'rel="canonical" href="http://127.0.0.1:8000/help/one/"' in page
    assert "hreflang=" not in page.split("<body")[0]


def test_a_page_names_its_canonical_address_and_the_other_language(reader):
    make_article("one")

    head = text_of(reader.get("/en/help/one/?voted=yes")).split("<body")[0]

    assert 'rel="canonical" href="http://127.0.0.1:8000/en/help/one/"' in head
    assert 'hreflang="zh-Hans" href="http://127.0.0.1:8000/help/one/"' in head


def test_markdown_is_drawn_and_markup_is_text(reader):
    make_article("one", body_zh="1. **第一步**\n2. <script>alert(1)</script>")

    page = text_of(reader.get("/help/one/"))

    assert "<strong>第一步</strong>" in page
    assert "<script>alert(1)" not in page


def test_a_description_cannot_end_its_element(reader):
    make_article("one", title_zh="</script><script>alert(1)</script>")

    page = text_of(reader.get("/help/one/"))

    assert "</script><script>alert" not in page
    assert '"name":"\\u003c/script\\u003e\\u003cscript\\u003ealert(1)' in page


def test_a_guide_is_described_as_a_question_and_a_rule_as_an_article(reader):
    make_article("one"), make_article("rule", kind=Kind.RULE)

    assert '"@type":"FAQPage"' in text_of(reader.get("/help/one/"))
    assert '"@type":"Article"' in text_of(reader.get("/help/rule/"))


def test_a_rule_shows_since_when_it_holds_its_past_and_what_comes(reader):
    past, ahead = timezone.now() - timedelta(days=30), timezone.now() + timedelta(days=8)
    rule = make_article("rule", kind=Kind.RULE, effective_from=past, body_zh="旧规则。")
    make_next_version(rule, body_zh="现行规则。")
    make_next_version(rule, effective_from=ahead, body_zh="新规则。")

    page = text_of(reader.get("/help/rule/"))

    assert "现行规则。" in page and "旧规则。" not in page and "新规则。" not in page
    assert 'href="/help/rule/v/1/"' in page and 'href="/help/rule/v/3/"' in page
    assert "旧规则。" in text_of(reader.get("/help/rule/v/1/"))
    assert "新规则。" in text_of(reader.get("/help/rule/v/3/"))
    assert reader.get("/help/rule/v/2/").headers["Location"] == "/help/rule/"


@pytest.mark.parametrize("days", [0, 9], ids=["before its day", "after its day"])
def test_a_version_that_was_corrected_before_it_began_is_nowhere(days, reader, monkeypatch):
    now = timezone.now()
    rule = make_article("rule", kind=Kind.RULE, effective_from=now - timedelta(days=30))
    make_next_version(rule, effective_from=now + timedelta(days=8), body_zh="有误的规则。")
    make_next_version(rule, effective_from=now, body_zh="更正的规则。")
    go_to(monkeypatch, now + timedelta(days=days, minutes=1))

    page = text_of(reader.get("/help/rule/"))

    assert "更正的规则。" in page
    assert 'href="/help/rule/v/1/"' in page and "/v/2/" not in page
    assert reader.get("/help/rule/v/2/").status_code == 404


def test_of_two_announced_versions_a_later_one_that_begins_sooner_remains(reader):
    now = timezone.now()
    rule = make_article("rule", kind=Kind.RULE, effective_from=now - timedelta(days=30))
    make_next_version(rule, effective_from=now + timedelta(days=8))
    make_next_version(rule, effective_from=now + timedelta(days=5))
    make_next_version(rule, effective_from=now + timedelta(days=9))

    assert [reader.get(f"/help/rule/v/{number}/").status_code for number in (2, 3, 4)] == [404, 200, 200]


def test_versions_of_a_guide_and_news_that_comes_are_not_shown(reader):
    ahead = timezone.now() + timedelta(days=8)
    guide, news = make_article("guide"), make_article("news", kind=Kind.ANNOUNCEMENT)
    make_next_version(guide)
    make_next_version(news, effective_from=ahead)

    assert reader.get("/help/guide/v/1/").status_code == 404
    assert reader.get("/help/news/v/2/").status_code == 404
    assert "/v/" not in text_of(reader.get("/help/guide/")) + text_of(reader.get("/help/news/"))


def test_a_long_topic_has_pages(reader, monkeypatch):
    monkeypatch.setattr("knowledge.help.pages.PAGE_SIZE", 2)
    for number in range(3):
        make_article(f"n{number}")

    first = text_of(reader.get("/help/topics/refunds/"))
    after = first.split('rel="next" href="')[1].split('"')[0]
    second = text_of(reader.get("/help/topics/refunds/" + after))

    assert "/help/n2/" in first and "/help/n0/" not in first
    assert "/help/n0/" in second
    assert reader.get("/help/topics/refunds/?after=nonsense").status_code == 303


def test_related_articles_come_before_those_of_the_same_topic(reader):
    one, near, named = make_article("one"), make_article("near"), make_article("named", category=make_category("other"))
    one.related.add(named)

    page = text_of(reader.get("/help/one/")).split('id="related"')[1]

    assert page.index("/help/named/") < page.index(f"/help/{near.code}/")


@pytest.mark.parametrize(
    "path", ["/help/", "/help/topics/refunds/", "/help/rules/", "/help/a1/", "/help/search/?q=退款", "/help/instant/?q=退款"]
)
def test_pages_cost_as_many_queries_for_many_articles_as_for_one(path, reader, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from knowledge.help.reading import forget_lately

    make_article("a1"), make_article("r1", kind=Kind.RULE), make_article("p1", kind=Kind.ANNOUNCEMENT)
    reader.get(path)
    forget_lately()
    with CaptureQueriesContext(
        connection,
    ) as few:
        reader.get(path)
    for number in (2, 3):
        make_article(f"a{number}"), make_article(f"r{number}", kind=Kind.RULE), make_article(f"p{number}", kind=Kind.ANNOUNCEMENT)
    forget_lately()

    with django_assert_num_queries(len(few)):
        reader.get(path)
