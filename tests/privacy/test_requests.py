"""Wishes about personal data: who may ask, who decides, and what follows."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from complaints.channels.relay import drain_mail
from complaints.intake.links import make_link
from complaints.models import Hold, PrivacyRequest
from complaints.privacy.holds import lift_hold, place_hold
from complaints.privacy.requests import ask_privacy, decide_privacy
from complaints.timing import PROOF_FOR
from foundation.crypto import blind_index
from foundation.exceptions import NotAllowedError, RefusedError
from tests.complaints.builders import fresh, kinds
from tests.factories import make_complaint, make_merchant, make_user
from tests.privacy.letters import newest_letter


@pytest.fixture
def complaint():
    return make_complaint("open", assignee=make_user("agent"), contact_email="old@mail.example")


@pytest.fixture
def manager():
    return make_user("manager", shops=[make_merchant()])


def log_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def prove(visitor, complaint):
    token = make_link(complaint, lifetime=PROOF_FOR, purpose="privacy", contact_index=complaint.contact_email_index)
    visitor.get(f"/t/{token}/privacy/")


def test_a_customer_with_proof_asks_on_the_page(visitor, complaint):
    prove(visitor, complaint)

    answer = visitor.post(f"/c/{complaint.number}/privacy/ask/", {"kind": "erasure", "words": "请删除", "request_id": "r1"})
    visitor.post(f"/c/{complaint.number}/privacy/ask/", {"kind": "erasure", "words": "请删除", "request_id": "r1"})

    request = PrivacyRequest.objects.get()
    assert answer.headers["Location"] == f"/c/{complaint.number}/privacy/?done=asked"
    assert (request.kind, request.status, request.words, request.asked_by) == ("erasure", "waiting", "请删除", None)
    assert kinds(complaint)[-1] == "privacy.asked"


def test_what_cannot_be_kept_is_said_at_its_field_and_nothing_is_lost(visitor, complaint):
    prove(visitor, complaint)

    answer = visitor.post(f"/c/{complaint.number}/privacy/ask/", {"kind": "correction", "email": "no address", "words": "姓氏错了"})

    assert answer.status_code == 422
    assert "姓氏错了" in answer.content.decode() and "no address" in answer.content.decode()
    assert not PrivacyRequest.objects.exists()


def test_the_same_wish_is_not_asked_twice(visitor, complaint):
    prove(visitor, complaint)
    ask_privacy(complaint, "erasure", by=None)

    answer = visitor.post(f"/c/{complaint.number}/privacy/ask/", {"kind": "erasure"})

    assert answer.status_code == 409
    assert PrivacyRequest.objects.count() == 1


def test_a_correction_says_something(visitor, complaint):
    with pytest.raises(RefusedError):
        ask_privacy(complaint, "correction", by=None)


def test_an_approved_correction_changes_the_contact_and_ends_the_old_links(complaint, manager, mailoutbox):
    make_link(complaint)
    wanted = {"contact_name": "李小满", "contact_phone": "139 8888 0000", "contact_email": "New@mail.example"}
    request = ask_privacy(complaint, "correction", wanted=wanted, by=None)

    decide_privacy(request, is_approved=True, by=manager)

    row = fresh(complaint)
    assert (row.contact_name, row.contact_email, row.is_proven) == ("李小满", "New@mail.example", False)
    assert row.contact_email_index == blind_index("new@mail.example", purpose="email")
    assert row.contact_phone_index == blind_index("13988880000", purpose="phone")
    assert row.secret_links.filter(revoked_at__isnull=True).count() == 0
    request.refresh_from_db()
    assert (request.status, request.decided_by) == ("done", manager)
    drain_mail()
    assert {to for mail in mailoutbox for to in mail.to} == {"New@mail.example"}


def test_a_refusal_needs_its_reason_and_the_customer_reads_it(complaint, manager, mailoutbox):
    request = ask_privacy(complaint, "erasure", by=None)
    drain_mail()

    with pytest.raises(RefusedError):
        decide_privacy(request, is_approved=False, by=manager)
    decide_privacy(request, is_approved=False, answer="交易记录须依法保存", by=manager)

    drain_mail()
    assert "交易记录须依法保存" in newest_letter(mailoutbox)
    request.refresh_from_db()
    assert request.status == "declined"


def test_nobody_decides_twice(complaint, manager):
    request = ask_privacy(complaint, "erasure", by=None)
    decide_privacy(request, is_approved=True, by=manager)

    with pytest.raises(RefusedError):
        decide_privacy(request, is_approved=False, answer="不", by=manager)


@pytest.mark.parametrize("role", ["agent", "lead", "admin", "finance", "warehouse"])
def test_only_managers_decide(complaint, role):
    request = ask_privacy(complaint, "erasure", by=None)

    with pytest.raises(NotAllowedError):
        decide_privacy(request, is_approved=True, by=make_user(role))


def test_a_manager_of_another_shop_neither_sees_nor_decides(complaint):
    request = ask_privacy(complaint, "erasure", by=None)
    rival = make_user("manager", shops=[make_merchant("other", name="别家")])

    assert complaint.number not in log_in(rival).get("/admin/privacy/").content.decode()
    assert log_in(rival).post(f"/admin/privacy/{request.pk}/decide/", {"verdict": "approve"}).status_code == 404


def test_the_list_shows_a_manager_masked_words_and_an_administrator_none(complaint, manager):
    ask_privacy(complaint, "correction", words="电话是 13912345678", wanted={"contact_email": "secret@mail.example"}, by=None)

    to_manager = log_in(manager).get("/admin/privacy/").content.decode()
    to_admin = log_in(make_user("admin")).get("/admin/privacy/").content.decode()

    assert "电话是" in to_manager and complaint.number in to_manager and complaint.number in to_admin
    assert "电话是" not in to_admin
    assert [each for each in ("13912345678", "secret@mail.example") if each in to_manager + to_admin] == []


def test_the_pages_lead_from_the_wish_to_the_erasure(manager):
    agent, admin = make_user("agent"), make_user("admin")
    complaint = make_complaint("closed", assignee=agent)
    page = f"/admin/desk/c/{complaint.number}/privacy/"
    assert log_in(agent).post(f"{page}ask/", {"wish": "erasure", "words": "电话里要求", "request_id": "a"}).status_code == 303
    request = PrivacyRequest.objects.get()

    assert log_in(manager).post(f"/admin/privacy/{request.pk}/decide/", {"verdict": "approve"}).status_code == 303
    assert log_in(manager).post(f"/admin/privacy/{request.pk}/run/").status_code == 403
    assert log_in(admin).post(f"/admin/privacy/{request.pk}/run/").status_code == 303

    assert fresh(complaint).erased_at is not None
    assert log_in(agent).get(page).status_code == 200


def test_what_stands_against_an_erasure_is_said_on_the_list(complaint, manager):
    request = decide_privacy(ask_privacy(complaint, "erasure", by=None), is_approved=True, by=manager)

    answer = log_in(make_user("admin")).post(f"/admin/privacy/{request.pk}/run/")

    assert answer.status_code == 409
    assert complaint.number in answer.content.decode()


def test_staff_place_a_hold_and_a_manager_lifts_it(complaint, manager):
    lead = make_user("lead")
    address = f"/admin/desk/c/{complaint.number}/hold/"

    assert log_in(lead).post(address, {"reason": ""}).status_code == 422
    assert log_in(lead).post(address, {"reason": "诉讼中"}).status_code == 303
    assert log_in(lead).post(f"{address}lift/").status_code == 403
    assert log_in(manager).post(f"{address}lift/").status_code == 303

    hold = Hold.objects.get()
    assert (hold.placed_by, hold.lifted_by) == (lead, manager)
    assert kinds(complaint)[-2:] == ["hold.placed", "hold.lifted"]


def test_a_complaint_is_held_once_at_a_time(complaint, manager):
    place_hold(complaint, reason="诉讼中", by=manager)
    with pytest.raises(RefusedError):
        place_hold(complaint, reason="再一次", by=manager)

    lift_hold(complaint, by=manager)
    with pytest.raises(RefusedError):
        lift_hold(complaint, by=manager)


def test_the_list_asks_the_same_number_of_questions_for_one_and_for_three(manager):
    client, counts = log_in(manager), []
    for rows in (1, 2):
        for _each in range(rows):
            ask_privacy(make_complaint(), "erasure", words="请删除", by=None)
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/privacy/")
        counts.append(len(queries))

    assert counts[0] == counts[1]
