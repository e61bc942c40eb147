"""Reports by mail: each due time once, to whoever may see it, with the figures of whoever gets it."""

import random
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.utils import timezone

from analytics.metrics.computing import answer_next
from analytics.models import ReportMail, Snapshot
from analytics.reports.saving import Page, pause_report, remove_report, send_now
from analytics.reports.sending import plan_mails, send_mails
from analytics.reports.words import lines_of
from config.environment import free_port
from foundation.standstill import stand_still
from orders.models import Merchant
from tests.analytics.builders import make_past
from tests.analytics.reports.builders import make_due, make_report
from tests.factories import make_merchant, make_team, make_user

pytestmark = pytest.mark.django_db
State, Why = ReportMail.State, ReportMail.Why


class Sink:
    """A mail server that keeps what it gets; ``answers`` are given to the next mails before it accepts again."""

    def __init__(self):
        self.mails, self.answers = [], []

    async def handle_DATA(self, _server, _session, envelope):
        if self.answers:
            return self.answers.pop(0)
        self.mails.append((envelope.rcpt_tos[0], message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"

    def to(self, user):
        return [mail for address, mail in self.mails if address == user.email]


@pytest.fixture
def sink(settings):
    handler, port = Sink(), free_port()
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = "127.0.0.1", port, False, False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield handler
    server.stop()


@pytest.fixture
def manager(db):
    make_merchant()
    return make_user("manager", shops=Merchant.objects.all())


def send_all() -> None:
    plan_mails()
    while send_mails():
        continue


def text_of(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def test_a_mail_holds_the_tiles_their_definitions_and_the_link(sink, manager):
    make_due(manager, manager)

    send_all()

    mail = sink.to(manager)[0]
    text, html = text_of(mail), mail.get_body(("html",)).get_content()
    assert "早会" in mail["Subject"]
    assert all(part in text and part in html for part in ("首次响应时长", "frt@", "/admin/reports/overview/?period=28d"))
    assert "截至" in text


def test_everybody_gets_it_in_their_language(sink, manager):
    reader = make_user("lead", language="en")
    make_due(manager, manager, reader)

    send_all()

    assert "First response time" in text_of(sink.to(reader)[0])
    assert "首次响应时长" in text_of(sink.to(manager)[0])


def test_the_figures_are_those_of_the_recipient(sink, manager):
    make_past(random.Random(3), days=4, complaints=6)
    stranger = make_user("lead", teams=[make_team("elsewhere")])
    make_due(make_user("manager", shops=Merchant.objects.all()), stranger)

    send_all()

    assert "0" in text_of(sink.to(stranger)[0]).split("总投诉量")[1].splitlines()[0]


def test_two_sweepers_and_a_second_look_plan_each_due_time_once(sink, manager):
    report = make_due(manager, manager)
    due = report.due_at

    plan_mails()
    report.due_at = due  # as if the first had died before it wrote when it is due next
    report.save(update_fields=["due_at"])
    plan_mails()

    assert ReportMail.objects.filter(report=report, due_at=due).count() == 1


def test_what_was_missed_for_days_is_one_mail_and_the_next_is_in_the_future(sink, manager):
    report = make_due(manager, manager)
    report.due_at = timezone.now() - timedelta(days=9)
    report.save(update_fields=["due_at"])

    send_all()

    report.refresh_from_db()
    assert len(sink.mails) == 1 and report.due_at > timezone.now()


def test_whoever_lost_the_right_gets_none_and_the_owner_is_told(sink, manager):
    reader = make_user("agent")
    report = make_due(manager, manager, reader)
    reader.groups.clear()

    send_all()

    assert (len(sink.to(manager)), len(sink.to(reader))) == (1, 0)
    line = lines_of([report], manager)[0]
    assert [(mail.recipient, mail.why) for mail in line.troubles] == [(reader, Why.NO_RIGHT)]


def test_a_try_that_failed_is_repeated_under_the_same_message_id(sink, manager):
    make_due(manager, manager)
    sink.answers = ["451 later"]
    send_all()
    key = ReportMail.objects.get().key
    ReportMail.objects.update(next_at=timezone.now() - timedelta(seconds=1))

    send_all()

    assert sink.mails[0][1]["Message-ID"].startswith(f"<{key}@")
    assert ReportMail.objects.get().state == State.SENT


def test_what_the_server_refuses_for_good_is_told(sink, manager):
    make_due(manager, manager)
    sink.answers = ["550 no such user"]

    send_all()

    assert (ReportMail.objects.get().state, ReportMail.objects.get().why) == (State.FAILED, Why.REFUSED)


LARGE = Page("", "vol_new", "period=28d&channel=phone&sku=a&province=b")


def test_a_mail_waits_for_figures_that_are_being_computed(sink, manager, settings):
    make_past(random.Random(3), days=3, complaints=2)
    settings.BIHUAN_MOST_FACTS = 0
    make_due(manager, manager, page=LARGE)

    send_all()
    waiting = ReportMail.objects.get()
    assert (waiting.state, waiting.attempts, sink.mails) == (State.QUEUED, 0, [])

    answer_next()
    ReportMail.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    send_all()
    assert (ReportMail.objects.get().state, len(sink.mails)) == (State.SENT, 1)


def test_a_mail_does_not_go_with_figures_from_before_it_was_wanted(sink, manager, settings):
    make_past(random.Random(3), days=3, complaints=2)
    settings.BIHUAN_MOST_FACTS = 0
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        make_due(manager, manager, page=LARGE)
        send_all()
        answer_next()
        ReportMail.objects.all().delete()
    make_due(manager, manager, page=LARGE)

    send_all()

    assert (ReportMail.objects.get().state, sink.mails) == (State.QUEUED, [])


def test_a_question_that_cannot_be_computed_is_told_and_not_tried_for_days(sink, manager, settings):
    make_past(random.Random(3), days=3, complaints=2)
    settings.BIHUAN_MOST_FACTS = 0
    make_due(manager, manager, page=LARGE)
    send_all()
    Snapshot.objects.update(state=Snapshot.State.FAILED, done_at=timezone.now())
    ReportMail.objects.update(next_at=timezone.now() - timedelta(seconds=1))

    send_all()

    assert (ReportMail.objects.get().state, ReportMail.objects.get().why) == (State.FAILED, Why.TOO_MANY)


@pytest.mark.parametrize("stop", [remove_report, lambda report, by: pause_report(report, is_paused=True, by=by)])
def test_a_paused_or_deleted_report_is_not_sent(stop, sink, manager):
    report = make_due(manager, manager)
    stop(report, by=manager)

    send_all()

    assert not sink.mails


def test_a_house_that_stands_still_sends_nothing(sink, manager):
    make_due(manager, manager)
    stand_still("restore")

    send_all()

    assert not sink.mails


def test_sending_to_oneself_goes_to_nobody_else_and_once_a_minute(sink, manager):
    report = make_report(manager, rhythm="daily", recipients=[make_user("lead")])
    now = timezone.now()

    send_now(report, by=manager, at=now)
    send_now(report, by=manager, at=now)
    send_all()

    assert [address for address, _mail in sink.mails] == [manager.email]


def test_a_page_of_one_figure_is_a_mail_of_one_tile(sink, manager):
    make_due(manager, manager, page=Page("", "csat", "period=7d"))

    send_all()

    assert "csat@" in text_of(sink.to(manager)[0]) and "frt@" not in text_of(sink.to(manager)[0])
