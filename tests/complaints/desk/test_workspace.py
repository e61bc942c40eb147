"""The workspace: what it shows, to whom, its acts, and two people at once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLog
from complaints.desk.acts import ACTS
from complaints.desk.snapshot import snapshot
from complaints.models import Complaint, Event, Form, Message
from complaints.services import post_customer_message, post_note, set_priority
from orders.models import Carrier, Shipment, ShipmentEvent
from tests.factories import make_category, make_complaint, make_customer, make_merchant, make_order, make_team, make_user

pytestmark = pytest.mark.django_db


def foreign_complaint() -> Complaint:
    return make_complaint(category=make_category("service.attitude", team=make_team("quality")))


def act_answers(complaint, **answers) -> dict:
    return {"expected_version": complaint.version, "request_id": "one", "seen": snapshot(complaint), **answers}


EVERY_GET = [
    ("complaint",), ("decisions",), ("chain",), ("print",), ("replies",), ("neighbour", "next"), ("neighbour", "previous"),
    *(("customer", key) for key in ("order", "identity", "orders", "complaints", "notes")),
    *(("act", name) for name in ACTS),
    ("reveal", "complaint", "contact_phone"),
]  # fmt: skip
EVERY_POST = [
    ("reply",), ("note",), ("draft",), ("take-back", 1), ("file-add",), ("file-remove", "a" * 32), ("pulse",), ("leave",), ("bind",),
    ("claim",), ("act", "resolve"), ("reveal", "complaint", "contact_phone"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "rest"), [(name, rest) for name, *rest in EVERY_GET])
def test_pages_of_another_teams_complaint_are_not_found(desk, url, name, rest):
    assert desk.get(url(name, foreign_complaint().number, *rest)).status_code == 404


@pytest.mark.parametrize(("name", "rest"), [(name, rest) for name, *rest in EVERY_POST])
def test_acts_on_another_teams_complaint_are_not_found_and_change_nothing(desk, url, name, rest):
    complaint = foreign_complaint()

    response = desk.post(url(name, complaint.number, *rest), {"expected_version": complaint.version, "body": "x", "kind": "reply"})

    assert response.status_code == 404
    assert Complaint.objects.get(pk=complaint.pk).version == complaint.version


@pytest.mark.parametrize("name", ["complaint", "decisions", "chain", "print"])
def test_an_unknown_number_is_not_found(desk, url, name):
    assert desk.get(url(name, "C000000000000000")).status_code == 404


@pytest.mark.parametrize(("name", "rest"), [(name, rest) for name, *rest in EVERY_GET if name != "neighbour"])
def test_looking_changes_nothing(desk, agent, url, name, rest):
    complaint = make_complaint("open", assignee=agent, order=make_order())
    before = (Complaint.objects.get(pk=complaint.pk).version, Event.objects.count(), Message.objects.count(), AccessLog.objects.count())

    response = desk.get(url(name, complaint.number, *rest))

    assert response.status_code == 200
    assert (
        Complaint.objects.get(pk=complaint.pk).version,
        Event.objects.count(),
        Message.objects.count(),
        AccessLog.objects.count(),
    ) == before


def test_the_thread_shows_messages_notes_and_recorded_events(desk, agent, url):
    complaint = make_complaint("open", assignee=agent)
    post_note(complaint, body="仓库明天补发", by=agent)

    page = desk.get(url("complaint", complaint.number))

    kinds = [item.kind for item in page.context["thread"].items if item.template == "message"]
    assert kinds == ["customer", "team", "note"]
    assert page.context["thread"].chain == "holds"


def test_a_changed_record_is_shown_as_broken(desk, agent, url):
    complaint = make_complaint("open", assignee=agent)
    Complaint.objects.filter(pk=complaint.pk).update(head_seq=complaint.head_seq + 1)

    assert desk.get(url("complaint", complaint.number)).context["thread"].chain == "broken"
    assert desk.get(url("chain", complaint.number)).context["chain"] == "broken"


def test_a_customers_markup_is_text(desk, url):
    complaint = make_complaint(description="<script>alert(1)</script> **重** [x](javascript:alert(1)) <b hx-get='/x'>")

    page = desk.get(url("complaint", complaint.number)).content.decode()

    assert "<script>alert" not in page and "&lt;script&gt;" in page and "<strong>重" not in page and "<b hx-get" not in page


def test_answers_of_the_form_stand_in_words(desk, url):
    category = make_category()
    option = {"code": "signed", "zh": "已签收", "en": "Yes, I accepted it"}
    Form.objects.filter(category=category).update(
        fields=[{"key": "signed", "type": "choice", "label_zh": "包裹签收了吗", "label_en": "Accepted?", "options": [option]}]
    )
    complaint = make_complaint(category=category, answers={"signed": "signed"})

    assert desk.get(url("complaint", complaint.number)).context["answers"] == [("包裹签收了吗", "已签收")]


def test_query_count_is_the_same_with_one_message_and_many(desk, agent, url, django_assert_num_queries):
    complaint = make_complaint("open", assignee=agent, order=make_order())
    address = url("complaint", complaint.number)
    post_customer_message(complaint, body="催")
    desk.get(address)
    with CaptureQueriesContext(connection) as queries:
        desk.get(address)
    counted = len(queries.captured_queries)
    for number in range(4):
        post_note(complaint, body=f"第 {number} 条", by=agent)
        post_customer_message(complaint, body=f"催 {number}")

    with django_assert_num_queries(counted):
        desk.get(address)

    assert counted <= 12


def test_a_long_thread_shows_the_newest_and_leads_to_the_rest(desk, agent, url, monkeypatch):
    monkeypatch.setattr("complaints.desk.thread.MOST_MESSAGES", 2)
    complaint = make_complaint()
    notes = [post_note(complaint, body=f"第 {number} 条", by=agent) for number in range(4)]

    newest = desk.get(url("complaint", complaint.number)).context["thread"]
    earlier = desk.get(url("complaint", complaint.number), {"before": newest.earlier}).context["thread"]

    assert [item.id for item in newest.items if item.template == "message"] == [notes[2].pk, notes[3].pk]
    assert [item.id for item in earlier.items if item.template == "message"] == [notes[0].pk, notes[1].pk]


def test_only_verbs_that_are_open_are_offered_and_blocked_ones_say_why(desk, agent, url):
    complaint = make_complaint()

    acts = desk.get(url("complaint", complaint.number)).context["acts"]

    assert "resolve" not in {each.act.name for group in acts.values() for each in group}
    blocked = {each.act.name: each.reasons for each in acts["blocked"]}
    assert blocked["begin"][0].text


def test_an_agent_is_not_offered_what_leads_do(desk, lead, url):
    complaint = make_complaint()

    def offered():
        return {each.act.name for group in desk.get(url("complaint", complaint.number)).context["acts"].values() for each in group}

    by_agent = offered()
    desk.login_as(lead)

    assert "assign" not in by_agent and "assign" in offered()


@pytest.mark.parametrize(
    ("name", "answers", "expected"),
    [
        ("priority", {"priority": 3}, {"priority": 3}),
        ("snooze", {"until": "2099-01-01T10:00", "reason": "x"}, None),
        ("hand_over", {"department": "warehouse", "owner": "小陈", "expected_on": "2099-01-01"}, {"status": "waiting_internal"}),
        ("resolve", {"resolution": "已补发", "reason_code": "logistics.stalled", "liability": "carrier"}, {"status": "resolved"}),
        ("escalate", {"reason": "客户要求主管"}, {"status": "open"}),
        ("withdraw", {"reason": "客户来电要求撤回"}, {"status": "withdrawn"}),
        ("call", {"summary": "已致电", "is_reached": "on"}, {"status": "open"}),
        ("release", {"reason": ""}, {"assignee": None}),
    ],
)
def test_an_act_carries_out_its_verb(desk, agent, url, name, answers, expected):
    complaint = make_complaint("open", assignee=agent)

    response = desk.post(url("act", complaint.number, name), act_answers(complaint, **answers))

    complaint.refresh_from_db()
    if expected is None:
        assert response.status_code == 409
    else:
        assert response.status_code == 303, response.content.decode()
        assert {field: getattr(complaint, field) for field in expected} == expected


def test_tags_are_replaced_by_what_is_typed(desk, agent, url):
    complaint = make_complaint("open", assignee=agent)

    desk.post(url("act", complaint.number, "tags"), act_answers(complaint, names="大促，补发、 媒体 , "))

    assert {tag.name for tag in complaint.tags.all()} == {"大促", "补发", "媒体"}


def test_an_act_without_its_answers_is_asked_for_again_with_what_was_typed(desk, agent, url):
    complaint = make_complaint("open", assignee=agent)

    response = desk.post(url("act", complaint.number, "resolve"), act_answers(complaint, resolution="已经补发了"))

    assert response.status_code == 422 and "已经补发了" in response.content.decode()
    assert Complaint.objects.get(pk=complaint.pk).status == "open"


def test_an_act_on_an_old_version_shows_both_versions_and_keeps_mine_on_the_second_try(desk, agent, url):
    complaint = make_complaint("open", assignee=agent)
    mine = act_answers(complaint, priority=0)
    set_priority(complaint, priority=3, by=make_user(), expected_version=None)

    first = desk.post(url("act", complaint.number, "priority"), mine)
    form = first.context["form"]
    second = desk.post(url("act", complaint.number, "priority"), {**mine, "expected_version": form["expected_version"].value()})

    assert first.status_code == 409
    labels = (str(Complaint.Priority.NORMAL.label), str(Complaint.Priority.URGENT.label))
    assert [(each.seen, each.current) for each in first.context["changes"]] == [labels]
    assert second.status_code == 303 and Complaint.objects.get(pk=complaint.pk).priority == 0


def test_the_same_act_sent_twice_is_one_act(desk, agent, url):
    complaint = make_complaint("open", assignee=agent)
    answers = act_answers(complaint, summary="打过电话", is_reached="on")

    for _each in range(2):
        assert desk.post(url("act", complaint.number, "call"), answers).status_code == 303

    assert complaint.messages.filter(body="打过电话").count() == 1


def test_fields_that_the_form_does_not_have_are_ignored(desk, agent, url):
    complaint = make_complaint("open", assignee=agent)

    desk.post(
        url("act", complaint.number, "priority"),
        act_answers(complaint, priority=2, status="closed", team=99, due_at="2099-01-01", number="X"),
    )

    fresh = Complaint.objects.get(pk=complaint.pk)
    assert (fresh.status, fresh.team_id, fresh.number) == ("open", complaint.team_id, complaint.number)


def test_a_lead_assigns_to_a_member(desk, lead, agent, url):
    complaint = make_complaint()
    desk.login_as(lead)

    response = desk.post(url("act", complaint.number, "assign"), act_answers(complaint, to=agent.pk, reason="他熟"))

    assert response.status_code == 303 and Complaint.objects.get(pk=complaint.pk).assignee == agent


def test_merging_into_a_complaint_that_one_does_not_see_is_refused_at_the_field(desk, agent, url):
    complaint = make_complaint("open", assignee=agent)

    response = desk.post(url("act", complaint.number, "merge"), act_answers(complaint, into=foreign_complaint().number))

    assert response.status_code == 422 and "into" in response.context["form"].errors


def test_an_unknown_act_is_not_found(desk, url):
    assert desk.get(url("act", make_complaint().number, "delete")).status_code == 404


def test_the_order_shows_goods_parcel_and_payment_masked(desk, url):
    order = make_order(lines=2, number="QH555", receiver_phone="13700009999")
    carrier = Carrier.objects.create(code="sf", name_zh="顺丰", name_en="SF")
    shipment = Shipment.objects.create(order=order, external_id="1", waybill="SF555", carrier=carrier)
    ShipmentEvent.objects.create(shipment=shipment, at=timezone.now(), status="in_transit", text="到达杭州", digest="1")
    complaint = make_complaint(order=order)

    page = desk.get(url("customer", complaint.number, "order")).content.decode()

    assert all(words in page for words in ("QH555", "SF555", "顺丰", "到达杭州", "白茶 1 号", "¥198.00"))
    assert "13700009999" not in page and "137****9999" in page


@pytest.mark.parametrize("key", ["order", "identity", "orders", "complaints", "notes"])
def test_a_section_alone_is_a_small_fragment(desk, url, key):
    complaint = make_complaint(order=make_order(lines=3))

    fragment = desk.get(url("customer", complaint.number, key), headers={"HX-Request": "true"}).content

    assert b"<html" not in fragment and len(fragment) < 15 * 1024


def test_an_unmatched_complaint_is_bound_to_the_order_that_the_agent_finds(desk, url):
    complaint, order = make_complaint(), make_order(number="QH123456")

    offered = desk.get(url("customer", complaint.number, "order"), {"q": "QH123456"}).content.decode()
    response = desk.post(url("bind", complaint.number), {"order": order.pk, "expected_version": complaint.version, "request_id": "b"})

    assert "QH123456" in offered and response.status_code == 303
    assert Complaint.objects.get(pk=complaint.pk).order == order


def test_an_order_of_another_shop_cannot_be_bound(desk, url):
    complaint = make_complaint()
    foreign = make_order(customer=make_customer(merchant=make_merchant("other", name="别家")))

    assert desk.post(url("bind", complaint.number), {"order": foreign.pk, "expected_version": complaint.version}).status_code == 404
    assert Complaint.objects.get(pk=complaint.pk).order is None


def test_other_complaints_of_the_customer_stay_within_what_the_agent_sees(desk, url):
    order = make_order()
    complaint, near = make_complaint(order=order), make_complaint(order=order)
    far = make_complaint(order=order, category=make_category("service.attitude", team=make_team("quality")))

    page = desk.get(url("customer", complaint.number, "complaints")).content.decode()

    assert near.number in page and far.number not in page


def test_a_personal_field_is_shown_for_a_reason_that_is_written_down(desk, agent, url):
    complaint = make_complaint(contact_phone="13912345678")

    without = desk.post(url("reveal", complaint.number, "complaint", "contact_phone"), {"reason": ""})
    shown = desk.post(url("reveal", complaint.number, "complaint", "contact_phone"), {"reason": "客户请我回电"})

    assert without.status_code == 422 and "13912345678" not in without.content.decode()
    assert "13912345678" in shown.content.decode()
    assert AccessLog.objects.get().reason == "客户请我回电"


@pytest.mark.parametrize(("subject", "name"), [("complaint", "submission_digest"), ("order", "receiver_name"), ("user", "totp_secret")])
def test_nothing_else_can_be_revealed(desk, url, subject, name):
    complaint = make_complaint()

    assert desk.post(url("reveal", complaint.number, subject, name), {"reason": "要看"}).status_code == 404


def test_the_pulse_shows_who_else_is_there_and_what_is_new(desk, agent, url):
    complaint, colleague = make_complaint("open", assignee=agent), make_user(name="林晓")
    quiet = desk.post(url("pulse", complaint.number), {"seen": complaint.messages.last().pk, "version": complaint.version})
    post_customer_message(complaint, body="还在吗")
    desk.login_as(colleague)
    desk.post(url("pulse", complaint.number), {"mode": "typing"})

    desk.login_as(agent)
    told = desk.post(url("pulse", complaint.number), {"seen": complaint.messages.first().pk, "version": complaint.version})

    assert not quiet.context["newer"] and not quiet.context["is_changed"] and quiet.context["others"] == []
    assert told.context["newer"] and told.context["others"] == [("林晓", "typing")]
    assert "林晓" in desk.get(url("queue")).content.decode()


def test_leaving_is_seen_at_once(desk, agent, url):
    complaint, colleague = make_complaint("open", assignee=agent), make_user(name="林晓")
    desk.login_as(colleague)
    desk.get(url("complaint", complaint.number))
    desk.post(url("leave", complaint.number))

    desk.login_as(agent)
    assert desk.get(url("complaint", complaint.number)).context["others"] == []


def test_next_and_previous_walk_the_list(desk, agent, url):
    first, second = (make_complaint("open", assignee=agent) for _each in range(2))
    if (second.due_at, second.pk) < (first.due_at, first.pk):
        first, second = second, first

    after = desk.get(url("neighbour", first.number, "next"), {"view": "mine"})
    before = desk.get(url("neighbour", second.number, "previous"), {"view": "mine"})
    end = desk.get(url("neighbour", second.number, "next"), {"view": "mine"})

    assert second.number in after.headers["Location"] and first.number in before.headers["Location"]
    assert end.headers["Location"].startswith(reverse("admin:desk-queue"))


def test_for_htmx_the_workspace_comes_without_the_frame_and_the_customer_only_when_it_is_another(desk, agent, url):
    complaint = make_complaint("open", assignee=agent)
    address = url("complaint", complaint.number)

    new = desk.get(address, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/admin/desk/"})
    same = desk.get(address, headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{address}"})

    assert b"<html" not in new.content and b'id="context-body"' in new.content and b'id="context-body"' not in same.content
    assert len(new.content) < 60 * 1024
