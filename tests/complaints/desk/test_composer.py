"""Replies, notes, drafts, canned replies, files, taking back, and two people writing at once."""

import base64

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from complaints.desk.forms import is_other_language
from complaints.desk.snapshot import snapshot
from complaints.models import Attachment, Complaint, Macro, Message, ReplyDraft
from complaints.services import post_customer_message, post_note, set_priority
from knowledge.models import CannedReply
from tests.factories import make_complaint, make_order, make_user

pytestmark = pytest.mark.django_db
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


@pytest.fixture
def complaint(agent):
    return make_complaint("open", assignee=agent, order=make_order(number="QH888"))


def letter(complaint, **fields) -> dict:
    newest = complaint.messages.order_by("-id").first()
    return {
        "body": "我们明天补发，单号会发给您。",
        "then": "",
        "expected_version": complaint.version,
        "request_id": "r1",
        "seen": newest.pk if newest else 0,
        "snapshot": snapshot(complaint),
        **fields,
    }


def replies(complaint) -> list[str]:
    rows = complaint.messages.filter(author_kind="human", kind="public", retracted_at=None)
    return list(rows.order_by("pk").values_list("body", flat=True))


def test_a_reply_is_sent_and_its_draft_forgotten(desk, agent, complaint, url):
    ReplyDraft.objects.create(agent=agent, complaint=complaint, kind="reply", body="我们明天")

    response = desk.post(url("reply", complaint.number), letter(complaint))

    assert response.status_code == 303
    assert replies(complaint)[-1] == "我们明天补发，单号会发给您。"
    assert not ReplyDraft.objects.exists()


def test_a_reply_costs_few_queries(desk, complaint, url, django_assert_max_num_queries):
    desk.get(url("complaint", complaint.number))

    with django_assert_max_num_queries(22):
        desk.post(url("reply", complaint.number), letter(complaint))


def test_a_double_press_sends_one_reply(desk, complaint, url):
    fields = letter(complaint)

    for _each in range(2):
        desk.post(url("reply", complaint.number), fields)

    assert replies(complaint).count("我们明天补发，单号会发给您。") == 1


def test_sending_and_asking_waits_for_the_customer(desk, complaint, url):
    desk.post(url("reply", complaint.number), letter(complaint, then="ask_customer"))

    assert Complaint.objects.get(pk=complaint.pk).status == "waiting_customer"


def test_sending_and_resolving_needs_a_reason_and_keeps_the_text(desk, complaint, url):
    refused = desk.post(url("reply", complaint.number), letter(complaint, then="resolve"))
    done = desk.post(
        url("reply", complaint.number), letter(complaint, then="resolve", reason_code="logistics.stalled", liability="carrier")
    )

    assert refused.status_code == 422 and "我们明天补发" in refused.content.decode()
    assert done.status_code == 303 and Complaint.objects.get(pk=complaint.pk).status == "resolved"


def test_sending_and_next_opens_the_next_one_where_the_reply_can_be_taken_back(desk, agent, complaint, url):
    other = make_complaint("open", assignee=agent)
    Complaint.objects.filter(pk=other.pk).update(due_at=complaint.due_at + timezone.timedelta(minutes=1))

    response = desk.post(url("reply", complaint.number) + "?view=mine", letter(complaint, then="next"))
    page = desk.get(response.headers["Location"])

    assert other.number in response.headers["Location"]
    assert url("take-back", complaint.number, page.context["sent"].pk) in page.content.decode()


def test_sending_the_last_one_leads_back_to_the_list(desk, complaint, url):
    plain = desk.post(url("reply", complaint.number) + "?view=mine", letter(complaint, then="next"))

    assert plain.headers["Location"].startswith(url("queue"))


def test_the_way_of_sending_is_remembered(desk, complaint, url):
    desk.post(url("reply", complaint.number), letter(complaint, then="ask_customer"))

    assert desk.get(url("complaint", complaint.number)).context["composer"]["send"] == "ask_customer"


def test_an_empty_reply_is_asked_for_again(desk, complaint, url):
    assert desk.post(url("reply", complaint.number), letter(complaint, body="  ")).status_code == 409
    assert len(replies(complaint)) == 1


def test_an_open_name_blocks_sending(desk, complaint, url):
    response = desk.post(url("reply", complaint.number), letter(complaint, body="单号是 {waybill}，请查收。"))

    assert response.status_code == 422 and "{waybill}" in response.content.decode()
    assert len(replies(complaint)) == 1


def test_another_language_asks_once(desk, agent, url):
    complaint = make_complaint("open", assignee=agent, language="en", description="Where is my parcel? Nothing moved.")

    first = desk.post(url("reply", complaint.number), letter(complaint, body="您好，我们明天为您补发，请放心等待。"))
    second = desk.post(url("reply", complaint.number), letter(complaint, body="您好，我们明天为您补发，请放心等待。", language_ok="1"))

    assert first.status_code == 422 and 'name="language_ok"' in first.content.decode()
    assert second.status_code == 303


@pytest.mark.parametrize(
    ("body", "language", "expected"),
    [
        ("您好，我们明天为您补发，请放心等待。", "en", True),
        ("We send it again tomorrow.", "zh-hans", True),
        ("您好，单号 SF1234567890123，请查收。", "zh-hans", False),
        ("Dear 李小满, we send it again tomorrow.", "en", False),
        ("OK", "zh-hans", False),
    ],
)
def test_other_language_is_judged_by_letters(body, language, expected):
    assert is_other_language(body, language) is expected


def test_a_new_message_of_the_customer_asks_once_before_sending(desk, complaint, url):
    fields = letter(complaint)
    post_customer_message(complaint, body="不用补发了，我要退款")

    first = desk.post(url("reply", complaint.number), fields)
    page = first.content.decode()
    again = {**fields, "confirm": "1", "expected_version": first.context["complaint"].version}
    second = desk.post(url("reply", complaint.number), again)

    assert first.status_code == 409 and "不用补发了" in page and "我们明天补发" in page and 'name="confirm"' in page
    assert len(replies(complaint)) == 2 and second.status_code == 303


def test_a_colleagues_note_counts_as_new(desk, complaint, url):
    fields = letter(complaint)
    post_note(complaint, body="别发，客户已改主意", by=make_user())

    assert desk.post(url("reply", complaint.number), fields).status_code == 409
    assert len(replies(complaint)) == 1


def test_a_change_under_the_reply_shows_what_changed(desk, complaint, url):
    fields = letter(complaint)
    set_priority(complaint, priority=3, by=make_user(), expected_version=None)

    response = desk.post(url("reply", complaint.number), fields)

    assert response.status_code == 409
    assert [change.title for change in response.context["composer"]["changes"]] and len(replies(complaint)) == 1


def test_two_replies_at_one_version_send_exactly_one(desk, complaint, agent, url):
    colleague = make_user()
    mine, theirs = letter(complaint), letter(complaint, body="我来处理，请稍等。", request_id="r2")

    first = desk.post(url("reply", complaint.number), mine)
    desk.login_as(colleague)
    second = desk.post(url("reply", complaint.number), theirs)

    assert (first.status_code, second.status_code) == (303, 409)
    assert len(replies(complaint)) == 2


def test_a_note_stays_inside(desk, complaint, url):
    response = desk.post(url("note", complaint.number), {"body": "仓库说明天发", "request_id": "n1"})

    note = complaint.messages.get(kind="note")
    assert response.status_code == 303 and note.leaves_at is None and complaint.outbox.filter(message=note).count() == 0


def test_an_empty_note_is_asked_for_again(desk, complaint, url):
    assert desk.post(url("note", complaint.number), {"body": " ", "request_id": "n1"}).status_code == 422


@pytest.mark.parametrize("kind", ["reply", "note"])
def test_a_draft_is_there_on_the_next_device(desk, complaint, url, kind):
    desk.post(url("draft", complaint.number), {"kind": kind, "body": "写了一"})
    desk.post(url("draft", complaint.number), {"kind": kind, "body": "写了一半"})

    assert desk.get(url("complaint", complaint.number)).context["composer"]["draft"][kind] == "写了一半"


def test_an_emptied_draft_is_forgotten(desk, complaint, url):
    desk.post(url("draft", complaint.number), {"kind": "reply", "body": "x"})
    desk.post(url("draft", complaint.number), {"kind": "reply", "body": ""})

    assert not ReplyDraft.objects.exists()


def test_drafts_of_colleagues_are_not_shown(desk, complaint, url):
    desk.post(url("draft", complaint.number), {"kind": "reply", "body": "我的"})
    desk.login_as(make_user())

    assert "我的" not in desk.get(url("complaint", complaint.number)).content.decode()


def test_a_draft_of_an_unknown_kind_is_not_found(desk, complaint, url):
    assert desk.post(url("draft", complaint.number), {"kind": "x", "body": "x"}).status_code == 404


def test_a_reply_is_taken_back_and_its_text_returns(desk, agent, complaint, url):
    desk.post(url("reply", complaint.number), letter(complaint))
    message = complaint.messages.filter(author=agent).order_by("-id").first()

    response = desk.post(url("take-back", complaint.number, message.pk))

    message.refresh_from_db()
    assert response.status_code == 303 and message.retracted_at is not None
    assert desk.get(url("complaint", complaint.number)).context["composer"]["draft"]["reply"] == message.body


def test_a_reply_that_has_left_cannot_be_taken_back(desk, agent, complaint, url):
    message = complaint.messages.filter(author=agent).first()
    Message.objects.filter(pk=message.pk).update(leaves_at=timezone.now() - timezone.timedelta(seconds=1))

    assert desk.post(url("take-back", complaint.number, message.pk)).status_code == 409
    message.refresh_from_db()
    assert message.retracted_at is None


def test_a_message_of_another_complaint_cannot_be_taken_back_through_this_one(desk, agent, complaint, url):
    other = make_complaint("open", assignee=agent)
    message = other.messages.filter(author=agent).get()

    assert desk.post(url("take-back", complaint.number, message.pk)).status_code == 404


def test_a_colleagues_reply_cannot_be_taken_back(desk, complaint, url):
    message = complaint.messages.filter(author_kind="human").get()
    desk.login_as(make_user())

    assert desk.post(url("take-back", complaint.number, message.pk)).status_code == 404


def make_reply(code="refund", **fields) -> CannedReply:
    texts = {
        "title_zh": "退款进度",
        "title_en": "Refund",
        "body_zh": "{customer}，订单 {order} 已退 {waybill}",
        "body_en": "Dear {customer}",
    }
    return CannedReply.objects.create(code=code, initials="tkjd", **{**texts, **fields})


def test_canned_replies_come_with_real_values_and_name_what_is_missing(desk, agent, complaint, url):
    make_reply()

    found = desk.get(url("replies", complaint.number), {"q": "tk"}).json()["replies"]

    assert found[0]["text"] == "李小满，订单 QH888 已退 {waybill}" and found[0]["missing"] == ["waybill"]


def test_canned_replies_are_in_the_customers_language(desk, agent, url):
    make_reply()
    complaint = make_complaint("open", assignee=agent, language="en")

    assert desk.get(url("replies", complaint.number), {"q": "tk"}).json()["replies"][0]["text"] == "Dear 李小满"


def test_a_value_that_looks_like_a_name_is_not_filled_again(desk, agent, url):
    make_reply(body_zh="{customer}您好")
    complaint = make_complaint("open", assignee=agent, contact_name="{number}")

    assert desk.get(url("replies", complaint.number), {"q": "tk"}).json()["replies"][0]["text"] == "{number}您好"


def test_a_sent_canned_reply_is_noted(desk, agent, complaint, url):
    desk.post(url("reply", complaint.number), letter(complaint, canned_reply=["empathy-delay", "refund"]))

    assert complaint.messages.order_by("-id").first().canned_codes == ["empathy-delay", "refund"]


def test_a_macro_is_offered_with_its_acts_and_carries_out_those_that_are_left(desk, agent, complaint, url):
    actions = [{"act": "set_priority", "value": 2}, {"act": "add_tag", "value": "催件"}]
    Macro.objects.create(code="urge", name_zh="催件", name_en="Chase", body_zh="已加急", body_en="Chased", actions=actions, initials="cj")

    offer = desk.get(url("replies", complaint.number), {"q": "cj"}).json()["replies"][0]
    desk.post(url("reply", complaint.number), letter(complaint, action=[offer["actions"][1]["key"]]))

    complaint.refresh_from_db()
    assert [each["label"] for each in offer["actions"]]
    assert complaint.priority == 1 and [tag.name for tag in complaint.tags.all()] == ["催件"]


@pytest.mark.parametrize("action", ["status:closed", "delete:1", "set_team:nowhere", "", "set_priority:x", "set_priority:9"])
def test_an_act_that_no_macro_knows_is_refused_whole(desk, complaint, url, action):
    response = desk.post(url("reply", complaint.number), letter(complaint, action=[action]))

    assert response.status_code == 409 and len(replies(complaint)) == 1


def test_a_picture_is_uploaded_shown_to_its_writer_only_and_sent(desk, agent, complaint, url, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    key = desk.post(url("file-add", complaint.number), {"file": SimpleUploadedFile("a.png", PNG, "image/png")}).json()["id"]
    seen_by_writer = desk.get(url("file", complaint.number, key, "preview"))
    desk.login_as(make_user())
    seen_by_other = desk.get(url("file", complaint.number, key, "preview")).status_code

    desk.login_as(agent)
    desk.post(url("reply", complaint.number), letter(complaint, attachments=[key]))

    file = Attachment.objects.get(key=key)
    assert seen_by_writer.headers["Content-Type"] == "image/jpeg" and "sandbox" in seen_by_writer.headers["Content-Security-Policy"]
    assert seen_by_writer.getvalue().startswith(b"\xff\xd8")
    assert seen_by_other == 404
    assert file.complaint == complaint and file.message.body == "我们明天补发，单号会发给您。" and not file.is_internal


def test_a_file_that_comes_with_the_form_needs_no_script(desk, complaint, url, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    desk.post(url("reply", complaint.number), letter(complaint, files=SimpleUploadedFile("a.png", PNG, "image/png")))

    assert complaint.attachments.get().message.body == "我们明天补发，单号会发给您。"


def test_a_file_that_is_refused_keeps_the_text(desk, complaint, url, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    response = desk.post(url("reply", complaint.number), letter(complaint, files=SimpleUploadedFile("a.exe", b"MZ", "image/png")))

    assert response.status_code == 422 and "我们明天补发" in response.content.decode() and len(replies(complaint)) == 1


def test_a_foreign_upload_cannot_be_sent(desk, agent, complaint, url, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    key = desk.post(url("file-add", complaint.number), {"file": SimpleUploadedFile("a.png", PNG, "image/png")}).json()["id"]
    desk.login_as(make_user())

    desk.post(url("reply", complaint.number), letter(complaint, attachments=[key]))

    assert Attachment.objects.get(key=key).complaint is None
