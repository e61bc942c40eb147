"""Articles themselves, their phrasings, and who sees what of them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from foundation.events import sequence_feed
from foundation.exceptions import NotAllowedError, RefusedError, VersionConflictError
from knowledge import access, services
from knowledge.models import Article, ArticleEvent, ArticleFeed, Phrasing
from tests.factories import make_user
from tests.knowledge.article_cast import go_to, make_category, make_draft, make_published, make_review, publish_next

pytestmark = pytest.mark.django_db


def test_an_address_comes_from_the_english_title_and_is_taken_once():
    first, second = make_draft(), make_draft()

    assert first.code == "when-a-refund-arrives"
    assert second.code.startswith("when-a-refund-arrives-")
    assert make_draft(title_en="").code.startswith("article-")


@pytest.mark.parametrize("code", ["Grossbuchstaben", "mit leer", "x" * 61, "退款", "search", "taken"])
def test_an_address_that_cannot_be_one_is_refused(code):
    make_draft(code="taken")

    with pytest.raises(RefusedError):
        make_draft(code=code)


def test_phrasings_come_along_once_each():
    article = make_draft(phrasings=["钱什么时候到", " 钱什么时候到 ", "", "?"])

    assert list(article.phrasings.values_list("text", flat=True)) == ["钱什么时候到"]


def test_related_articles_are_set_and_never_itself():
    first, second = make_draft(), make_draft()

    services.set_article(first, by=None, related=[first, second])

    assert list(first.related.all()) == [second]
    assert list(second.related.all()) == [first]


def test_a_setting_nobody_saw_is_not_overwritten():
    article = make_draft()
    services.set_article(article, by=None, category_code="refund")

    with pytest.raises(VersionConflictError):
        services.set_article(article, by=None, expected=article.head_seq, category_code="logistics")


def test_the_same_setting_again_is_no_news():
    article = make_draft()

    services.set_article(article, by=None, category_code="")

    assert article.events.count() == 1


def test_what_was_published_for_the_staff_never_becomes_public():
    article = make_published(audience="internal")

    with pytest.raises(RefusedError) as refused:
        services.set_article(article, by=None, audience="public")
    assert refused.value.reasons[0].code == "was_internal"


def test_an_internal_draft_may_become_public():
    article = services.set_article(make_draft(audience="internal"), by=None, audience="public")

    assert article.audience == "public"


def hidden_articles() -> dict[str, Article]:
    later = timezone.now() + timedelta(days=1)
    withdrawn = services.mark_outdated(make_published(), by=None, reason="旧了")
    with pytest.MonkeyPatch.context() as earlier:
        go_to(earlier, timezone.now() - timedelta(days=2))
        ended = make_published(kind="announcement", effective_until=timezone.now() + timedelta(days=1))
    return {
        "draft": make_draft(),
        "review": make_review(),
        "internal": make_published(audience="internal"),
        "future": make_published(effective_from=later),
        "outdated": withdrawn,
        "ended": ended,
        "closed": services.set_article(make_published(), by=None, audience="internal"),
    }


@pytest.mark.parametrize("role", ["", "admin", "integration"])
def test_only_what_is_public_and_in_force_is_seen_from_outside(role):
    shown = make_published()
    hidden_articles()
    asking = make_user(role)

    assert list(access.public_articles()) == [shown]
    assert list(access.articles_visible_to(asking)) == [shown]
    assert list(access.usable_articles(None)) == [shown]
    assert list(access.public_versions()) == [shown.live]
    assert list(access.versions_visible_to(asking)) == [shown.live]
    assert not access.public_files().exists()


def test_staff_that_only_reads_sees_what_was_published():
    hidden = hidden_articles()
    warehouse = make_user("warehouse")

    seen = set(access.articles_visible_to(warehouse))
    assert seen == {hidden[name] for name in ("internal", "outdated", "ended", "closed")}
    assert {version.status for version in access.versions_visible_to(warehouse)} == {"published"}
    assert {version.article for version in access.versions_visible_to(warehouse)} == seen
    assert set(access.usable_articles(warehouse)) == {hidden["internal"], hidden["closed"]}


def test_who_writes_sees_every_article():
    hidden = hidden_articles()

    assert set(access.articles_visible_to(make_user("agent"))) == set(hidden.values())


@pytest.mark.parametrize(("kind", "told"), [("rule", [1, 2]), ("announcement", [1]), ("guide", [1])])
def test_only_rules_tell_what_they_will_say(kind, told):
    article = publish_next(make_published(kind=kind), effective_from=timezone.now() + timedelta(days=1))

    assert [version.number for version in access.public_versions().filter(article=article).order_by("number")] == told


def test_a_version_that_was_replaced_before_it_began_is_not_public():
    ahead = timezone.now() + timedelta(days=1)
    article = publish_next(publish_next(make_published(kind="rule"), effective_from=ahead), body_zh="更正。")

    assert [version.number for version in access.public_versions().filter(article=article).order_by("number")] == [1, 3]


def test_an_inactive_account_sees_what_everybody_sees():
    make_draft()
    gone = make_user("manager", is_active=False)

    assert not access.articles_visible_to(gone).exists()


def test_agents_teach_an_article_and_the_same_words_count():
    article, agent = make_published(), make_user("agent")

    for text in ("钱还没到", "钱还没到", "  ", "退款在哪"):
        services.learn_phrasing(article, text=text, by=agent)

    learnt = article.phrasings.order_by("id").values_list("text", "times", "source", "by")
    assert list(learnt) == [("钱还没到", 2, "agent", agent.pk), ("退款在哪", 1, "agent", agent.pk)]


def test_who_reads_no_articles_teaches_none():
    with pytest.raises(NotAllowedError):
        services.learn_phrasing(make_published(), text="钱还没到", by=make_user("admin"))


def test_an_article_keeps_at_most_fifty_phrasings():
    article = make_draft(phrasings=[f"问题 {number}" for number in range(services.MOST_PHRASINGS)])

    assert services.learn_phrasing(article, text="多一个", by=make_user("agent")) is None
    assert services.learn_phrasing(article, text="问题 7", by=make_user("agent")).times == 2
    with pytest.raises(RefusedError):
        services.add_phrasing(article, text="多一个", by=None)


def test_an_article_begins_with_at_most_fifty_phrasings():
    lines = [f"第 {n} 问" for n in range(services.MOST_PHRASINGS + 1)]

    with pytest.raises(RefusedError):
        make_draft(phrasings=lines)
    assert make_draft(phrasings=[*lines[1:], lines[1]]).phrasings.count() == services.MOST_PHRASINGS


def test_a_long_phrasing_is_cut_to_its_column():
    phrasing = services.add_phrasing(make_draft(), text="长" * 500, by=None)

    assert len(phrasing.text) == 200


def test_a_phrasing_is_removed_by_those_who_write():
    phrasing = services.add_phrasing(make_draft(), text="钱还没到", by=None)

    with pytest.raises(NotAllowedError):
        services.remove_phrasing(phrasing, by=make_user("finance"))
    services.remove_phrasing(phrasing, by=make_user("agent"))
    assert not Phrasing.objects.exists()


def test_events_get_their_place_in_the_feed():
    article = make_published()

    sequence_feed(ArticleEvent, ArticleFeed)

    kinds = ArticleFeed.objects.order_by("pos").values_list("subject_id", "kind")
    assert list(kinds) == [(article.pk, f"article.{kind}") for kind in ("written", "submitted", "published", "in_force")]


def test_shipped_articles_are_complete_and_loaded_once():
    count = services.load_default_articles()
    kept = Article.objects.get(code="seven-day-return") if count else None

    assert count >= 26
    assert kept.live.published_by is None
    assert services.load_default_articles() == 0
    assert access.public_articles().count() == count - 2
    assert not Article.objects.filter(phrasings=None).exists()


def test_a_category_that_the_house_renamed_stays_renamed():
    services.load_default_articles()
    category = make_category("refunds")
    category.name_zh = "钱"
    category.save()

    services.load_default_articles()

    category.refresh_from_db()
    assert category.name_zh == "钱"
