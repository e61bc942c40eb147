"""After an erasure nothing of the person is anywhere, and everything that must stay still holds."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from complaints.channels.relay import drain_mail
from complaints.intake import drafts
from complaints.intake.links import make_link
from complaints.models import Complaint, Event, FollowUp, Message, PrivacyRequest, ReplyDraft, Survey
from complaints.privacy.erasure import LINKS_FOR, carry_out
from complaints.privacy.erasure_list import list_path, read_erasures
from complaints.privacy.holds import lift_hold, place_hold
from complaints.privacy.replay import replay_erasures
from complaints.privacy.requests import ask_privacy, decide_privacy
from complaints.services import post_note, reopen_complaint
from complaints.services.timers import run_timers
from config.invariants import INVARIANTS, Evidence
from foundation.crypto import blind_index
from foundation.exceptions import NotAllowedError, RefusedError
from orders.models import Customer, Order
from orders.services import OrderRow, Row, upsert_customers, upsert_orders
from tests.complaints.builders import fresh, kinds
from tests.factories import make_complaint, make_customer, make_merchant, make_order, make_user
from tests.privacy.dump import everything_kept, rows_as_stored
from tests.privacy.test_copy import attach

MAIL, PHONE = "kanari@canary.example", "13987654321"
CANARIES = [
    "CANARY-NAME", "CANARY-STREET", "CANARY-NOTE", "CANARY-SUBJECT", "CANARY-WORDS", "CANARY-ANSWER", "CANARY-REPLY", "CANARY-INTERNAL",
    "CANARY-FILE", "CANARY-COMMENT", "CANARY-DRAFT", "CANARY-WISH", "CANARY-ORDER", "CANARY-WAYBILL", "CANARY-OUTBOX", MAIL, PHONE,
    "CANARY-CITY",
]  # fmt: skip


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_BACKEND = "complaints.channels.mailbox.LocalMailbox"


@pytest.fixture
def manager():
    return make_user("manager", shops=[make_merchant()])


@pytest.fixture
def agent():
    return make_user("agent")


@pytest.fixture
def customer():
    return make_customer(email=MAIL, phone=PHONE, name="CANARY-NAME", city="CANARY-CITY")


@pytest.fixture
def complaint(agent, customer):
    """A closed complaint that has left something everywhere where something can be left."""
    order = make_order(customer=customer, receiver_address="CANARY-STREET", buyer_note="CANARY-NOTE", receiver_name="CANARY-NAME")
    found = make_complaint(
        "closed", assignee=agent, order=order, subject="CANARY-SUBJECT", description="CANARY-WORDS", answers={"q": "CANARY-ANSWER"},
        order_text="CANARY-ORDER", order_snapshot={"total_fen": 9900, "waybills": ["CANARY-WAYBILL"], "lines": []},
        contact_name="CANARY-NAME", contact_phone=PHONE, contact_email=MAIL,
    )  # fmt: skip
    Message.objects.create(complaint=found, author_kind="human", author=agent, body="CANARY-REPLY")
    post_note(found, body="CANARY-INTERNAL", by=agent)
    attach(found, name="CANARY-FILE.jpg")
    Survey.objects.filter(complaint=found).update(comment="CANARY-COMMENT", score=2, delivered_at=found.closed_at)
    ReplyDraft.objects.create(agent=agent, complaint=found, kind="reply", body="CANARY-DRAFT")
    drafts.save_draft("token", {"filed": found.number, "description": "CANARY-WORDS"})
    found.outbox.update(error="CANARY-OUTBOX")
    drain_mail()
    return fresh(found)


@pytest.fixture
def approved(complaint, manager):
    request = ask_privacy(complaint, "erasure", words="CANARY-WISH", by=None)
    return decide_privacy(request, is_approved=True, by=manager)


def found_canaries() -> set[str]:
    kept = everything_kept()
    return {canary for canary in [*CANARIES, blind_index(MAIL, purpose="email"), blind_index(PHONE, purpose="phone")] if canary in kept}


def violations() -> list:
    return [broken for _rule, look in INVARIANTS.values() for broken in look(Evidence())[1]]


def test_nothing_of_the_person_is_left_anywhere(complaint, approved, django_capture_on_commit_callbacks):
    assert len(found_canaries()) == len(CANARIES) + 2

    with django_capture_on_commit_callbacks(execute=True):
        assert carry_out(approved, by=None) == [complaint.number]

    assert found_canaries() == set()


def test_the_chain_the_statistics_and_the_order_stay(complaint, approved):
    before = complaint.events.count()
    order = complaint.order

    carry_out(approved, by=None)

    row, order = fresh(complaint), Order.objects.get(pk=order.pk)
    assert violations() == []
    call_command("verify_events", verbosity=0)
    assert complaint.events.count() == before + 1
    assert (row.status, row.order_snapshot, order.total_fen) == ("closed", {"total_fen": 9900, "lines": []}, 9900)
    assert set(Survey.objects.filter(complaint=complaint).values_list("score", "comment")) == {(2, "")}
    assert not Event.objects.filter(complaint=complaint, payload__isnull=False).exists()


def test_others_keep_theirs(complaint, approved):
    berts = make_complaint(order=complaint.order, contact_email="bert@mail.example", description="BERT-WORDS")

    carry_out(approved, by=None)

    assert fresh(berts).description == "BERT-WORDS"
    assert fresh(berts).erased_at is None


def test_the_other_complaints_of_the_person_go_too(complaint, approved):
    other = make_complaint("withdrawn", contact_email=MAIL, description="CANARY-WORDS")

    assert carry_out(approved, by=None) == [complaint.number, other.number]

    assert fresh(other).erased_at is not None


def test_a_hold_stands_against_it_with_its_reason(complaint, approved, manager):
    place_hold(complaint, reason="诉讼中", by=manager)

    with pytest.raises(RefusedError) as refused:
        carry_out(approved, by=None)
    assert "诉讼中" in str(refused.value.reasons[0].text)
    assert fresh(complaint).erased_at is None

    lift_hold(complaint, by=manager)
    assert carry_out(approved, by=None) == [complaint.number]


def test_an_open_complaint_stands_against_it(complaint, approved):
    reopen_complaint(complaint, as_customer=True, reason="还没好")

    with pytest.raises(RefusedError) as refused:
        carry_out(approved, by=None)
    assert [reason.code for reason in refused.value.reasons] == ["open"]


def test_only_an_approved_erasure_is_carried_out(complaint):
    request = ask_privacy(complaint, "erasure", by=None)

    with pytest.raises(RefusedError):
        carry_out(request, by=None)
    assert fresh(complaint).erased_at is None


def test_a_manager_decides_and_an_administrator_carries_out(complaint, approved, manager, agent):
    for user in (manager, agent):
        with pytest.raises(NotAllowedError):
            carry_out(approved, by=user)

    admin = make_user("admin")
    carry_out(approved, by=admin)

    approved.refresh_from_db()
    assert (approved.status, approved.done_by, approved.decided_by) == ("done", admin, manager)


def test_an_erased_complaint_is_shown_calmly(complaint, approved, agent, visitor):
    visitor.get(f"/t/{make_link(complaint)}/")
    carry_out(approved, by=None)
    desk = Client()
    desk.force_login(agent)

    for page in (f"/c/{complaint.number}/", f"/c/{complaint.number}/privacy/"):
        answer = visitor.get(page)
        assert (answer.status_code, "内容已删除" in answer.content.decode()) == (200, True), page
    for page in ("", "print/", "customer/identity/", "customer/order/", "customer/complaints/", "chain/"):
        answer = desk.get(f"/admin/desk/c/{complaint.number}/{page}")
        assert answer.status_code == 200, page
    assert "内容已删除" in desk.get(f"/admin/desk/c/{complaint.number}/").content.decode()


def test_the_desk_says_that_it_was_erased_and_offers_nothing_to_write_or_to_do(complaint, approved, agent, visitor):
    desk = Client()
    desk.force_login(agent)
    address = f"/admin/desk/c/{complaint.number}/"
    before = desk.get(address)
    carry_out(approved, by=None)

    page = desk.get(address)

    assert ["composer" in shown.content.decode() for shown in (before, page)] == [True, False]
    assert "work__end" in page.content.decode()
    acts = page.context["acts"]
    assert acts["blocked"] and all(reason.code == "erased" for offered in acts["blocked"] for reason in offered.reasons)
    assert [acts[group] for group in ("front", "open", "label", "more")] == [[], [], [], []]


def test_nobody_acts_on_an_erased_complaint(complaint, approved, agent, visitor):
    visitor.get(f"/t/{make_link(complaint)}/")
    carry_out(approved, by=None)

    assert visitor.post(f"/c/{complaint.number}/reopen/", {"body": "还没好"}).status_code == 404
    assert visitor.post(f"/c/{complaint.number}/reply/", {"body": "还没好"}).status_code == 404
    with pytest.raises(RefusedError):
        reopen_complaint(fresh(complaint), by=agent, reason="客户来电", expected_version=None)
    with pytest.raises(RefusedError):
        post_note(fresh(complaint), body="客户又来电", by=agent)
    assert not Message.objects.filter(body__contains="客户又来电").exists()


def test_an_erased_result_still_closes_by_itself(agent, manager):
    complaint = make_complaint("resolved", assignee=agent)
    carry_out(decide_privacy(ask_privacy(complaint, "erasure", by=None), is_approved=True, by=manager), by=None)
    Complaint.objects.filter(pk=complaint.pk).update(timer_at=timezone.now() - timedelta(seconds=1))

    assert run_timers() == 1

    assert fresh(complaint).status == "closed"


def test_the_customers_links_end_after_a_while(complaint, approved):
    make_link(complaint)

    carry_out(approved, by=None)

    assert all(link.expires_at <= timezone.now() + LINKS_FOR for link in complaint.secret_links.all())


def test_a_sync_brings_nothing_back(complaint, approved, customer):
    carry_out(approved, by=None)
    person = Row(customer.external_id, {"name": "CANARY-NAME", "phone": PHONE, "email": MAIL, "city": "CANARY-CITY"})
    order = OrderRow(
        complaint.order.external_id, {"receiver_name": "CANARY-NAME", "buyer_note": "CANARY-NOTE", "status": "delivered"}, person
    )

    upsert_customers(make_merchant(), [person])
    upsert_orders(make_merchant(), [order])

    row, customer = Order.objects.get(pk=complaint.order_id), Customer.objects.get(pk=customer.pk)
    assert (row.status, row.receiver_name, row.buyer_note) == ("delivered", "", "")
    assert (customer.name, customer.phone, customer.email_index, customer.city) == ("", "", "", "")


def test_an_order_placed_afterwards_has_its_receiver(complaint, approved, customer):
    carry_out(approved, by=None)
    later = timezone.now() + timedelta(days=1)
    new = OrderRow("new", {"placed_at": later, "receiver_name": "陈新"}, Row(customer.external_id, {}))

    for _twice in range(2):
        upsert_orders(make_merchant(), [new])

    assert Order.objects.get(external_id="new").receiver_name == "陈新"


def test_the_list_names_nobody_and_is_replayed_after_a_restore(complaint, approved, customer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        carry_out(approved, by=None)
    assert [(each.complaints, each.customers) for each in read_erasures()] == [((complaint.number,), (customer.pk,))]

    # What a restored backup would bring back.
    Complaint.objects.filter(pk=complaint.pk).update(erased_at=None, description="CANARY-WORDS", contact_email=MAIL)
    Customer.objects.filter(pk=customer.pk).update(erased_at=None, name="CANARY-NAME")

    assert replay_erasures() == [complaint.number]
    assert found_canaries() == set()
    assert replay_erasures() == []


def test_a_line_that_was_cut_short_is_passed_over(complaint, approved):
    carry_out(approved, by=None)
    with list_path().open("a", encoding="utf-8") as target:
        target.write('{"at": "2026')

    assert len(list(read_erasures())) == 1


def test_the_commands_carry_out_and_replay(complaint, approved, capsys):
    call_command("erase", "--dry-run")
    assert fresh(complaint).erased_at is None

    call_command("erase")
    call_command("replay_erasures")

    printed = capsys.readouterr().out
    assert f"{approved.pk}: erased {complaint.number}" in printed
    assert "0 complaints erased again" in printed


def test_the_command_says_what_stands_against_it(complaint, approved, manager, capsys):
    place_hold(complaint, reason="诉讼中", by=manager)

    with pytest.raises(CommandError):
        call_command("erase", str(approved.pk))

    assert "诉讼中" in capsys.readouterr().err


def test_erasing_twice_changes_nothing(complaint, approved):
    carry_out(approved, by=None)
    before = kinds(complaint)

    with pytest.raises(RefusedError):
        carry_out(PrivacyRequest.objects.get(pk=approved.pk), by=None)

    assert kinds(complaint) == before


def test_the_words_of_a_wish_are_encrypted(complaint):
    ask_privacy(complaint, "correction", words="CANARY-WISH", wanted={"contact_name": "CANARY-NAME"}, by=None)

    assert "CANARY-WISH" not in rows_as_stored()
    assert json.loads(PrivacyRequest.objects.get().wanted) == {"contact_name": "CANARY-NAME"}


def test_what_a_lead_was_to_look_at_waits_no_longer(complaint, approved):
    FollowUp.objects.create(complaint=complaint, kind="low_score", role="lead", due_at=timezone.now())

    carry_out(approved, by=None)

    assert FollowUp.objects.get(complaint=complaint, kind="low_score").outcome == "cancelled"
