"""The relay against a real mail server: once, in order, and honest about failures."""

import socket
from datetime import timedelta
from email import message_from_bytes, policy
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from complaints.channels.relay import _may_reach, drain_mail, due_mail, next_wait, relay_mail
from complaints.intake.links import open_link
from complaints.lifecycle import Status
from complaints.models import Message, Outbox, Template
from complaints.services import ask_customer, notify, post_reply, retract_message
from complaints.services.delivery import retry_outbox
from complaints.tasks import sweep_outbox
from foundation.exceptions import NotAllowedError, RefusedError
from foundation.standstill import end_standstill, stand_still
from tests.complaints.builders import kinds
from tests.factories import make_complaint, make_merchant, make_team, make_user

pytestmark = pytest.mark.django_db
State = Outbox.State


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sink:
    """A mail server that keeps what it gets; ``answers`` are given to the next mails before it accepts again."""

    def __init__(self):
        self.mails, self.recipients, self.answers = [], [], []

    async def handle_DATA(self, _server, _session, envelope):
        if self.answers:
            return self.answers.pop(0)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"


@pytest.fixture
def sink(settings):
    handler = Sink()
    port = free_port()
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = "127.0.0.1", port, False, False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield handler
    server.stop()


def make_due(*, keep=()) -> None:
    Outbox.objects.exclude(node__in=keep).update(next_at=timezone.now() - timedelta(seconds=1))


def text_of(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def test_an_acknowledgement_carries_number_promise_and_a_fresh_link(sink):
    complaint = make_complaint(contact_email="xiaoman@mail.example")

    assert relay_mail() == 1

    mail = sink.mails[0]
    link = next(line for line in text_of(mail).split() if "/t/" in line)
    assert complaint.number in mail["Subject"] and complaint.number in text_of(mail)
    assert open_link(urlsplit(link).path.split("/")[-2]).complaint_id == complaint.pk
    assert sink.recipients == [["xiaoman@mail.example"]]
    assert complaint.outbox.get().state == State.SENT


def test_the_message_id_is_the_rows_key_and_notices_are_marked_automatic(sink):
    complaint = make_complaint()

    relay_mail()

    row, mail = complaint.outbox.get(), sink.mails[0]
    assert mail["Message-ID"] == f"<{row.key}@shop.example>"
    assert (mail["Auto-Submitted"], mail["List-Unsubscribe"]) == ("auto-generated", None)


def test_a_reply_of_a_person_is_not_marked_automatic_and_is_their_text(sink):
    agent = make_user(name="小周")
    message = post_reply(make_complaint(Status.OPEN, assignee=agent), body="您好，\n\n<b>明天</b>送达。", by=agent, expected_version=None)
    message.outbox.update(next_at=timezone.now())
    Outbox.objects.exclude(message=message).delete()

    relay_mail()

    mail = sink.mails[0]
    assert mail["Auto-Submitted"] is None
    assert "<b>明天</b>送达。" in text_of(mail) and "小周" in text_of(mail)
    assert "&lt;b&gt;明天&lt;/b&gt;" in mail.get_body(("html",)).get_content()


def test_the_html_twin_loads_nothing_from_elsewhere(sink):
    make_complaint()

    relay_mail()

    html = sink.mails[0].get_body(("html",)).get_content()
    assert not any(sign in html for sign in ("<img", "src=", "<link", "<script", "url(", "style="))


def test_the_language_is_the_customers(sink):
    make_complaint(language="en")

    relay_mail()

    assert "We received your complaint" in sink.mails[0]["Subject"]
    assert 'lang="en"' in sink.mails[0].get_body(("html",)).get_content()


def test_no_header_can_be_smuggled_in(sink):
    make_merchant("evil", name="青禾\r\nBcc: all@mail.example\r\n\u202eexe")
    Template.objects.create(node="link", language="zh-hans", subject="标题\r\nBcc: all@mail.example", body="{link}")
    complaint = make_complaint(merchant=make_merchant("evil"), contact_email="xiaoman@mail.example")
    notify(complaint, "link")

    relay_mail()

    assert sink.recipients == [["xiaoman@mail.example"]] * 2
    assert all(mail["Bcc"] is None and "\u202e" not in mail["From"] for mail in sink.mails)


@pytest.mark.parametrize("address", ["nobody", "a@b\r\nBcc: c@mail.example", "a@mail.example, c@mail.example", "a b@mail.example"])
def test_a_bad_address_is_dead_at_once(sink, address):
    complaint = make_complaint(contact_email=address)

    relay_mail()

    assert (complaint.outbox.get().state, sink.mails) == (State.DEAD, [])
    assert kinds(complaint)[-1] == "message.failed"


def test_a_temporary_error_is_tried_again_as_the_same_message(sink):
    complaint = make_complaint()
    sink.answers = ["451 try later"]

    relay_mail()
    row = complaint.outbox.get()
    assert (row.state, row.attempts) == (State.QUEUED, 0)
    assert row.next_at > timezone.now() + timedelta(seconds=14)
    make_due()
    relay_mail()

    assert [mail["Message-ID"] for mail in sink.mails] == [f"<{row.key}@shop.example>"]


def test_a_permanent_error_is_dead_and_told_to_the_desk(sink):
    complaint = make_complaint()
    sink.answers = ["550 no such user"]

    relay_mail()

    assert complaint.outbox.get().state == State.DEAD
    assert "550" in complaint.outbox.get().error
    assert kinds(complaint)[-1] == "message.failed"


def test_one_failing_mail_does_not_hold_up_the_next(sink):
    make_complaint(contact_email="a@mail.example")
    make_complaint(contact_email="b@mail.example")
    sink.answers = ["451 try later"]

    relay_mail()

    assert len(sink.mails) == 1


def test_without_a_server_mail_waits_and_nothing_is_lost(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    complaint = make_complaint()

    relay_mail()

    assert complaint.outbox.get().state == State.QUEUED
    assert "refused" in complaint.outbox.get().error


def test_waiting_grows_with_age_and_never_ends_later_than_an_hour():
    waits = []
    for hours in (0, 1, 48):
        row = Outbox(created_at=timezone.now() - timedelta(hours=hours))
        waits.append(next_wait(row))

    assert timedelta(seconds=15) <= waits[0] <= timedelta(seconds=30)
    assert timedelta(minutes=15) <= waits[1] <= timedelta(minutes=31)
    assert timedelta(minutes=30) <= waits[2] <= timedelta(hours=1)


def test_after_three_days_a_mail_is_given_up(sink):
    complaint = make_complaint()
    Outbox.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    relay_mail()

    assert (complaint.outbox.get().state, sink.mails) == (State.DEAD, [])


def test_what_was_taken_back_never_leaves(sink):
    agent = make_user()
    message = post_reply(make_complaint(Status.OPEN, assignee=agent), body="写错了", by=agent, expected_version=None)
    retract_message(message, by=agent)
    make_due()

    while relay_mail():
        pass

    assert not any("写错了" in text_of(mail) for mail in sink.mails)


def test_a_message_taken_back_by_hand_is_dropped_even_when_it_is_still_queued(sink):
    agent = make_user()
    message = post_reply(make_complaint(Status.OPEN, assignee=agent), body="写错了", by=agent, expected_version=None)
    Message.objects.filter(pk=message.pk).update(retracted_at=timezone.now())
    make_due()

    while relay_mail():
        pass

    assert message.outbox.get().state == State.CANCELLED


def test_nothing_leaves_before_its_time(sink):
    agent = make_user()
    ask_customer(make_complaint(Status.OPEN, assignee=agent), body="请补充", by=agent, expected_version=None)
    Outbox.objects.filter(node="acknowledged").delete()

    assert relay_mail() == 0


def test_an_unproven_address_gets_one_acknowledgement_per_hour(sink):
    for _ in range(3):
        make_complaint(contact_email="victim@mail.example")
    make_complaint(contact_email="proven@mail.example", is_proven=True)
    make_complaint(contact_email="proven@mail.example", is_proven=True)

    relay_mail()

    assert sorted(each[0] for each in sink.recipients) == ["proven@mail.example"] * 2 + ["victim@mail.example"]
    assert Outbox.objects.filter(state=State.CANCELLED).count() == 2


def test_the_limit_does_not_refuse_its_own_second_try(sink):
    make_complaint()
    sink.answers = ["451 try later"]

    relay_mail()
    make_due()
    relay_mail()

    assert len(sink.mails) == 1


def test_an_acknowledgement_repeats_nothing_that_was_typed(sink):
    make_complaint(description="http://evil.example 点这里", contact_name="http://evil.example", order_text="http://evil.example")

    relay_mail()

    assert "evil.example" not in sink.mails[0].as_string()


def test_a_dead_mail_is_sent_again_by_who_may():
    complaint = make_complaint()
    row = complaint.outbox.get()
    Outbox.objects.update(state=State.DEAD, expires_at=timezone.now() - timedelta(days=1))

    for stranger in (make_user(), make_user("lead", teams=[make_team("quality")])):
        with pytest.raises(NotAllowedError):
            retry_outbox(row, by=stranger)
    assert retry_outbox(row, by=make_user("lead")).state == State.QUEUED
    with pytest.raises(RefusedError):
        retry_outbox(row, by=make_user("admin"))


def test_a_claimed_row_belongs_to_one_sender_until_its_lease_ends():
    make_complaint()
    row = Outbox.objects.get()
    Outbox.objects.update(state=State.SENDING, next_at=timezone.now() + timedelta(seconds=60))
    assert not due_mail().exists()

    Outbox.objects.update(next_at=timezone.now() - timedelta(seconds=1))

    assert due_mail().get() == row


def test_mail_that_nobody_fetches_is_sent_by_the_sweep(sink):
    make_complaint()
    assert (sweep_outbox(), len(sink.mails)) == (0, 0)

    Outbox.objects.update(next_at=timezone.now() - timedelta(seconds=31))

    assert (sweep_outbox(), len(sink.mails)) == (1, 1)


def test_a_sender_who_lost_its_lease_leaves_the_limit_to_the_next_one():
    late = make_complaint().outbox.get()
    current = Outbox.objects.get(pk=late.pk)
    late.fence -= 1

    assert (_may_reach(late), _may_reach(current), _may_reach(current)) == (False, True, True)


@pytest.mark.parametrize("send", [relay_mail, drain_mail, sweep_outbox], ids=["a batch", "the worker", "the sweep"])
def test_after_a_restore_no_mail_leaves_until_people_have_looked(sink, send, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    complaint = make_complaint()
    complaint.outbox.update(next_at=timezone.now() - timedelta(minutes=5))
    standstill = stand_still("restored")

    assert send() == 0
    row = complaint.outbox.get()
    assert (row.state, row.fence, sink.mails) == (State.QUEUED, 0, [])

    end_standstill(standstill, by_id=1, reason="looked")
    relay_mail()
    assert (complaint.outbox.get().state, len(sink.mails)) == (State.SENT, 1)
