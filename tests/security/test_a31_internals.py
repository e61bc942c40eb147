"""What is said inside the house stays there: no page, mail or answer for a customer or a plain token shows it."""

import pytest
from django.core import mail

from complaints.channels.relay import drain_mail
from complaints.services import post_note, post_reply, retract_message
from orders.models import ApiToken
from tests.api.machine import Machine
from tests.complaints.builders import later
from tests.factories import make_complaint
from tests.security.house import House
from tests.security.routes import every_route
from tests.security.visitors import read_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
NOTE, STAFF_MAIL, TAKEN_BACK, REASON = "canary-note-7f3a", "canary-staff@shop.example", "canary-retracted-1b", "canary-reason-55"


@pytest.fixture
def house():
    house = House()
    agent = house.users["agent"]
    type(agent).objects.filter(pk=agent.pk).update(email=STAFF_MAIL, username="canary-login")
    post_note(house.own, body=NOTE, by=agent)
    retract_message(post_reply(house.own, body=TAKEN_BACK, by=agent, expected_version=None), by=agent)
    house.hidden = house.attach(house.own, is_internal=True)
    type(house.own).objects.filter(pk=house.own.pk).update(liability={"canary-party": 100}, reason_code="canary.code")
    return house


def test_pages_of_the_customer_hold_no_internals(house):
    canaries = (NOTE, STAFF_MAIL, "canary-login", TAKEN_BACK, "canary-party", "canary.code", house.hidden.key, house.hidden.sha256)
    leaks = {}

    with later(minutes=5):
        for route in every_route():
            answer = house.client("customer").get(route.path(house))
            page = read_all(answer).decode("utf-8", "replace") + str(answer.headers)
            if found := [canary for canary in canaries if canary in page]:
                leaks[route.key] = found

    assert leaks == {}


def test_an_internal_file_is_no_file_for_the_customer(house):
    assert house.client("customer").get(f"/files/{house.hidden.key}/").status_code == 404


def test_a_token_without_notes_reads_no_internals(house):
    reader = Machine(ApiToken.Scope.COMPLAINTS_READ)
    own = f"complaints/{house.own.number}"

    shown = b"".join(read_all(reader.get(path)) for path in ("complaints/", f"{own}/", f"{own}/messages/", f"{own}/attachments/")).decode()

    assert [canary for canary in (NOTE, STAFF_MAIL, "canary-login", TAKEN_BACK, house.hidden.key) if canary in shown] == []
    assert reader.get(f"attachments/{house.hidden.key}/").status_code == 404


def test_an_administrator_of_the_configuration_sees_no_customer(house):
    personal = (house.own.contact_phone, house.own.contact_email, house.own.customer.phone, house.own.description)

    pages = "".join(
        read_all(house.client("admin").get(route.path(house))).decode("utf-8", "replace")
        for route in every_route()
        if route.name.startswith("admin") and "mailbox" not in route.name
    )

    assert [canary for canary in personal if canary in pages] == []


def test_staff_pages_show_contacts_masked_until_they_are_revealed(house):
    personal = (house.own.contact_phone, house.own.contact_email, house.own.order.receiver_phone, house.own.customer.email)

    pages = "".join(
        read_all(house.client("manager").get(route.path(house))).decode("utf-8", "replace")
        for route in every_route()
        if route.name.startswith("admin:desk")
    )

    assert [canary for canary in personal if canary in pages] == []


def test_mails_hold_no_internals(house, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with later(minutes=5):
        drain_mail()

    texts = "".join(letter.message().as_string() + letter.body for letter in mail.outbox)

    assert mail.outbox
    assert [canary for canary in (NOTE, STAFF_MAIL, TAKEN_BACK, "canary-login") if canary in texts] == []


def test_a_complaint_of_the_same_order_is_not_shown_to_another_customer(house):
    other = make_complaint(order=house.own.order, description="canary-other-words")

    pages = "".join(read_all(house.client("customer").get(path)).decode() for path in ("/", f"/c/{house.own.number}/", "/file/"))

    assert other.number not in pages
    assert "canary-other-words" not in pages
