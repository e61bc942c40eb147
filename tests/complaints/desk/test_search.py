"""Search and palette: found by what people hold in their hands, within what the person may see."""

import pytest

from foundation.crypto import blind_index
from orders.models import Shipment
from tests.factories import make_category, make_complaint, make_customer, make_merchant, make_order, make_team, make_user

pytestmark = pytest.mark.django_db


def found(response) -> list[str]:
    return [row.number for row in response.context["rows"]]


def two_complaints(**overrides):
    """Two that search alike, so that the result is a list and no redirect."""
    return [make_complaint(**overrides), make_complaint(**overrides)]


@pytest.mark.parametrize("typed", ["{}", "{}  ", "c{digits}", "Ｃ{digits}"])
def test_a_number_leads_straight_to_its_complaint(desk, url, typed):
    complaint = make_complaint()
    text = typed.format(complaint.number, digits=complaint.number[1:])

    response = desk.get(url("search"), {"q": text})

    assert response.headers["Location"] == url("complaint", complaint.number)


def test_search_finds_by_order_waybill_phone_and_mail(desk, url):
    customer = make_customer(phone="13900001111", email="seek@mail.example")
    order = make_order(customer=customer, number="QH777")
    Shipment.objects.create(order=order, external_id="1", waybill="SF777")
    both = {each.number for each in two_complaints(order=order, contact_phone="13900001111", contact_email="seek@mail.example")}

    for text in ("QH777", "sf 777", "139 0000 1111", "SEEK@mail.example"):
        assert set(found(desk.get(url("search"), {"q": text}))) == both, text


def test_search_never_leaves_the_own_teams(desk, url):
    foreign = make_category("service.attitude", team=make_team("quality"))
    complaints = two_complaints(category=foreign)

    by_number = desk.get(url("search"), {"q": complaints[0].number})
    by_phone = desk.get(url("search"), {"q": "13800001234"})

    assert found(by_number) == [] and found(by_phone) == []


def test_search_by_phone_shows_own_rows_among_foreign_ones(desk, url):
    foreign = make_category("service.attitude", team=make_team("quality"))
    make_complaint(category=foreign)
    mine = {each.number for each in two_complaints()}

    assert set(found(desk.get(url("search"), {"q": "13800001234"}))) == mine


@pytest.mark.parametrize("text", ["", "   ", "%", "'; drop table", "\x00", "1" * 500, "@", "包裹"])
def test_odd_text_finds_nothing_and_breaks_nothing(desk, url, text):
    make_complaint()

    response = desk.get(url("search"), {"q": text})

    assert response.status_code == 200 and found(response) == []


def test_orders_of_another_shop_lead_nowhere(desk, agent, url):
    other = make_merchant("other", name="别家")
    order = make_order(customer=make_customer(merchant=other), number="OTHER1")
    two_complaints(order=order)

    assert found(desk.get(url("search"), {"q": "OTHER1"})) == []


def test_the_palette_offers_views_people_and_complaints(desk, agent, url):
    complaint = make_complaint()
    make_user(name="林晓")

    people = desk.get(url("palette"), {"q": "林"}).content.decode()
    hits = desk.get(url("palette"), {"q": complaint.number}).content.decode()

    assert "林晓" in people and complaint.number in hits


def test_the_palette_hides_people_of_other_teams(desk, url):
    make_user(name="林晓", teams=[make_team("quality")])

    assert "林晓" not in desk.get(url("palette"), {"q": "林"}).content.decode()


def test_blind_indexes_of_search_equal_those_of_filing():
    complaint = make_complaint(contact_email="Seek@Mail.example")

    assert complaint.contact_email_index == blind_index("seek@mail.example", purpose="email")
