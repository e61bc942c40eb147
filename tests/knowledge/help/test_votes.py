"""Votes, readings, and what an article spared: once for each reader, without anything that finds them."""

import pytest
from django.db import connection

from knowledge.help.votes import reader_digest, vote
from knowledge.models import ArticleDay, ArticleVote
from tests.knowledge.builders import make_article

pytestmark = pytest.mark.django_db


def counted(article) -> tuple[int, int]:
    return ArticleDay.objects.filter(article=article).values_list("views", "deflections").first() or (0, 0)


def test_a_vote_without_scripts_comes_back_to_the_article_and_says_thanks(reader):
    article = make_article("one")

    answer = reader.post("/help/one/vote/", {"helpful": "yes"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/help/one/?voted=yes#helpful")
    assert "谢谢您的反馈" in reader.get("/help/one/?voted=yes").content.decode()
    assert list(ArticleVote.objects.values_list("version", "is_helpful", "language")) == [(article.live_id, True, "zh")]


def test_a_no_asks_what_was_missing_and_a_second_vote_replaces_the_first(reader):
    make_article("one")

    reader.post("/en/help/one/vote/", {"helpful": "no"})
    page = reader.get("/en/help/one/?voted=no").content.decode()
    answer = reader.post("/en/help/one/vote/", {"helpful": "no", "text": "How long with a bank card?"})

    assert '<textarea class="input input--area" name="text"' in page
    assert answer.headers["Location"] == "/en/help/one/?voted=told#helpful"
    assert list(ArticleVote.objects.values_list("is_helpful", "text", "language")) == [(False, "How long with a bank card?", "en")]

    reader.post("/en/help/one/vote/", {"helpful": "yes"})

    assert list(ArticleVote.objects.values_list("is_helpful", "text")) == [(True, "")]


def test_a_script_gets_the_fragment(reader):
    make_article("one")

    answer = reader.post("/help/one/vote/", {"helpful": "no"}, headers={"HX-Request": "true"})

    assert answer.content.decode().startswith("<section") or answer.content.decode().strip().startswith("<section")
    assert "HX-Request" in answer.headers["Vary"]


def test_another_reader_is_another_vote(reader, client):
    make_article("one")

    for each in (reader, client):
        each.post("/help/one/vote/", {"helpful": "yes"})

    assert ArticleVote.objects.count() == 2


@pytest.mark.parametrize("text", ["打我电话 138 0000 0001", "mail me: ann@example.com", "１３８００００１２３４ 回电"])
def test_free_text_keeps_no_contacts(text, reader):
    make_article("one")

    reader.post("/help/one/vote/", {"helpful": "no", "text": text})

    kept = ArticleVote.objects.get().text
    assert "0000" not in kept and "００００" not in kept and "ann@example.com" not in kept


def test_votes_of_one_reader_cannot_be_joined():
    first, second = make_article("one").live, make_article("two").live

    assert reader_digest(first, "r") != reader_digest(second, "r")
    assert reader_digest(first, "r") != "r"


def test_a_vote_that_is_none_changes_nothing(reader):
    make_article("one")

    assert reader.post("/help/one/vote/", {"helpful": "perhaps"}).status_code == 303
    assert not ArticleVote.objects.exists()


def test_a_flood_of_votes_ends_and_keeps_the_words(reader, monkeypatch):
    monkeypatch.setattr("knowledge.help.article.VOTES_PER_NETWORK", 1)
    make_article("one")
    reader.post("/help/one/vote/", {"helpful": "yes"})

    answer = reader.post("/help/one/vote/", {"helpful": "no", "text": "还缺银行卡"})

    assert answer.status_code == 429
    assert "还缺银行卡</textarea>" in answer.content.decode()
    assert ArticleVote.objects.get().is_helpful


def test_a_forged_cookie_is_a_new_reader(reader):
    make_article("one")
    reader.post("/help/one/vote/", {"helpful": "yes"})
    reader.cookies["bihuan_reader"] = "forged"

    reader.post("/help/one/vote/", {"helpful": "yes"})

    assert ArticleVote.objects.count() == 2


def test_opening_a_page_counts_nothing_and_the_script_counts_a_reading(reader):
    article = make_article("one")

    reader.get("/help/one/"), reader.get("/help/one/?panel")
    assert counted(article) == (0, 0)

    for _time in range(2):
        assert reader.post("/help/one/read/").status_code == 204
    assert counted(article) == (2, 0)


def test_readings_of_one_network_are_limited(reader, monkeypatch):
    monkeypatch.setattr("knowledge.help.article.READINGS_PER_NETWORK", 2)
    article = make_article("one")

    for _time in range(4):
        reader.post("/help/one/read/")

    assert counted(article) == (2, 0)


def test_solved_counts_once_for_a_reader(reader):
    article = make_article("one")

    answers = [reader.post("/help/one/solved/") for _time in range(2)]

    assert [each.headers["Location"] for each in answers] == ["/help/one/?voted=solved#helpful"] * 2
    assert counted(article) == (0, 1)
    assert "离开表单" in reader.get("/help/one/?voted=solved").content.decode()


def test_nobody_votes_or_counts_by_following_a_link(reader):
    make_article("one")

    assert [reader.get(f"/help/one/{act}/").status_code for act in ("vote", "read", "solved")] == [405] * 3


def test_nothing_of_a_reader_is_stored():
    vote(make_article("one").live, reader="word-of-the-browser", is_helpful=True, language="zh")

    with connection.cursor() as cursor:
        cursor.execute("SELECT knowledge_articlevote::text FROM knowledge_articlevote")
        assert "word-of-the-browser" not in cursor.fetchone()[0]
