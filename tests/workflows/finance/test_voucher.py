"""One refund on a sheet of paper."""

import pytest
from django.urls import reverse

from tests.factories import make_merchant, make_user
from tests.workflows.desk.test_pages import browse
from tests.workflows.house import granted, make_house, refund_of
from workflows.services.refunds import authorise_refund

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return make_house(quantity=1)


@pytest.fixture
def refund(house):
    return refund_of(granted(house))


def read(user, refund, **kinds) -> str:
    return browse(user, **kinds).get(reverse("admin:refund-print", args=[refund.out_refund_no])).content.decode()


def test_the_sheet_says_what_who_and_how_it_was_booked(house, refund):
    authorise_refund(refund, proposal_hash=refund.proposal_hash, by=house.finance)

    page = read(house.finance, refund)

    for each in (
        refund.out_refund_no,
        "¥99.00",
        refund.case.number,
        house.agent.name,
        house.finance.name,
        refund.proposal_hash,
        "Authorise",
    ):
        assert each in page
    assert "Nothing was booked yet." in page
    assert house.complaint.contact_name not in page


def test_it_is_no_proof_of_payment_before_it_is_paid(house, refund):
    waiting = read(house.finance, refund)
    type(refund).objects.filter(pk=refund.pk).update(state="succeeded", auto_rule=refund.case.policy, auto_limit_fen=9900)

    assert "it is not paid out" in waiting
    assert "it is not paid out" not in read(house.finance, refund)


def test_the_page_of_the_refund_leads_there(house, refund):
    page = browse(house.finance).get(reverse("admin:refund", args=[refund.out_refund_no])).content.decode()

    assert reverse("admin:refund-print", args=[refund.out_refund_no]) in page


def test_only_finance_of_the_shop_prints(house, refund):
    url = reverse("admin:refund-print", args=[refund.out_refund_no])
    stranger = make_user("finance", shops=[make_merchant("elsewhere")])

    assert [browse(each).get(url).status_code for each in (house.agent, house.manager, stranger)] == [403, 403, 404]


def test_the_sheet_is_chinese(house, refund):
    page = read(house.finance, refund, language="zh-hans")

    assert "退款凭证" in page
    for word in ("Refund voucher", "Printed by", "Ledger", "Prepared by", "Account"):
        assert word not in page
