"""What a reply promises: read from its words, kept by its writer."""

from datetime import datetime

import pytest
import time_machine
from django.utils import timezone

from complaints.models import FollowUp
from complaints.promised import promised_in, read_moment
from complaints.services import post_reply, retract_message
from foundation.exceptions import RefusedError
from knowledge.services import create_reply
from tests.factories import make_complaint, make_merchant, make_user

NOON = timezone.make_aware(datetime(2026, 11, 20, 12))


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("我们 30 分钟内回电。", "2026-11-20 12:30"),
        ("我会在2小时内联系您", "2026-11-20 14:00"),
        ("明天给您答复。", "2026-11-21 18:00"),
        ("我们后天前补发，请放心。", None),
        ("我们后天前补发。请放心。", "2026-11-22 18:00"),
        ("您好。我们将在3个工作日内退款", "2026-11-23 18:00"),
        ("我们今天处理，30 分钟内回电", "2026-11-20 12:30"),
        ("We will call you within 45 minutes.", "2026-11-20 12:45"),
        ("I'll get back to you tomorrow.", "2026-11-21 18:00"),
        ("请在 7 天内寄回，我们收到后退款", None),
        ("You can return it within 7 days.", None),
        ("收到商品 7 天内可退", None),
        ("我们会在 200 天内处理", None),
        ("明天是周六", None),
        ("", None),
    ],
)
def test_a_promise_is_ours_and_has_a_moment(text, due):
    found = promised_in(text, NOON)

    assert (found and timezone.localtime(found).strftime("%Y-%m-%d %H:%M")) == due


def test_today_is_two_hours_when_the_evening_has_come():
    evening = timezone.make_aware(datetime(2026, 11, 20, 19))

    assert (promised_in("我们今天回复您", evening) - evening).total_seconds() == 7200


@pytest.mark.parametrize("text", ["", "x", "2026-13-45T99:00+08:00", "2026-11-20T12:00", "None"])
def test_what_is_no_moment_is_none(text):
    assert read_moment(text) is None


@pytest.fixture
def agent(db):
    return make_user(shops=[make_merchant()])


def send(complaint, agent, moment: str):
    actions = [{"act": "remind", "value": moment}]
    return post_reply(complaint, body="我们明天回电", by=agent, expected_version=None, actions=actions)


def soon(**delta) -> str:
    return (timezone.now() + timezone.timedelta(**delta)).isoformat()


def test_a_reminder_waits_for_its_writer(agent):
    complaint = make_complaint("open", assignee=agent)

    send(complaint, agent, soon(hours=2))

    row = FollowUp.objects.get(kind=FollowUp.Kind.PROMISE)
    assert (row.owner, row.role, row.done_at) == (agent, FollowUp.Role.ASSIGNEE, None)


def test_taking_the_reply_back_takes_the_reminder_back(agent):
    complaint = make_complaint("open", assignee=agent)
    message = send(complaint, agent, soon(hours=2))

    retract_message(message, by=agent)

    assert FollowUp.objects.get(kind=FollowUp.Kind.PROMISE).outcome == FollowUp.Outcome.CANCELLED


@pytest.mark.parametrize("moment", ["", "nonsense", "2020-01-01T00:00+08:00", "2099-01-01T00:00+08:00"])
def test_a_reminder_for_no_possible_moment_refuses_the_reply_whole(moment, agent):
    complaint = make_complaint("open", assignee=agent)
    before = complaint.messages.count()

    with pytest.raises(RefusedError):
        send(complaint, agent, moment)

    assert complaint.messages.count() == before and not FollowUp.objects.filter(kind=FollowUp.Kind.PROMISE).exists()


def test_a_canned_reply_that_promises_brings_its_reminder(client, agent):
    client.force_login(agent, backend="accounts.backends.StaffBackend")
    complaint = make_complaint("open", assignee=agent)
    texts = {"title_zh": "回电", "title_en": "Call", "body_zh": "我们 30 分钟内回电。", "body_en": "We call you within 30 minutes."}
    create_reply(by=None, code="call", **texts)

    with time_machine.travel(NOON, tick=False):
        (offer,) = client.get(f"/admin/desk/c/{complaint.number}/replies/", {"q": "回电"}).json()["replies"]

    assert offer["actions"] == [{"key": "remind:2026-11-20T04:30+00:00", "label": "提醒我：11-20 12:30"}]
