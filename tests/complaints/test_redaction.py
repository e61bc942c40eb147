"""The words of a complaint without the people in it."""

import pytest

from complaints.redaction import answers_of_cycle, question_of, without_people
from complaints.services import post_customer_message, post_reply, reopen_complaint
from orders.models import Shipment
from tests.factories import make_complaint, make_customer, make_merchant, make_order, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def complaint():
    receiver = {"receiver_name": "赵大海", "receiver_address": "杭州市西湖区文三路88号3幢"}
    order = make_order(customer=make_customer(name="欧阳小满"), number="QH20261122", **receiver)
    Shipment.objects.create(order=order, external_id="1", waybill="SF1234567890")
    return make_complaint(order=order, contact_name="李小满", contact_phone="13912345678", contact_email="man@mail.example")


def test_what_the_house_knows_of_them_goes(complaint):
    said = "李小满、赵先生和欧阳女士：QH2026 1122 由 SF1234567890 送到西湖区文三路88号，致电 139-1234-5678 或 man@mail.example"

    (text,), taken = without_people(complaint, said, mark=lambda kind: "#")

    assert text == "#、#和#：# 由 # 送到#，致电 # 或 #"
    assert sum(taken.values()) == 8


def test_names_of_colleagues_who_wrote_go_too(complaint):
    agent = make_user(name="林悦", shops=[make_merchant()])
    post_reply(complaint, body="您好", by=agent, expected_version=None)

    assert without_people(complaint, "我是林悦", mark=lambda kind: "#")[0] == ["我是#"]


def test_its_number_goes_too(complaint):
    assert complaint.number not in without_people(complaint, f"见 {complaint.number}")[0][0]


def test_signs_are_in_the_language_of_the_complaint(complaint):
    complaint.language = "en"

    assert without_people(complaint, "call 13912345678")[0] == ["call 〔phone number〕"]


@pytest.mark.parametrize(
    ("subject", "question"),
    [
        ("包裹十天没动了！急。", "包裹十天没动了！"),
        ("您好，我叫李小满，退款没到", "我叫 ，退款没到"),
        ("电话13912345678：退款没到", "电话 ：退款没到"),
        ("13912345678", ""),
    ],
)
def test_the_question_is_one_line_of_the_customers_words(subject, question, complaint):
    complaint.subject = subject

    assert question_of(complaint) == question


def test_a_complaint_filed_by_an_agent_asks_with_the_customers_first_message(complaint):
    complaint.origin, complaint.subject = "agent", "VIP 客户催单"
    first = complaint.messages.order_by("id").first()
    first.body = "你好，快递怎么还没到？我要退货。"
    first.save(update_fields=["body"])

    assert question_of(complaint) == "快递怎么还没到？"


def test_only_answers_of_people_since_the_last_reopening_count():
    agent = make_user(shops=[make_merchant()])
    complaint = make_complaint("resolved", assignee=agent)
    reopen_complaint(complaint, by=None, as_customer=True, reason="又坏了")
    complaint.refresh_from_db()
    post_customer_message(complaint, body="还是不行")
    post_reply(complaint, body="这次换新", by=agent, expected_version=None)

    assert answers_of_cycle(complaint) == ["这次换新"]


@pytest.mark.parametrize("orders", [0, 1])
def test_what_is_known_costs_few_queries(orders, complaint, django_assert_max_num_queries):
    complaint = type(complaint).objects.select_related("order", "customer").get(pk=complaint.pk)

    with django_assert_max_num_queries(2):
        without_people(complaint, "李小满", "赵大海")
