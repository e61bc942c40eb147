"""Which version of a canned reply was sent, and whether its words were changed."""

import pytest

from complaints.models import CannedUse
from complaints.services import post_reply, retract_message
from complaints.services.canned import stands_in
from knowledge.services import create_reply, edit_reply
from tests.factories import make_complaint, make_merchant, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return make_user(shops=[make_merchant()])


@pytest.fixture
def reply():
    texts = {
        "title_zh": "退款",
        "title_en": "Refund",
        "body_zh": "{customer}您好，款项已退。",
        "body_en": "{customer}, it is paid.",
    }
    return create_reply(by=None, code="refund", **texts)


def send(complaint, agent, body: str, **canned) -> None:
    return post_reply(complaint, body=body, by=agent, expected_version=None, canned=canned)


@pytest.mark.parametrize(
    ("body", "is_edited"),
    [("李小满您好，款项已退。", False), ("李小满您好，\n款项已退。\n祝好", False), ("李小满您好，款项明天退。", True), ("别的话", True)],
)
def test_a_sent_canned_reply_counts_with_its_version(body, is_edited, agent, reply):
    complaint = make_complaint("open", assignee=agent)

    message = send(complaint, agent, body, refund=1)

    use = CannedUse.objects.get()
    assert (use.message, use.reply, use.version, use.is_edited, use.cycle) == (message, reply, 1, is_edited, 1)
    assert (use.team_id, use.language) == (complaint.team_id, complaint.language)


def test_the_version_that_was_inserted_counts_though_a_newer_one_is_out(agent, reply):
    complaint = make_complaint("open", assignee=agent)
    edit_reply(reply, by=None, expected_version=1, body_zh="{customer}您好，明天到账。")

    send(complaint, agent, "李小满您好，款项已退。", refund=1)
    send(complaint, agent, "李小满您好，明天到账。", refund=None)

    assert list(CannedUse.objects.order_by("id").values_list("version", "is_edited")) == [(1, False), (2, False)]


def test_an_unknown_code_or_version_holds_nothing_up(agent, reply):
    complaint = make_complaint("open", assignee=agent)

    send(complaint, agent, "您好", refund=7, nothing=None)

    assert not CannedUse.objects.exists()


def test_a_reply_sent_twice_is_used_once(agent, reply):
    complaint = make_complaint("open", assignee=agent)

    for _each in range(2):
        post_reply(complaint, body="您好", by=agent, expected_version=None, request_id="r1", canned={"refund": 1})

    assert CannedUse.objects.count() == 1


@pytest.mark.parametrize(
    ("template", "body", "stands"),
    [
        ("您好 {customer}，明天到", "您好 李小满，明天到。", True),
        ("您好 {customer}，明天到", "您好李小满，\n明天到", True),
        ("您好 {customer}，明天到", "您好 {customer}，今天到", False),
        ("a.b", "axb", False),
        ("", "", True),
    ],
)
def test_words_stand_in_a_message_whatever_the_placeholders_hold(template, body, stands):
    assert stands_in(template, body) == stands


def test_what_was_taken_back_stays_known_as_a_use_of_a_message_taken_back(agent, reply):
    complaint = make_complaint("open", assignee=agent)
    message = send(complaint, agent, "李小满您好，款项已退。", refund=1)

    retract_message(message, by=agent)

    assert not CannedUse.objects.filter(message__retracted_at=None).exists()
