"""What pages reported becomes events: once, whatever happens meanwhile."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.chat.sessions import end_chat
from complaints.effort.intake import record_stretches
from complaints.effort.settling import settle_effort
from complaints.effort.windows import EPOCH, MILLISECOND
from complaints.models import Complaint, Contact, WorkStretch
from complaints.privacy.retention import settled_stretches
from complaints.services import log_call, merge_complaints
from foundation.events import find_break
from tests.complaints.builders import at, fresh, later
from tests.complaints.chat.builders import talk_with
from tests.complaints.effort.builders import PAGE, line, make_stretch, note_event, recorded, settle
from tests.factories import make_complaint, make_user

pytestmark = pytest.mark.django_db
MINUTE = 60_000


@pytest.fixture
def agent():
    return make_user()


@pytest.fixture
def complaint(agent):
    return make_complaint("open", assignee=agent)


def sums(complaint, kind="active_ms") -> dict:
    found = {}
    for codes in recorded(complaint):
        found[codes["contact"]] = found.get(codes["contact"], 0) + codes[kind]
    return found


def test_a_window_becomes_one_event_per_contact(agent, complaint):
    with at("2026-03-02T10:03:00"):
        make_stretch(agent, complaint, ago=2, seconds=30)
        make_stretch(agent, complaint, ago=1, seconds=30)
        settle()

    contact = complaint.contacts.get()
    [codes] = recorded(complaint)
    begun, ended = (EPOCH + codes[name] * MILLISECOND for name in ("from", "to"))
    assert (begun.minute, ended.minute, ended.second) == (1, 2, 30)
    assert {name: codes[name] for name in codes if name not in ("from", "to")} == {
        "agent": agent.pk, "contact": contact.pk, "active_ms": MINUTE, "hold_ms": 0, "wrapup_ms": 0,
    }  # fmt: skip


def test_the_chain_holds_and_nothing_else_of_the_complaint_changes(agent, complaint):
    before = fresh(complaint)
    with at("2026-03-02T10:05:00"):
        make_stretch(agent, complaint, ago=2, seconds=30)
        settle()

    after = fresh(complaint)
    assert find_break(after.events.order_by("seq"), head_seq=after.head_seq, head_hash=after.head_hash) is None
    assert (after.head_seq, after.version) == (before.head_seq + 1, before.version)
    event = after.events.latest("seq")
    assert (event.author_kind, event.actor_id, event.payload) == ("system", None, None)


def test_nothing_is_settled_while_a_page_may_still_tell_of_it(agent, complaint):
    with at("2026-03-02T10:09:00"):
        make_stretch(agent, complaint, ago=2, seconds=30)

    with at("2026-03-02T10:20:59"):
        settle_effort()
        assert recorded(complaint) == []
    with at("2026-03-02T10:21:00"):
        settle_effort()
        assert len(recorded(complaint)) == 1


def test_settling_again_repeats_nothing(agent, complaint):
    make_stretch(agent, complaint, ago=2, seconds=30)
    settle()

    settle()

    assert sum(sums(complaint).values()) == MINUTE / 2


def test_a_stretch_across_two_windows_is_counted_in_each(agent, complaint):
    with at("2026-03-02T10:11:00"):
        make_stretch(agent, complaint, ago=1.5, seconds=60)
        settle()

    assert [codes["active_ms"] for codes in recorded(complaint)] == [MINUTE / 2, MINUTE / 2]


def test_what_is_sent_again_after_it_was_settled_adds_nothing(agent, complaint):
    with at("2026-03-02T10:00:00"):
        record_stretches(agent, page=PAGE, lines=[line(complaint, 30, 0)])
        settle()
    WorkStretch.objects.all().delete()

    with at("2026-03-02T10:09:00"):
        assert record_stretches(agent, page=PAGE, lines=[line(complaint, 570, 540, touched=540)]) == 0


def test_one_that_fails_keeps_no_other_from_being_settled(agent, complaint):
    unreadable = make_complaint("open", assignee=agent)
    other = make_user()
    with at("2026-03-02T10:05:00"):
        note_event(unreadable, "chat.joined", {"agent": agent.pk})
        make_stretch(agent, unreadable, ago=2, seconds=30)
        make_stretch(other, complaint, ago=2, seconds=30)
        settle()

    assert [codes["agent"] for codes in recorded(complaint)] == [other.pk]
    assert recorded(unreadable) == []


def test_a_conversation_takes_its_contact_and_its_wrap_up():
    with at("2026-03-02T10:00:00"):
        agent = make_user()
        chat = talk_with(agent)
    with at("2026-03-02T10:02:00"):
        end_chat(chat, by=agent)
    with at("2026-03-02T10:00:00"):
        make_stretch(agent, chat.complaint, ago=-1, seconds=180)
        settle()

    [codes] = recorded(chat.complaint)
    assert (codes["contact"], codes["active_ms"], codes["wrapup_ms"]) == (chat.contact_id, MINUTE, 2 * MINUTE)


def test_two_conversations_share_whichever_is_open():
    with at("2026-03-02T10:00:00"):
        agent = make_user()
        one, other = talk_with(agent), talk_with(agent)
        make_stretch(agent, one.complaint, ago=-1, seconds=60)
        settle()

    assert [sums(each.complaint) for each in (one, other)] == [{one.contact_id: MINUTE / 2}, {other.contact_id: MINUTE / 2}]


def test_a_call_belongs_to_the_contact_that_it_was_logged_as(agent, complaint):
    with at("2026-03-02T10:05:00"):
        log_call(complaint, summary="说明了时效", is_reached=True, by=agent, expected_version=None)
        make_stretch(agent, complaint, ago=2, seconds=115, is_call=True, input_at=timezone.now() - timedelta(minutes=2))
        settle()

    [codes] = recorded(complaint)
    call = Contact.objects.get(channel=Complaint.Channel.PHONE)
    assert (codes["contact"], codes["active_ms"], codes["hold_ms"]) == (call.pk, MINUTE, 55_000)


def test_a_joined_complaint_brings_its_contacts(agent, complaint):
    joined = make_complaint("open", assignee=agent, contact_phone=complaint.contact_phone)
    newest = joined.contacts.get()
    merge_complaints(joined, into=complaint, by=agent, expected_version=None)
    with later(minutes=10):
        make_stretch(agent, complaint, ago=1, seconds=30)
        settle()

    assert sums(complaint) == {newest.pk: MINUTE / 2}


def test_settled_stretches_are_forgotten_after_an_hour_and_no_others(agent, complaint):
    make_stretch(agent, complaint, ago=30, seconds=30)
    settle()
    late = make_user()
    unsettled = make_stretch(late, complaint, ago=30, seconds=30)

    assert not settled_stretches(timezone.now()).exists()
    assert list(settled_stretches(timezone.now() + timedelta(hours=2)).values_list("agent", flat=True)) == [agent.pk]
    assert unsettled.agent == late


def test_settling_asks_as_much_for_three_complaints_as_for_one(agent):
    def count(number: int) -> int:
        for _each in range(number):
            make_stretch(agent, make_complaint("open", assignee=agent), ago=1, seconds=20)
        with CaptureQueriesContext(connection) as asked:
            settle()
        return len(asked)

    with at("2026-03-02T10:05:00"):
        few = count(1)
    with at("2026-03-02T12:05:00"):
        assert count(3) == few
