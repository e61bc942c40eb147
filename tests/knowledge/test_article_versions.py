"""The way of a wording: who may do what in which state, four eyes, when it is in force, and that it stays."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.events import find_break
from foundation.exceptions import NotAllowedError, RefusedError, VersionConflictError
from knowledge import services
from knowledge.models import Article, ArticleEvent, ArticleVersion
from knowledge.search.finding import find
from knowledge.services.article_versions import due_articles
from tests.complaints.test_concurrency import at_once
from tests.factories import make_user
from tests.knowledge.article_cast import go_to, make_draft, make_published, make_review, publish_next

DAY = timedelta(days=1)
STATES = ("live", "own_draft", "draft", "own_review", "review", "outdated")
ROLES = ("agent", "lead", "manager", "warehouse", "finance", "admin")
FORBIDDEN, REFUSED = NotAllowedError, RefusedError
VERBS = {
    "start": lambda article, by: services.start_draft(article, by=by),
    "edit": lambda article, by: services.edit_draft(article, by=by, expected_revision=None, body_zh="新的说法。"),
    "submit": lambda article, by: services.submit_draft(article, by=by, expected_revision=None),
    "send_back": lambda article, by: services.send_back(article, by=by, expected_revision=None, note="请补上金额。"),
    "publish": lambda article, by: services.publish(article, by=by, expected_revision=None),
    "drop": lambda article, by: services.drop_draft(article, by=by, expected_revision=None),
    "outdate": lambda article, by: services.mark_outdated(article, by=by, reason="规则变了"),
    "revive": lambda article, by: services.revive(article, by=by),
    "set": lambda article, by: services.set_article(article, by=by, category_code="refund"),
}
WRITERS, DECIDERS = {"agent", "lead", "manager"}, {"lead", "manager"}


def expected(state: str, verb: str, role: str):
    """The same rules, told as a table: None is "done"."""
    if verb == "start":
        return None if role in WRITERS else FORBIDDEN
    if verb in ("edit", "submit", "drop", "send_back"):
        if state in ("live", "outdated"):
            return REFUSED  # there is no draft, whoever asks
        if role not in (WRITERS if state.startswith("own") else DECIDERS):
            return FORBIDDEN
        return None if ("review" in state) == (verb == "send_back") else REFUSED
    if verb == "publish":
        if state in ("live", "outdated"):
            return REFUSED
        if role not in DECIDERS or state.startswith("own"):
            return FORBIDDEN
        return None if state == "review" else REFUSED
    if verb == "set":
        if state.endswith("review") and role in WRITERS - DECIDERS:
            return REFUSED
        return None if role in (DECIDERS if state in ("live", "outdated") else WRITERS) else FORBIDDEN
    if role not in DECIDERS:
        return FORBIDDEN
    return None if (state, verb) in (("live", "outdate"), ("outdated", "revive")) else REFUSED


def put_into(state: str, by) -> Article:
    if state in ("live", "outdated"):
        article = make_published()
        return services.mark_outdated(article, by=None, reason="旧了") if state == "outdated" else article
    article = make_draft()
    if state.startswith("own"):
        article.versions.update(written_by=by)
    if "review" in state:
        services.submit_draft(article, by=None, expected_revision=None)
    return Article.objects.get(pk=article.pk)


def outcome_of(verb: str, article: Article, by) -> type[Exception] | None:
    try:
        with transaction.atomic():
            VERBS[verb](article, by)
    except (NotAllowedError, RefusedError) as error:
        return type(error)
    return None


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "role"), list(product(STATES, ROLES)))
def test_who_may_do_what_in_which_state(state, role):
    by = make_user(role)
    found = {}
    for verb in VERBS:
        article = put_into(state, by)
        before = (article.head_seq, list(article.versions.values_list("status", "revision")))
        found[verb] = outcome_of(verb, article, by)
        article.refresh_from_db()
        is_same = (article.head_seq, list(article.versions.values_list("status", "revision"))) == before
        is_begun_already = verb == "start" and ("draft" in state or "review" in state)
        assert is_same == (found[verb] is not None or is_begun_already), verb

    assert found == {verb: expected(state, verb, role) for verb in VERBS}


@pytest.mark.django_db
def test_a_published_version_is_in_force_and_what_readers_see():
    article = make_published()

    assert (article.live.number, article.live.status, article.outdated_at) == (1, "published", None)


@pytest.mark.django_db
def test_every_verb_leaves_its_event_in_an_unbroken_chain():
    article = make_published()
    services.mark_outdated(article, by=None, reason="旧了")
    article = services.revive(article, by=None)

    events = list(article.events.order_by("seq"))
    kinds = [event.kind.removeprefix("article.") for event in events]
    assert kinds == ["written", "submitted", "published", "in_force", "outdated", "revived"]
    assert find_break(events, head_seq=article.head_seq, head_hash=article.head_hash) is None
    assert events[4].payload == {"reason": "旧了"}


@pytest.mark.django_db
def test_the_last_writer_cannot_publish_even_after_somebody_else_began():
    beginner, lead = make_user("agent"), make_user("lead")
    article = make_draft(by=beginner)
    services.edit_draft(article, by=lead, expected_revision=1, body_zh="主管改过。")
    services.submit_draft(article, by=lead, expected_revision=2)

    with pytest.raises(NotAllowedError) as refused:
        services.publish(article, by=lead, expected_revision=3)
    assert [reason.code for reason in refused.value.reasons] == ["own_words"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["title_zh", "title_en", "body_zh", "body_en"])
def test_public_articles_need_both_languages(name):
    article = make_draft(**{name: " "})

    with pytest.raises(RefusedError):
        services.submit_draft(article, by=None, expected_revision=None)


@pytest.mark.django_db
def test_internal_articles_need_one_language_whole():
    half = make_draft(audience="internal", title_en="", body_en="", title_zh="安抚", body_zh="")
    whole = make_draft(audience="internal", title_en="", body_en="")

    with pytest.raises(RefusedError):
        services.submit_draft(half, by=None, expected_revision=None)
    assert services.submit_draft(whole, by=None, expected_revision=None).status == "review"


@pytest.mark.django_db
def test_a_version_that_says_the_same_is_not_sent_for_review():
    article = make_published()
    services.start_draft(article, by=None)

    with pytest.raises(RefusedError) as refused:
        services.submit_draft(article, by=None, expected_revision=None)
    assert refused.value.reasons[0].code == "nothing_new"


@pytest.mark.django_db
@pytest.mark.parametrize("verb", [services.edit_draft, services.submit_draft, services.drop_draft])
def test_nobody_acts_on_a_revision_that_they_have_not_seen(verb):
    article = make_draft()
    services.edit_draft(article, by=None, expected_revision=1, body_zh="别人刚改过。")

    with pytest.raises(VersionConflictError):
        verb(article, by=None, expected_revision=1)
    assert article.versions.get().body_zh == "别人刚改过。"


@pytest.mark.django_db
def test_a_publisher_publishes_only_what_was_read():
    article = make_review()

    with pytest.raises(VersionConflictError):
        services.publish(article, by=make_user("lead"), expected_revision=1)


@pytest.mark.django_db
def test_a_version_ahead_waits_for_its_day(monkeypatch):
    article = publish_next(make_published(), effective_from=timezone.now() + DAY, body_zh="明天起。")
    assert (article.live.number, services.bring_into_force()) == (1, 0)

    go_to(monkeypatch, timezone.now() + DAY * 2)
    assert services.bring_into_force() == 1
    article.refresh_from_db()
    assert article.live.number == 2
    assert services.bring_into_force() == 0


@pytest.mark.django_db
def test_an_announced_version_that_was_overtaken_never_comes_back(monkeypatch):
    article = publish_next(make_published(), effective_from=timezone.now() + DAY, body_zh="明天起。")
    article = publish_next(article, body_zh="改了主意。")

    go_to(monkeypatch, timezone.now() + DAY * 2)
    assert services.bring_into_force() == 0
    article.refresh_from_db()
    assert article.live.number == 3


@pytest.mark.django_db
def test_an_announcement_ends_by_itself(monkeypatch):
    article = make_published(kind="announcement", effective_until=timezone.now() + DAY)

    go_to(monkeypatch, timezone.now() + DAY * 2)
    assert services.bring_into_force() == 1
    article.refresh_from_db()
    assert (article.live, article.events.order_by("-seq").first().kind) == (None, "article.ended")
    assert services.bring_into_force() == 0


@pytest.mark.django_db
def test_only_announcements_end_and_not_before_they_begin():
    later = timezone.now() + DAY
    with pytest.raises(RefusedError):
        make_published(effective_until=later)
    with pytest.raises(RefusedError):
        make_published(kind="announcement", effective_from=later, effective_until=later)


@pytest.mark.django_db
def test_nothing_is_announced_for_more_than_a_year():
    with pytest.raises(RefusedError):
        make_published(effective_from=timezone.now() + 400 * DAY)


@pytest.mark.django_db
def test_new_words_make_an_outdated_article_hold_again():
    article = services.mark_outdated(make_published(), by=None, reason="旧了")

    assert publish_next(article).outdated_at is None


@pytest.mark.django_db
def test_what_was_withdrawn_after_it_was_announced_stays_away(monkeypatch):
    article = publish_next(make_published(), effective_from=timezone.now() + DAY)
    services.mark_outdated(article, by=None, reason="取消了")

    go_to(monkeypatch, timezone.now() + DAY * 2)
    services.bring_into_force()
    article.refresh_from_db()
    assert (article.live.number, article.outdated_at is not None) == (2, True)


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"body_zh": "改"}, {"title_en": "x"}, {"status": "draft"}, {"number": 9}])
def test_the_database_keeps_published_wordings(change):
    version = make_published().live

    with pytest.raises(IntegrityError), transaction.atomic():
        ArticleVersion.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        ArticleVersion.objects.filter(pk=version.pk).delete()


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_publish_once():
    article = make_review()
    first, second = make_user("lead"), make_user("manager")

    outcomes = at_once(*[lambda by=by: services.publish(article, by=by, expected_revision=None) for by in (first, second)])

    assert sorted(type(each).__name__ for each in outcomes) == ["ArticleVersion", "RefusedError"]
    assert ArticleEvent.objects.filter(article=article, kind="article.published").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_at_once_share_one_draft():
    article = make_published()
    writers = [make_user("agent"), make_user("agent")]

    outcomes = at_once(*[lambda by=by: services.start_draft(article, by=by) for by in writers])

    assert {each.pk for each in outcomes} == {article.versions.get(number=2).pk}


@pytest.mark.django_db(transaction=True)
def test_a_version_that_came_due_enters_once_however_many_sweep():
    with pytest.MonkeyPatch.context() as earlier:
        go_to(earlier, timezone.now() - 2 * DAY)
        article = publish_next(make_published(), effective_from=timezone.now() + DAY, body_zh="昨天起。")

    outcomes = at_once(services.bring_into_force, services.bring_into_force)

    assert sum(outcomes) == 1
    assert article.events.filter(kind="article.in_force").count() == 2
    assert find("昨天起", language="zh").hits[0].subject_id == article.pk


def make_announcement_that_changed(*, until) -> Article:
    """Version 1 without an end, version 2 with one."""
    article = make_published(kind="announcement")
    services.start_draft(article, by=None)
    services.edit_draft(article, by=None, expected_revision=None, body_zh="改为有期限。")
    services.submit_draft(article, by=None, expected_revision=None)
    begin = timezone.now() + DAY
    services.publish(article, by=None, expected_revision=None, effective_from=begin, effective_until=until)
    return article


@pytest.mark.django_db
def test_an_ended_announcement_is_not_due_again_for_an_earlier_version(monkeypatch):
    article = make_announcement_that_changed(until=timezone.now() + 2 * DAY)
    go_to(monkeypatch, timezone.now() + DAY)
    services.bring_into_force()

    go_to(monkeypatch, timezone.now() + DAY)
    assert services.bring_into_force() == 1
    article.refresh_from_db()
    assert (article.live, list(due_articles(timezone.now()))) == (None, [])


@pytest.mark.django_db
def test_a_version_that_began_and_ended_unseen_takes_the_earlier_one_away(monkeypatch):
    article = make_announcement_that_changed(until=timezone.now() + 2 * DAY)

    go_to(monkeypatch, timezone.now() + 3 * DAY)
    assert services.bring_into_force() == 1
    article.refresh_from_db()
    assert (article.live, list(due_articles(timezone.now()))) == (None, [])


@pytest.mark.django_db
def test_a_first_version_ahead_comes_into_force(monkeypatch):
    article = make_published(effective_from=timezone.now() + DAY)

    go_to(monkeypatch, timezone.now() + 2 * DAY)
    assert services.bring_into_force() == 1
    article.refresh_from_db()
    assert article.live.number == 1


@pytest.mark.django_db
def test_a_version_that_came_due_enters_after_the_end_of_an_earlier_one(monkeypatch):
    article = make_published(kind="announcement", effective_until=timezone.now() + DAY)
    article = publish_next(article, effective_from=timezone.now() + 3 * DAY, body_zh="又来了。")
    go_to(monkeypatch, timezone.now() + 2 * DAY)
    services.bring_into_force()

    go_to(monkeypatch, timezone.now() + 2 * DAY)
    assert services.bring_into_force() == 1
    article.refresh_from_db()
    assert article.live.number == 2
