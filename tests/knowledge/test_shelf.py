"""The list of articles: what state each is in, and what those who only read are told of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge import services
from knowledge.models import Article
from knowledge.shelf import STATES, in_state, states_of, with_figures
from tests.factories import make_user
from tests.knowledge.article_cast import go_to, make_draft, make_published, make_review, publish_next
from tests.knowledge.test_articles_admin import LIST, sign_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def states_told(article: Article, role: str = "manager") -> tuple[list[str], list[str]]:
    """The words of an article's state, and the filters that find it."""
    by = make_user(role)
    shown = with_figures(Article.objects.all(), by=by)
    found = [state for state, _words in STATES if in_state(shown, state, by=by).filter(pk=article.pk).exists()]
    return [str(word) for word in states_of(shown.get(pk=article.pk))], found


def make_ended(monkeypatch, **overrides) -> Article:
    tomorrow = timezone.now() + DAY
    article = make_published(kind="announcement", effective_until=tomorrow, **overrides)
    go_to(monkeypatch, tomorrow)
    services.bring_into_force()
    return article


def test_what_begins_later_is_announced():
    assert states_told(make_published(effective_from=timezone.now() + DAY)) == (["已预告"], ["announced"])


def test_an_announcement_that_ended_is_no_longer_announced(monkeypatch):
    assert states_told(make_ended(monkeypatch)) == (["已结束"], ["ended"])


def test_what_ended_and_begins_anew_is_announced(monkeypatch):
    article = publish_next(make_ended(monkeypatch), effective_from=timezone.now() + 3 * DAY)

    assert states_told(article) == (["已预告"], ["announced"])


def test_an_article_whose_only_draft_was_dropped_is_empty():
    article = make_draft()
    services.drop_draft(article, by=None, expected_revision=1)

    assert states_told(article) == (["空白"], ["empty"])


def test_what_is_in_force_and_drafted_tells_both():
    article = make_published()
    services.start_draft(article, by=None)

    assert states_told(article) == (["已发布", "草稿"], ["draft", "published"])


@pytest.mark.parametrize("role", ["warehouse", "finance"])
def test_who_only_reads_is_told_of_no_draft(role):
    article = make_published()
    services.start_draft(article, by=None)

    assert states_told(article, role) == (["已发布"], ["published"])


@pytest.fixture
def reader(client):
    return sign_in(client, "warehouse")


def test_who_only_reads_lists_the_titles_in_force(reader):
    article = make_published(title_zh="生效的题目")
    services.start_draft(article, by=None)
    services.edit_draft(article, by=None, expected_revision=1, title_zh="草稿的题目")

    page = reader.get(LIST).content.decode()

    assert "生效的题目" in page
    assert "草稿" not in page


def test_who_only_reads_finds_nothing_by_drafts_and_phrasings(reader):
    article = make_published(title_zh="生效的题目", phrasings=["顾客怎么问"])
    services.start_draft(article, by=None)
    services.edit_draft(article, by=None, expected_revision=1, title_zh="草稿的题目")

    def is_found_by(words: str) -> bool:
        return "生效的题目" in reader.get(LIST, {"q": words}).content.decode()

    found = {words: is_found_by(words) for words in ("生效的", article.code, "草稿的", "顾客怎么")}
    assert found == {"生效的": True, article.code: True, "草稿的": False, "顾客怎么": False}


@pytest.mark.parametrize("state", ["draft", "review", "mine_to_review", "announced", "empty"])
def test_who_only_reads_filters_by_no_draft(reader, state):
    article = make_published(title_zh="生效的题目")
    services.start_draft(article, by=None)
    make_review(title_zh="等审核")

    page = reader.get(LIST, {"state": state}).content.decode()

    assert f"?state={state}" not in reader.get(LIST).content.decode()
    assert "等审核" not in page


def test_the_history_tells_who_only_reads_of_no_draft(reader):
    article = publish_next(make_published(title_zh="生效的题目"), body_zh="第二版。")
    services.start_draft(article, by=None)
    services.edit_draft(article, by=None, expected_revision=1, title_zh="草稿的题目")
    services.submit_draft(article, by=None, expected_revision=None)

    page = reader.get(f"{LIST}{article.pk}/history/").content.decode()

    assert "草稿的题目" not in page
    told = [words for words in ("写作", "送审", "退回", "已发布", "生效") if f'<th scope="row">{words}</th>' in page]
    assert told == ["已发布", "生效"]


def test_the_history_tells_who_writes_of_drafts(client):
    agent = sign_in(client, "agent")
    article = make_draft()

    assert agent.get(f"{LIST}{article.pk}/history/").content.decode().count('<th scope="row">') == 2
