"""What the public must not know of: no page, list, count, search, vote, file or sitemap tells it from what was never there."""

import re

import pytest
from django.db import connection

from knowledge.help.reading import forget_lately
from knowledge.help.sitemap import PART
from knowledge.models import Article, ArticleDay, ArticleVote
from tests.knowledge.builders import hidden_articles, make_article, make_category

pytestmark = pytest.mark.django_db
HIDDEN = ("internal", "draft", "review", "outdated", "future", "ended")
BELOW = ("", "?panel", "?voted=no", "v/1/", "v/2/", "files/1/", "files/1/?size=thumb")
ACTS = ("vote/", "read/", "solved/")
LISTS = (
    "/help/", "/help/topics/refunds/", "/help/rules/", "/help/announcements/", "/help/search/?q=退款到账", "/help/instant/?q=退款到账",
    "/en/help/", "/en/help/search/?q=refund+arrives", "/sitemap.xml", "/sitemap-0.xml", "/help/shown/",
)  # fmt: skip


def plain(response, code: str) -> str:
    """A page without what differs at every request, and without the address that was asked for."""
    text = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]*', r"\1", response.content.decode())
    return re.sub(r'(name="live" content=")[^"]*', r"\1", text).replace(code, "CODE")


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("below", BELOW)
@pytest.mark.parametrize("code", HIDDEN)
def test_what_is_hidden_looks_like_what_is_not_there(code, below, prefix, reader):
    hidden_articles()

    hidden, unknown = (reader.get(f"{prefix}/help/{each}/{below}") for each in (code, "never-written"))

    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert plain(hidden, code) == plain(unknown, "never-written")


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("code", HIDDEN)
def test_nothing_is_counted_of_what_is_hidden(code, act, reader):
    hidden_articles()

    hidden, unknown = (reader.post(f"/help/{each}/{act}", {"helpful": "yes"}) for each in (code, "never-written"))

    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert plain(hidden, code) == plain(unknown, "never-written")
    assert hidden.cookies.keys() == unknown.cookies.keys()
    assert not ArticleVote.objects.exists() and not ArticleDay.objects.exists()


@pytest.mark.parametrize("path", LISTS)
def test_no_list_changes_by_what_is_hidden(path, reader):
    make_article("shown")
    before = plain(reader.get(path), "-")
    others = hidden_articles()
    Article.objects.get(code="shown").related.set(others.values())
    forget_lately()

    assert plain(reader.get(path), "-") == before


def test_a_topic_of_hidden_articles_is_not_there(reader):
    make_article("secret", audience=Article.Audience.INTERNAL, category=make_category("staff"))

    assert reader.get("/help/topics/staff/").status_code == 404
    assert "/topics/staff/" not in reader.get("/help/").content.decode()


def test_suggestions_know_nothing_hidden(reader):
    for article in hidden_articles().values():
        Article.objects.filter(pk=article.pk).update(category_code="refund.amount")

    answer = reader.post("/help/suggest/", {"category": "refund.amount", "description": "退款多久到账"})

    assert answer.content.decode().strip() == ""


def test_a_later_draft_is_not_shown(reader):
    article = make_article("shown", kind=Article.Kind.RULE, body_zh="现行规则。")
    article.versions.create(number=2, status="draft", title_zh="草稿标题", title_en="Draft", body_zh="草稿。", body_en="Draft.")

    assert "草稿标题" not in reader.get("/help/shown/").content.decode()
    assert reader.get("/help/shown/v/2/").status_code == 404


def test_a_search_that_still_knows_an_article_shows_it_no_more(reader):
    """The index may be late; what is not in force is filtered after it."""
    article = make_article("shown")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE knowledge_article SET outdated_at = now() WHERE id = %s", [article.pk])

    assert "/help/shown/" not in reader.get("/help/search/?q=退款多久到账").content.decode()


def test_the_sitemap_lists_both_languages_of_public_articles_only(reader):
    shown, _other = make_article("shown"), make_article("only-chinese", title_en="", body_en="")
    hidden_articles()

    index, part = (reader.get(path).content.decode() for path in ("/sitemap.xml", f"/sitemap-{shown.pk // PART}.xml"))
    listed = [path for path in re.findall(r"<loc>http://[^/]*(/[^<]*)</loc>", part) if not path.endswith("/help/")]

    assert f"/sitemap-{shown.pk // PART}.xml</loc>" in index
    assert listed == ["/help/shown/", "/en/help/shown/", "/help/only-chinese/"]
    assert not [code for code in HIDDEN if f"/help/{code}/" in part]


def test_parts_of_the_sitemap_end(reader):
    assert reader.get("/sitemap-9.xml").status_code == 404


def test_robots_are_told_where_not_to_look(reader):
    text = reader.get("/robots.txt").content.decode()

    assert "Disallow: /admin/\n" in text and "Disallow: /en/c/\n" in text
    assert text.endswith("Sitemap: http://127.0.0.1:8000/sitemap.xml\n")
