"""Filing for a customer: looking things up keeps what was typed, and what is filed is marked as the agent's."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessLog
from complaints.desk import directory
from complaints.intake.catalogue import forget_catalogue
from complaints.models import Attachment, Category, Complaint, Form
from tests.factories import make_category, make_complaint, make_customer, make_merchant, make_order, make_team, make_user
from tests.foundation.pictures import picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _offer(db):
    """A category with a question, and the catalogue read anew."""
    make_merchant()
    category = make_category()
    question = {"key": "signed", "type": "text", "label_zh": "谁签收的", "label_en": "Who signed", "required": True}
    Form.objects.filter(category=category).update(fields=[question])
    forget_catalogue()
    yield
    forget_catalogue()


def said(**more) -> dict:
    """What the agent types while the customer talks."""
    words = {"channel": "phone", "category": "logistics.stalled", "wish": "reship", "description": "包裹不动了", "q_signed": "没有人"}
    return words | {"phone": "13900001111", "language": "zh-hans", "request_id": "n1", "step": "file"} | more


def test_what_is_filed_is_marked_as_the_agents(desk, agent, url):
    answer = desk.post(url("new"), said())

    filed = Complaint.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, url("complaint", filed.number))
    assert (filed.origin, filed.filed_by, filed.channel) == (Complaint.Origin.AGENT, agent, "phone")
    assert (filed.description, filed.answers, filed.contact_phone) == ("包裹不动了", {"signed": "没有人"}, "13900001111")
    assert filed.events.get(kind="complaint.filed").actor_id == agent.pk


def test_the_desk_says_who_filed_it(desk, agent, url):
    desk.post(url("new"), said())
    filed, own = Complaint.objects.get(), make_complaint()

    pages = [desk.get(url("customer", each.number, "identity")).content.decode() for each in (filed, own)]
    heads = [desk.get(url("complaint", each.number)).content.decode() for each in (filed, own)]

    assert [agent.name in page for page in pages] == [True, False]
    assert ["客服代为提交" in head for head in heads] == [True, False]


def test_the_customer_gets_the_receipt_like_any_other(desk, url):
    desk.post(url("new"), said(email="li@mail.example"))

    assert list(Complaint.objects.get().outbox.values_list("node", flat=True)) == ["acknowledged"]


def test_finding_an_order_keeps_what_was_typed_and_is_written_down(desk, agent, url):
    order = make_order(lines=2)

    page = desk.post(url("new"), said(q=order.number, step="find", description="说到一半"))

    text = page.content.decode()
    assert page.status_code == 200 and "说到一半" in text and f'value="order:{order.pk}" checked' in text
    assert order.receiver_phone not in text
    assert not Complaint.objects.exists()
    entry = AccessLog.objects.get()
    assert (entry.act, entry.actor, entry.subject_id) == ("search", agent, order.pk)


def test_the_order_brings_its_goods_and_its_contact(desk, url):
    order = make_order(lines=2)
    line = order.lines.first()

    desk.post(url("new"), said(about=f"order:{order.pk}", lines=[line.pk], phone=""))

    filed = Complaint.objects.get()
    assert (filed.order, filed.customer, filed.line_ids, filed.amount_fen) == (order, order.customer, [line.pk], line.paid_fen)
    assert filed.contact_phone == order.receiver_phone
    assert filed.order_snapshot["proof"] == "agent"


def test_a_customer_without_orders_is_found_by_phone(desk, url):
    customer = make_customer()

    page = desk.post(url("new"), said(q=customer.phone, step="find"))
    desk.post(url("new"), said(about=f"customer:{customer.pk}", phone=""))

    assert f'value="customer:{customer.pk}" checked' in page.content.decode()
    assert (Complaint.objects.get().customer, Complaint.objects.get().contact_email) == (customer, customer.email)


def test_nothing_found_says_so_and_files_what_was_named(desk, url):
    page = desk.post(url("new"), said(q="QH404", step="find"))
    desk.post(url("new"), said(q="QH404"))

    assert 'role="status"' in page.content.decode()
    assert (Complaint.objects.get().order, Complaint.objects.get().order_text) == (None, "QH404")


def test_choosing_a_category_shows_its_questions(desk, url):
    empty = desk.get(url("new")).content.decode()

    page = desk.post(url("new"), said(step="look"))

    assert "q_signed" not in empty and "q_signed" in page.content.decode()


@pytest.mark.parametrize(
    ("left_out", "place"), [("category", "id_category"), ("q_signed", "q_signed"), ("phone", "phone"), ("channel", "channel")]
)
def test_errors_stand_at_their_field_and_nothing_is_lost(desk, url, left_out, place):
    page = desk.post(url("new"), said(**{left_out: ""}))

    text = page.content.decode()
    assert page.status_code == 422 and "包裹不动了" in text and 'id="error-summary"' in text
    assert f'href="#{place.removeprefix("id_")}' in text
    assert not Complaint.objects.exists()


def test_a_possible_twin_is_shown_once_and_linked_when_filed_anyway(desk, url):
    first = make_complaint(contact_phone="13900001111")

    asked = desk.post(url("new"), said())
    desk.post(url("new"), said(step="anyway"))

    assert asked.status_code == 409 and first.number in asked.content.decode()
    assert Complaint.objects.exclude(pk=first.pk).get().links.get().target == first


def test_a_twin_that_the_agent_may_not_see_is_not_named(desk, url):
    hidden = make_complaint(contact_phone="13900001111")
    Complaint.objects.filter(pk=hidden.pk).update(team=make_team("quality"))

    assert desk.post(url("new"), said()).status_code == 303


def test_files_are_kept_while_the_page_asks_again(desk, agent, url):
    photo = SimpleUploadedFile("photo.jpg", picture("JPEG"), content_type="image/jpeg")
    desk.post(url("new"), said(step="look", evidence=photo))
    kept = Attachment.objects.get(uploaded_by=agent, complaint=None)

    desk.post(url("new"), said(attachments=[kept.key]))

    assert Complaint.objects.get().attachments.get().pk == kept.pk


def test_another_for_the_same_customer_begins_with_order_and_contact(desk, url):
    order = make_order()
    beside = make_complaint(order=order, contact_phone="13700002222")

    page = desk.get(url("new"), {"beside": beside.number}).content.decode()
    desk.post(url("new"), said(beside=beside.number, phone="", step="anyway"))

    assert f'value="order:{order.pk}" checked' in page and "13700002222" not in page
    filed = Complaint.objects.exclude(pk=beside.pk).get()
    assert (filed.order, filed.contact_phone) == (order, "13700002222")


def test_orders_and_complaints_of_others_do_not_exist(desk, url):
    foreign = make_order(customer=make_customer(merchant=make_merchant("other", name="别家")))
    hidden = make_complaint(contact_phone="13700002222")
    Complaint.objects.filter(pk=hidden.pk).update(team=make_team("quality"))

    found = desk.post(url("new"), said(q=foreign.number, step="find")).content.decode()
    chosen = desk.post(url("new"), said(about=f"order:{foreign.pk}"))
    beside = desk.post(url("new"), said(beside=hidden.number, phone=""))

    assert f"order:{foreign.pk}" not in found
    assert (chosen.status_code, beside.status_code, Complaint.objects.count()) == (422, 422, 1)


def test_sent_twice_it_is_one_complaint(desk, url):
    desk.post(url("new"), said())
    desk.post(url("new"), said(step="anyway"))

    assert Complaint.objects.count() == 1


def test_a_complaint_for_another_team_leads_back_to_the_queue(desk, url):
    make_category("service.attitude", team=make_team("quality", name_zh="质检组", name_en="Quality"))
    forget_catalogue()

    answer = desk.post(url("new"), said(category="service.attitude"))

    assert (answer.status_code, answer["Location"]) == (303, url("queue"))
    assert Complaint.objects.get().number in desk.get(url("queue")).content.decode()


def test_a_closed_category_is_refused_at_its_field(desk, url):
    Category.objects.update(is_active=False)
    make_category("service.other")
    forget_catalogue()
    directory.forget()

    assert desk.post(url("new"), said()).status_code == 422


@pytest.mark.parametrize("role", ["warehouse", "finance", "admin"])
def test_only_the_desk_files_for_customers(desk, url, role):
    desk.login_as(make_user(role))

    assert desk.get(url("new")).status_code == desk.post(url("new"), said()).status_code == 403


def test_the_queue_the_palette_and_the_customer_panel_lead_here(desk, url):
    complaint = make_complaint()

    assert url("new") in desk.get(url("queue")).content.decode()
    assert url("new") in desk.get(url("palette")).content.decode()
    assert f"{url('new')}?beside={complaint.number}" in desk.get(url("customer", complaint.number, "identity")).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_orders_found(desk, url):
    customer, counts = make_customer(), []
    desk.post(url("new"), said(q="QH404", step="find"))

    for more in (1, 2):
        for _each in range(more):
            make_order(customer=customer)
        with CaptureQueriesContext(connection) as asked:
            desk.post(url("new"), said(q=customer.phone, step="find", about=f"customer:{customer.pk}"))
        counts.append(len(asked))

    # One order is chosen at once, which costs its goods; several are only offered.
    assert counts[1] <= counts[0]
