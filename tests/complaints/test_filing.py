"""Filing: one transaction, few statements, nothing twice."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from complaints.models import Complaint, Draft, Link
from complaints.numbers import parse_number
from complaints.services import file_complaint
from foundation.exceptions import NotAllowedError, RefusedError
from tests.complaints.builders import codes, kinds, make_file, nodes
from tests.factories import make_category, make_complaint, make_customer, make_filing, make_order, make_user

pytestmark = pytest.mark.django_db


def test_filing_writes_everything_that_the_complaint_needs():
    order = make_order(lines=2)
    category = make_category(promise_hours=12)

    complaint = file_complaint(make_filing(order=order, category=category, line_ids=[order.lines.first().pk]))

    assert parse_number(complaint.number) == complaint.number
    assert complaint.promise_at == complaint.due_at == complaint.filed_at + timedelta(hours=12)
    assert complaint.unanswered_since == complaint.filed_at
    assert complaint.messages.get().body == "包裹三天没有更新了。"
    assert kinds(complaint) == ["complaint.filed", "message.posted", "clock.started", "clock.started"]
    assert nodes(complaint) == ["acknowledged"]
    assert complaint.assignment_requests.get().state == "waiting"


def test_filing_costs_few_statements(django_assert_max_num_queries):
    filing = make_filing(order=make_order(), token="once")

    with django_assert_max_num_queries(10):
        file_complaint(filing)


def test_the_chain_keeps_codes_for_the_figures_and_nothing_personal():
    order = make_order()

    complaint = file_complaint(make_filing(order=order, contact_name="欧阳小满", contact_phone="13912345678"))

    filed = codes(complaint, "complaint.filed")
    assert (filed["channel"], filed["origin"], filed["order"], filed["category"]) == ("web", "customer", order.pk, "logistics.stalled")
    assert not {"欧阳小满", "13912345678"} & {str(value) for value in filed.values()}


def test_one_token_files_one_complaint():
    filing = make_filing(token="t-1")

    assert file_complaint(filing).pk == file_complaint(filing).pk
    assert Complaint.objects.count() == 1


def test_the_same_token_of_another_person_is_another_complaint():
    filing = make_filing(token="t-1")

    assert file_complaint(filing).pk != file_complaint(filing, by=make_user()).pk


def test_files_of_the_draft_come_along_with_their_hashes():
    draft = Draft.objects.create(digest="d", expires_at=timezone.now() + timedelta(days=7))
    file = make_file(draft=draft)

    complaint = file_complaint(make_filing(draft=draft, description=""))

    file.refresh_from_db()
    assert (file.draft_id, file.complaint_id, file.message_id) == (None, complaint.pk, complaint.messages.get().pk)
    assert codes(complaint, "evidence.added") == {"files": [{"id": file.pk, "sha256": file.sha256, "size": 1000}]}


def test_files_of_another_draft_are_refused():
    mine, theirs = (Draft.objects.create(digest=name, expires_at=timezone.now()) for name in "ab")
    file = make_file(draft=theirs)

    with pytest.raises(RefusedError):
        file_complaint(make_filing(draft=mine, attachments=[file.pk]))

    assert Complaint.objects.count() == 0


def test_neither_words_nor_files_is_no_complaint():
    with pytest.raises(RefusedError) as refusal:
        file_complaint(make_filing(description="  "))

    assert [reason.code for reason in refusal.value.reasons] == ["empty"]


def test_a_closed_category_takes_nothing_new():
    with pytest.raises(RefusedError):
        file_complaint(make_filing(category=make_category("service.old", is_active=False)))


def test_filing_for_a_customer_needs_the_right_and_is_marked():
    agent = make_user()

    complaint = file_complaint(make_filing(origin="agent", channel="phone"), by=agent)

    assert (complaint.filed_by, complaint.origin) == (agent, "agent")
    with pytest.raises(NotAllowedError):
        file_complaint(make_filing(), by=make_user("warehouse"))


def test_a_vip_is_at_least_high():
    complaint = file_complaint(make_filing(customer=make_customer(tier="vip")))

    assert complaint.priority == Complaint.Priority.HIGH
    assert complaint.assignment_requests.get().band == 3


def test_the_urgent_rank_before_those_who_came_at_the_same_time():
    calm = file_complaint(make_filing()).assignment_requests.get()
    urgent = file_complaint(make_filing(category=make_category("service.privacy", priority=3))).assignment_requests.get()

    assert urgent.rank_at < calm.rank_at


def test_a_possible_duplicate_is_linked_never_merged():
    first = make_complaint()

    second = file_complaint(make_filing(duplicate_of=first))

    assert second.status == "new"
    assert list(second.links.values_list("target", "kind")) == [(first.pk, Link.Kind.DUPLICATE)]


def test_without_an_address_nothing_is_put_into_the_outbox():
    assert nodes(file_complaint(make_filing(contact_email=""))) == []


def test_a_long_first_line_becomes_a_short_subject():
    assert file_complaint(make_filing(description="长" * 200 + "\n第二行")).subject == "长" * 79 + "…"


@pytest.mark.parametrize(
    ("channel", "hours_ago", "counted"), [("mail", 5, 5), ("mail", 100, 72), ("mail", -3, 0), ("wechat", 100, 72), ("phone", 100, 100)]
)
def test_a_mail_is_believed_about_when_it_was_sent_for_three_days(channel, hours_ago, counted):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        complaint = make_complaint(channel=channel, filed_at=now - timedelta(hours=hours_ago))

    filed = complaint.events.get(kind="complaint.filed")
    assert (complaint.filed_at, filed.at) == (now - timedelta(hours=counted),) * 2
