"""Canned replies for what an agent types."""

import pytest

from knowledge.reply_search import find_replies
from knowledge.services import create_reply, edit_reply
from tests.factories import make_merchant, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return make_user(shops=[make_merchant()])


def reply(code: str, title: str, body: str, english: str = "Refund", **overrides):
    texts = {"title_zh": title, "title_en": english, "body_zh": body, "body_en": english}
    return create_reply(by=None, code=code, **texts, **overrides)


def codes(user, query: str, **options) -> list[str]:
    return [each.code for each in find_replies(user, query, language="zh", **options)]


def test_initials_find_first(agent):
    reply("refund", "退款进度", "已退。")
    reply("late", "物流延误", "在路上。", "Late")

    assert codes(agent, "tkjd") == ["refund"]


@pytest.mark.parametrize("typed", ["进度退款", "退款的进度", "refunds", "退款进渡"])
def test_words_in_another_order_or_form_are_found_too(typed, agent):
    reply("refund", "退款进度", "款项退回原支付方式。")
    reply("invoice", "开具发票", "在订单里申请。", "Invoice")

    assert codes(agent, typed)[:1] == ["refund"]


def test_each_reply_is_there_once(agent):
    reply("refund", "退款进度", "退款已到账，退款。")

    assert codes(agent, "退款") == ["refund"]


def test_replies_of_others_are_never_found(agent):
    reply("own", "退款进度", "已退。", owner=make_user())
    reply("team", "退款进度", "已退。", team=make_team("quality"))
    reply("off", "退款进度", "已退。", is_active=False)

    assert codes(agent, "进度退款") == []


def test_what_others_keep_for_themselves_pushes_nothing_out(agent):
    other = make_user()
    for number in range(5):
        reply(f"own{number}", "退款进度", "退款进度。", owner=other)
    reply("shop", "退款的进度说明", "款项退回原支付方式，到账要一至三个工作日。")

    assert codes(agent, "进度退款", limit=3) == ["shop"]


@pytest.mark.parametrize(
    ("category", "order"),
    [
        ("refund.unpaid", ["own", "general", "near", "foreign"]),
        ("refund.slow", ["general", "near", "foreign", "own"]),
        ("goods.broken", ["general", "foreign", "near", "own"]),
    ],
)
def test_replies_of_the_complaints_category_come_before_those_of_others(category, order, agent):
    for code, own in {"foreign": "service.attitude", "own": "refund.unpaid", "near": "refund", "general": ""}.items():
        reply(code, "退款进度", "已退。", category_code=own)

    assert codes(agent, "进度退款", category=category) == order


def test_a_new_wording_is_found_and_the_old_one_is_not(agent):
    refund = reply("refund", "退款进度", "一至三个工作日。")
    edit_reply(refund, by=None, expected_version=1, body_zh="原路退回银行卡。")

    assert codes(agent, "银行卡原路") == ["refund"]
    assert codes(agent, "工作日三个") == []


def test_no_more_than_asked_for(agent):
    for number in range(5):
        reply(f"r{number}", f"退款进度{number}", "已退。")

    assert len(codes(agent, "退款", limit=3)) == 3


@pytest.mark.parametrize("count", [1, 3])
def test_many_cost_as_much_as_one(count, agent, django_assert_max_num_queries):
    for number in range(count):
        reply(f"r{number}", "退款进度", "已退。")
    codes(agent, "进度退款")

    with django_assert_max_num_queries(10):
        assert len(codes(agent, "进度退款")) == count
