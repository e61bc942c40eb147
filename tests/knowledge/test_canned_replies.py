import json

import pytest

from accounts.models import Team, User
from foundation.exceptions import NotAllowedError, RefusedError, VersionConflictError
from knowledge import services
from knowledge.access import search_replies, visible_to
from knowledge.models import CannedReply
from knowledge.variables import VARIABLES
from tests.accounts.builders import make_person
from tests.factories import make_team
from ui.placeholders import names

pytestmark = pytest.mark.django_db
TEXTS = {"title_zh": "退款进度", "title_en": "Refund progress", "body_zh": "{amount} 已退。", "body_en": "{amount} is on its way."}


def make_reply(code: str = "refund-progress", *, by=None, **overrides) -> CannedReply:
    return services.create_reply(by=by, code=code, **{**TEXTS, **overrides})


def make_mate(role: str, team: Team | None = None) -> User:
    user = make_person(role)
    user.memberships.create(team=team or make_team())
    return User.objects.get(pk=user.pk)


def test_new_reply_is_found_by_initials_and_keeps_its_first_version():
    reply = make_reply()

    assert reply.initials == "tkjd rp"
    assert list(reply.versions.values_list("number", "body_zh")) == [(1, "{amount} 已退。")]


def test_changed_words_are_the_next_version():
    author, reply = make_mate("manager"), make_reply()

    reply = services.edit_reply(reply, by=author, expected_version=1, body_zh="{amount} 已原路退回。")

    assert reply.version == 2
    assert list(reply.versions.order_by("number").values_list("number", "by")) == [(1, None), (2, author.pk)]


def test_changed_title_is_found_at_once_and_no_new_version():
    reply = services.edit_reply(make_reply(), by=None, expected_version=1, title_zh="补发安排")

    assert (reply.version, reply.initials) == (1, "bfap rp")


def test_edit_refuses_to_write_over_a_version_it_has_not_seen():
    reply = make_reply()
    services.edit_reply(reply, by=None, expected_version=1, body_zh="一 {amount}")

    with pytest.raises(VersionConflictError):
        services.edit_reply(reply, by=None, expected_version=1, body_zh="二 {amount}")

    reply.refresh_from_db()
    assert reply.body_zh == "一 {amount}"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"body_en": " "}, "language_missing"),
        ({"title_en": ""}, "language_missing"),
        ({"body_zh": "{amount} {password}", "body_en": "{amount} {password}"}, "unknown_variable"),
        ({"body_en": "It is on its way."}, "variables_differ"),
    ],
)
def test_incomplete_texts_are_not_published(changes, code):
    with pytest.raises(RefusedError) as refusal:
        make_reply(**changes)

    assert code in [reason.code for reason in refusal.value.reasons]
    assert not CannedReply.objects.exists()


@pytest.mark.parametrize("text", ["{{ settings.SECRET_KEY }}", "{0.__class__}", "%(x)s", "{amount.__class__}"])
def test_template_tricks_are_only_text(text):
    reply = make_reply(body_zh=text, body_en=text)

    assert (reply.body_zh, names(text)) == (text, [])


def test_agent_keeps_own_replies_and_no_others():
    agent = make_mate("agent")
    own = make_reply("own", by=agent, owner=agent)

    assert services.edit_reply(own, by=agent, expected_version=1, title_en="Mine").title_en == "Mine"
    for whose in ({}, {"team": make_team()}, {"owner": make_mate("agent")}):
        with pytest.raises(NotAllowedError):
            make_reply("other", by=agent, **whose)


def test_lead_keeps_replies_of_the_own_team_only():
    lead = make_mate("lead")
    other = Team.objects.create(code="other", name_zh="别组", name_en="Other")

    assert make_reply("team", by=lead, team=make_team()).pk
    for whose in ({}, {"team": other}):
        with pytest.raises(NotAllowedError):
            make_reply("x", by=lead, **whose)


def test_manager_keeps_the_shops_replies_but_not_private_ones():
    manager, agent = make_mate("manager"), make_mate("agent")
    private = make_reply("private", by=agent, owner=agent)

    assert make_reply("shop", by=manager).pk
    with pytest.raises(NotAllowedError):
        services.edit_reply(private, by=manager, expected_version=1, title_en="x")


def test_everybody_sees_shop_team_and_own_replies():
    agent, stranger = make_mate("agent"), make_mate("agent", Team.objects.create(code="other", name_zh="别组", name_en="Other"))
    make_reply("shop")
    make_reply("team", team=make_team())
    make_reply("own", owner=agent)

    assert seen_by(agent) == {"shop", "team", "own"}
    assert seen_by(stranger) == {"shop"}
    assert seen_by(make_mate("manager")) == {"shop", "team"}
    assert seen_by(make_person()) == set()


def seen_by(user) -> set:
    return set(visible_to(user).values_list("code", flat=True))


def found(query: str, **options) -> list[str]:
    return [reply.code for reply in search_replies(make_mate("agent"), query, **options)]


def test_search_takes_pinyin_titles_words_and_texts():
    make_reply("refund", category_code="refund.unpaid")
    make_reply("reship", title_zh="补发", title_en="Send again", body_zh="再发一件", body_en="Another one leaves")

    assert found("tk") == found("退款") == found("REFUND") == found("rp") == ["refund"]
    assert found("再发") == found("another leaves") == ["reship"]
    assert found("zzz") == []


def test_search_prefers_beginnings_then_the_complaints_own_category():
    make_reply("text", title_zh="安抚", title_en="Comfort", body_zh="退款 {amount}", body_en="{amount}")
    make_reply("other", category_code="logistics.lost")
    make_reply("general")
    make_reply("root", category_code="refund")
    make_reply("own", category_code="refund.unpaid")

    assert found("tk", category="refund.unpaid") == ["own", "general", "root", "other"]
    assert found("退款", category="refund.unpaid") == ["own", "general", "root", "other", "text"]


def test_comfort_comes_first_when_it_is_asked_for():
    make_reply("base")
    make_reply("empathy", tier="empathy")

    assert found("", empathy_first=True) == ["empathy", "base"]
    assert found("") == ["base", "empathy"]


def test_retired_replies_are_not_offered():
    services.edit_reply(make_reply(), by=None, expected_version=1, is_active=False)

    assert found("tk") == []


@pytest.mark.parametrize("query", ["%", "_", "\\", "a;--", "'", "\x01", "x" * 300])
def test_odd_queries_find_nothing_and_break_nothing(query):
    make_reply()

    assert found(query) == []


def test_search_is_one_query(django_assert_num_queries):
    agent = User.objects.get(pk=make_mate("agent").pk)
    services.load_defaults()
    assert agent.permission_names and agent.team_ids

    with django_assert_num_queries(1):
        replies = search_replies(agent, "tk", category="refund.unpaid")
        assert all(reply.body_zh and reply.initials and reply.get_tier_display() for reply in replies)


def test_shipped_replies_load_once_and_leave_the_houses_words_alone():
    count = services.load_defaults()
    kept = services.edit_reply(CannedReply.objects.get(code="damaged-reship"), by=None, expected_version=1, title_zh="我们的话")

    assert count == CannedReply.objects.count() >= 30
    assert services.load_defaults() == 0
    kept.refresh_from_db()
    assert kept.title_zh == "我们的话"


def test_shipped_replies_cover_every_category_and_feeling():
    services.load_defaults()
    shipped = CannedReply.objects.all()
    categories = {row["code"] for row in json.loads((services.DEFAULTS.parents[2] / "complaints/defaults/categories.json").read_text())}

    assert categories - set(shipped.filter(tier="base").values_list("category_code", flat=True)) == {"service.other"}
    assert shipped.filter(tier="empathy").count() >= 5
    assert {reply.tier for reply in shipped} == {"base", "empathy"}
    assert all(not names(reply.body_zh) for reply in shipped.filter(tier="empathy"))
    assert {name for reply in shipped for name in names(reply.body_zh)} <= VARIABLES.keys()


def test_shipped_replies_of_a_category_are_on_top_for_it():
    services.load_defaults()

    assert found("", category="logistics.damaged")[0] in {"damaged-photos", "damaged-reship"}
    assert found("tk", category="refund.unpaid")[0] == "refund-unpaid-date"
