"""Two matters in one complaint: the chosen messages become a complaint of their own."""

import pytest

from complaints.access import thread_of
from complaints.lifecycle import Status
from complaints.models import Complaint, Message
from complaints.services import merge_complaints, post_customer_message, post_note, post_reply, retract_message, split_complaint
from foundation.events import find_break
from foundation.exceptions import NotAllowedError, RefusedError
from tests.complaints.builders import codes, fresh, kinds, make_file, nodes
from tests.factories import make_category, make_complaint, make_order, make_team, make_user

pytestmark = pytest.mark.django_db
ANY = {"expected_version": None}


def two_matters(**overrides) -> tuple[Complaint, Message]:
    """A complaint about a parcel in which the customer then asks for an invoice."""
    complaint = make_complaint(**overrides)
    return complaint, post_customer_message(complaint, body="另外，发票开错了。")


def split(complaint: Complaint, *messages: Message, by=None, **overrides) -> Complaint:
    asked = {"category": make_category("service.invoice"), "by": by or make_user(), **ANY, **overrides}
    return split_complaint(complaint, messages=[each.pk for each in messages], **asked)


def test_the_new_complaint_has_the_customer_the_order_and_the_words():
    complaint, asked = two_matters(order=make_order())

    part = split(complaint, asked, subject="发票抬头")

    assert (part.category.code, part.subject, part.description) == ("service.invoice", "发票抬头", "另外，发票开错了。")
    assert (part.customer, part.order, part.contact_phone) == (complaint.customer, complaint.order, complaint.contact_phone)
    assert (part.status, part.origin, part.needs_reply) == (Status.NEW, Complaint.Origin.AGENT, True)
    assert nodes(part) == ["acknowledged"]


def test_messages_are_copied_with_author_and_time_and_nothing_leaves_the_old_thread():
    agent = make_user()
    complaint, asked = two_matters(assignee=agent)
    note = post_note(complaint, body="会计在查。", by=agent)
    before = list(thread_of(complaint, is_staff=True))

    part = split(complaint, asked, note, by=agent)

    copies = list(thread_of(part, is_staff=True))
    assert [(each.body, each.created_at, each.author, each.kind) for each in copies] == [
        (asked.body, asked.created_at, None, "public"),
        (note.body, note.created_at, agent, "note"),
    ]
    assert list(thread_of(complaint, is_staff=True)) == before


def test_a_copied_answer_does_not_count_as_an_answer_to_the_new_complaint():
    agent = make_user()
    complaint, asked = two_matters(assignee=agent)
    reply = post_reply(complaint, body="发票我去查。", by=agent, **ANY)
    Message.objects.filter(pk=reply.pk).update(leaves_at=None)

    part = fresh(split(complaint, asked, reply, by=agent))

    assert (part.first_reply_at, part.needs_reply) == (None, True)
    assert kinds(part).count("message.posted") == 1


def test_both_chains_name_the_other_and_every_copy_its_origin():
    complaint, asked = two_matters()

    part = split(complaint, asked)

    pairs = [[asked.pk, part.messages.get().pk]]
    assert codes(complaint, "complaint.split") == {"role": "source", "other": part.pk, "number": part.number, "messages": pairs}
    assert codes(part, "complaint.split") == {"role": "part", "other": complaint.pk, "number": complaint.number, "messages": pairs}
    assert part.links.get().target == complaint
    for each in (fresh(complaint), fresh(part)):
        assert find_break(each.events.order_by("seq"), head_seq=each.head_seq, head_hash=each.head_hash) is None


def test_files_come_along_under_a_name_of_their_own():
    complaint = make_complaint()
    file = make_file(path="a" * 32)
    asked = post_customer_message(complaint, body="照片", attachments=[file.pk])

    part = split(complaint, asked)

    copy = part.attachments.get()
    assert (copy.path, copy.sha256, copy.message) == (file.path, file.sha256, part.messages.get())
    assert copy.key != file.key
    assert codes(part, "evidence.added")["files"][0]["sha256"] == file.sha256


def test_messages_of_a_joined_complaint_can_be_chosen():
    agent, child = make_user(), make_complaint(description="第二件")
    survivor = make_complaint()
    merge_complaints(child, into=survivor, by=agent, **ANY)

    assert split(survivor, child.messages.get(), by=agent).description == "第二件"


def test_splitting_twice_with_one_request_is_one_complaint():
    agent = make_user()
    complaint, asked = two_matters()

    first = split(complaint, asked, by=agent, request_id="s1")
    again = split(complaint, asked, by=agent, request_id="s1")

    assert (again, Complaint.objects.count()) == (first, 2)


def test_a_customer_must_have_said_something_of_it():
    agent = make_user()
    complaint, _asked = two_matters(assignee=agent)

    with pytest.raises(RefusedError) as refusal:
        split(complaint, post_note(complaint, body="内部", by=agent), by=agent)

    assert [reason.code for reason in refusal.value.reasons] == ["no_customer"]


def test_foreign_and_taken_back_messages_are_refused():
    agent = make_user()
    complaint, asked = two_matters(assignee=agent)
    foreign = make_complaint().messages.get()
    taken_back = post_reply(complaint, body="写错了", by=agent, **ANY)
    retract_message(taken_back, by=agent)

    for other in (foreign, taken_back):
        with pytest.raises(RefusedError) as refusal:
            split(complaint, asked, other, by=agent)
        assert [reason.code for reason in refusal.value.reasons] == ["message_gone"]
    assert Complaint.objects.count() == 2


def test_a_reply_that_can_still_be_taken_back_stays_where_it_is():
    agent = make_user()
    complaint, asked = two_matters(assignee=agent)
    unsent = post_reply(complaint, body="马上查", by=agent, **ANY)

    with pytest.raises(RefusedError):
        split(complaint, asked, unsent, by=agent)


def test_it_must_be_visible():
    complaint, asked = two_matters()

    with pytest.raises(NotAllowedError):
        split(complaint, asked, by=make_user(teams=[make_team("quality")]))
