"""The forms as a weapon: mail to somebody who asked for none, with words of the sender's choice, or in masses."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from complaints.channels.relay import drain_mail
from complaints.intake.links import make_link
from complaints.models import Complaint, Outbox
from tests.security.house import House
from tests.security.visitors import file_complaint, open_draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
VICTIM = "victim@mail.example"
WORDS = "BUY-NOW https://evil.example/offer"
# What one hour may bring to an address that nobody has proven, whatever strangers do.
MOST_AN_HOUR = 5


def file_for_victim(house: House) -> tuple:
    """A stranger's complaint that names the victim; returns the stranger's browser and the complaint."""
    client = house.client("anonymous")
    open_draft(client, description=WORDS)
    filed = file_complaint(client, email=VICTIM, name="BUY-NOW evil.example")
    return client, Complaint.objects.get(number=filed.headers["Location"].strip("/").rpartition("/")[2])


def send_all() -> list:
    """Let everything leave that waits, and return what the victim got."""
    Outbox.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    drain_mail()
    return [each for each in mail.outbox if VICTIM in each.recipients()]


def test_many_forms_that_name_one_address_are_one_mail():
    house = House()
    for _time in range(12):
        file_for_victim(house)

    sent = send_all()

    assert len(sent) == 1


def press(client, complaint: Complaint, verb: str) -> list:
    """Press a button of the tracker and let its mail leave; returns everything that the victim has got."""
    client.post(f"/c/{complaint.number}/{verb}/", {"body": WORDS, "request_id": verb + str(complaint.head_seq)})
    complaint.refresh_from_db()
    return send_all()


def test_no_button_of_a_stranger_sends_masses_of_mail_to_an_address_that_is_not_proven():
    house = House()
    for _time in range(4):
        client, complaint = file_for_victim(house)
        for _again in range(4):
            for verb in ("withdraw", "resume", "escalate", "send"):
                press(client, complaint, verb)
            client.post(f"/c/{complaint.number}/privacy/link/", {"request_id": "p"})
            client.post("/link/", {"number": complaint.number, "contact": VICTIM})

    assert 0 < len(send_all()) <= MOST_AN_HOUR
    assert Outbox.objects.count() > 5 * MOST_AN_HOUR


def test_no_mail_that_a_stranger_causes_holds_the_strangers_words():
    house = House()
    client, complaint = file_for_victim(house)
    for verb in ("escalate", "send", "withdraw", "resume"):
        press(client, complaint, verb)
    client.post(f"/c/{complaint.number}/reply/", {"body": WORDS, "request_id": "reply"})

    sent = send_all()

    texts = [str(each.message()) + "".join(part for part, _kind in each.alternatives) + each.body + each.subject for each in sent]
    assert len(texts) > 2
    assert [text for text in texts if "BUY-NOW" in text or "evil.example" in text] == []


def test_a_proven_customer_gets_every_mail():
    house = House()
    client, complaint = file_for_victim(house)
    send_all()
    client.get(link_in(mail.outbox[-1].body))

    got = [len(press(client, complaint, verb)) for verb in ("withdraw", "resume") * 4]

    assert got == list(range(2, 10))


def link_in(text: str) -> str:
    return next(word for word in text.split() if "/t/" in word).partition("//")[2].partition("/")[2].join(["/", ""])


def test_notices_ask_programs_not_to_answer():
    """A loop with another desk ends where it would begin: a notice says that a machine wrote it."""
    house = House()
    client, complaint = file_for_victim(house)

    sent = press(client, complaint, "escalate")

    assert len(sent) == 2
    assert [(each.extra_headers["Auto-Submitted"], each.extra_headers["X-Auto-Response-Suppress"]) for each in sent] == [
        ("auto-generated", "All")
    ] * 2


def test_a_secret_link_goes_to_the_address_of_the_complaint_only():
    house = House()
    token = make_link(house.own)
    client = house.client("anonymous")
    client.get(f"/t/{token}/")

    client.post(f"/c/{house.own.number}/send/", {"body": "", "request_id": "s", "to": VICTIM, "email": VICTIM, "contact_email": VICTIM})

    assert send_all() == []
    assert house.own.outbox.filter(node="link").count() == 1
