"""The form of an article: what counts as changed, what somebody else did meanwhile, and what may not be changed any more."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from foundation.exceptions import NotAllowedError, RefusedError
from foundation.files import StoredFile
from knowledge import services
from tests.factories import make_user
from tests.knowledge.article_cast import go_to, make_category, make_draft, make_published, make_review, publish_next
from tests.knowledge.test_articles_admin import filled, page_of, sign_in

STORED = StoredFile(id="0" * 32, name="a.png", content_type="image/png", size=1, sha256="0" * 64)
pytestmark = pytest.mark.django_db
LINES = {"body_zh": "第一行\n第二行\n", "body_en": "one\n\ntwo"}


def as_browsers_send(typed: dict) -> dict:
    """Lines of a text area end in CR LF on their way."""
    return {name: value.replace("\n", "\r\n") if isinstance(value, str) else value for name, value in typed.items()}


def asked_of(article) -> set[str]:
    return set(article.phrasings.values_list("text", flat=True))


def test_lines_as_browsers_send_them_are_no_change(client):
    article = make_published(phrasings=["钱一", "钱二"], **LINES)
    sign_in(client, "agent")

    client.post(page_of(article), as_browsers_send(filled(article)))

    assert services.draft_of(article) is None


def test_a_phrasing_is_added_to_a_live_article_without_a_next_version(client):
    article = make_published(phrasings=["钱一", "钱二"], **LINES)
    sign_in(client, "agent")

    client.post(page_of(article), as_browsers_send(filled(article, phrasings="钱一\n钱二\n钱三")))

    assert (asked_of(article), services.draft_of(article)) == ({"钱一", "钱二", "钱三"}, None)


@pytest.mark.parametrize(("typed", "told"), [({"phrasings": "钱三"}, "已保存。"), ({"body_zh": "新的说法"}, "已存为草稿。")])
def test_what_was_saved_is_told_as_it_is(typed, told, client):
    article = make_published(**LINES)
    sign_in(client, "agent")

    answer = client.post(page_of(article), as_browsers_send(filled(article, **typed)))

    assert told in client.get(answer["Location"]).content.decode()


def test_an_article_is_marked_as_outdated_without_a_next_version(client):
    article = make_published(**LINES)
    sign_in(client, "manager")

    client.post(page_of(article), as_browsers_send(filled(article, _outdate="1", note="旧了")))

    article.refresh_from_db()
    assert (bool(article.outdated_at), services.draft_of(article)) == (True, None)


def test_words_that_nobody_typed_are_no_conflict(client):
    article = make_draft(**LINES)
    sign_in(client, "lead")
    typed = as_browsers_send(filled(article, phrasings="钱呢"))
    services.edit_draft(article, by=None, expected_revision=1, body_zh="x")
    services.edit_draft(article, by=None, expected_revision=2, body_zh=LINES["body_zh"])

    client.post(page_of(article), typed)

    assert asked_of(article) == {"钱呢"}


def test_lines_are_kept_with_plain_ends(client):
    article = make_draft()
    sign_in(client, "lead")

    client.post(page_of(article), as_browsers_send(filled(article, **LINES)))

    assert services.draft_of(article).body_zh == LINES["body_zh"]


def test_the_page_remembers_the_phrasings_that_it_showed(client):
    article = make_draft(phrasings=["钱一", "钱二"])
    sign_in(client, "agent")

    page = client.get(page_of(article)).content.decode()

    (kept,) = re.findall(r'<input type="hidden" name="initial-phrasings" value="([^"]*)"', page)
    assert kept.splitlines() == ["钱一", "钱二"]


def test_what_agents_taught_meanwhile_stays(client):
    article = make_published(phrasings=["钱一", "钱二"])
    agent = sign_in(client, "agent")
    typed = filled(article, phrasings="钱二\n钱三")
    services.learn_phrasing(article, text="顾客的话", by=agent.user)

    client.post(page_of(article), as_browsers_send(typed))

    assert asked_of(article) == {"钱二", "钱三", "顾客的话"}


def test_phrasings_that_nobody_touched_do_not_count_again(client):
    article = make_published(phrasings=["钱一"])
    agent = sign_in(client, "agent")
    typed = filled(article)
    services.learn_phrasing(article, text="顾客的话", by=agent.user)

    client.post(page_of(article), typed)

    assert set(article.phrasings.values_list("text", "times")) == {("钱一", 1), ("顾客的话", 1)}


def test_who_is_late_with_a_setting_sees_what_stands_there(client):
    article = make_published(category_code="refund")
    sign_in(client, "lead")
    typed = filled(article, audience="internal")
    services.set_article(article, by=None, kind="rule", category=make_category("rules", name_zh="规则页"), category_code="rules.x")

    page = client.post(page_of(article), typed).content.decode()

    (theirs,) = re.findall(r'<section class="panel".*?</section>', page, re.DOTALL)
    assert re.findall(r"<pre[^>]*>(.*?)</pre>", theirs) == ["规则", "所有人", "规则页", "rules.x"]


def test_who_saves_after_the_draft_was_published_sees_what_was_published(client):
    article = make_review(by=None, body_zh="已发布的字。")
    sign_in(client, "lead")
    services.send_back(article, by=None, expected_revision=None)
    typed = filled(article, body_zh="我打的字。")
    services.submit_draft(article, by=None, expected_revision=None)
    services.publish(article, by=None, expected_revision=None)

    page = client.post(page_of(article), typed).content.decode()
    assert '<pre class="theirs">已发布的字。</pre>' in page
    assert services.draft_of(article) is None

    client.post(page_of(article), typed | seen_on(page))
    assert services.draft_of(article).body_zh == "我打的字。"


def test_who_did_not_see_the_version_in_force_is_told(client):
    article = make_published()
    sign_in(client, "agent")
    typed = filled(article, title_zh="我的题目")
    publish_next(article, body_zh="别人的正文。")

    page = client.post(page_of(article), typed).content.decode()
    assert "别人的正文。" in page
    assert services.draft_of(article) is None

    client.post(page_of(article), typed | seen_on(page))
    assert services.draft_of(article).title_zh == "我的题目"


def test_before_its_first_day_an_article_is_not_changed_by_who_only_writes():
    article = make_published(effective_from=timezone.now() + timedelta(days=1))

    with pytest.raises(NotAllowedError):
        services.add_file(article, stored=STORED, by=make_user("agent"))


def test_after_its_end_an_announcement_is_not_changed_by_who_only_writes(monkeypatch):
    tomorrow = timezone.now() + timedelta(days=1)
    article = make_published(kind="announcement", effective_until=tomorrow)
    go_to(monkeypatch, tomorrow)
    services.bring_into_force()

    with pytest.raises(NotAllowedError):
        services.set_article(article, by=make_user("agent"), kind="rule")


def test_what_is_in_review_gets_no_file_from_who_only_writes():
    agent = make_user("agent")
    article = make_review(by=agent)

    with pytest.raises(RefusedError):
        services.add_file(article, stored=STORED, by=agent)

    assert not article.files.exists()


def test_what_is_in_review_gets_a_file_from_who_publishes():
    article = make_review()

    services.add_file(article, stored=STORED, by=make_user("lead"))

    assert article.files.exists()


def seen_on(page: str) -> dict:
    """What a page says that its reader has seen of the article."""
    fields = re.findall(r'<input type="hidden" name="(expected\w*)"(?: value="(\d*)")?', page)
    return dict(fields)
