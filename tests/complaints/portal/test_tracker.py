"""Receipt and tracker: what the customer sees and may do, state by state."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from complaints.intake.links import make_link
from complaints.lifecycle import Status
from complaints.models import Complaint, Message, Outbox, SecretLink
from complaints.services import decline_complaint, post_note, post_reply, set_risk
from orders.models import Carrier, Shipment, ShipmentEvent
from tests.complaints.portal.journey import file_one, photo
from tests.factories import make_complaint, make_order, make_user


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def agent():
    return make_user(name="林晓")


def opened(client, complaint: Complaint) -> str:
    """Follow a secret link in this browser; gives the address of the English page."""
    client.get(f"/t/{make_link(complaint)}/")
    return f"/en/c/{complaint.number}/"


def complaint_in(status: str, agent, **overrides) -> Complaint:
    return make_complaint(status=status, assignee=agent, **overrides)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_state_has_a_page_in_both_languages(visitor, agent, status, prefix):
    complaint = complaint_in(status, agent)
    opened(visitor, complaint)

    page = visitor.get(f"{prefix}/c/{complaint.number}/")

    assert page.status_code == 200
    assert complaint.number in text_of(page)
    assert page.headers["Cache-Control"] == "no-store, private"


def test_the_receipt_shows_number_promise_and_what_happens_next(visitor):
    complaint = file_one(visitor, "/en")
    page = text_of(visitor.get(f"/en/c/{complaint.number}/"))

    assert "We have your complaint" in page
    assert f'id="number">{complaint.number}<' in page
    assert "Received. A person answers by tomorrow" in page
    assert "What happens next" in page
    assert "We look for your order" in page


def test_later_it_is_the_tracker(visitor):
    complaint = file_one(visitor, "/en")
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        page = text_of(visitor.get(f"/en/c/{complaint.number}/"))

    assert "We have your complaint" not in page
    assert "Conversation" in page


def test_a_broken_promise_is_said_with_a_new_time(visitor, agent):
    complaint = complaint_in(Status.OPEN, agent)
    url = opened(visitor, complaint)
    missed = {"promise_at": timezone.now() - timedelta(hours=2), "new_promise_at": timezone.now() + timedelta(hours=2)}
    Complaint.objects.filter(pk=complaint.pk).update(**missed)
    late = text_of(visitor.get(url))
    Complaint.objects.filter(pk=complaint.pk).update(new_promise_at=timezone.now() - timedelta(hours=1))
    very_late = text_of(visitor.get(url))

    assert "We are late, and we are sorry. New time: " in late
    assert "We had promised an answer by" in late
    assert "You can call in a supervisor below." in very_late


def test_notes_and_unsent_replies_are_not_shown(visitor, agent):
    complaint = complaint_in(Status.OPEN, agent)
    url = opened(visitor, complaint)
    post_note(complaint, body="internal canary", by=agent)
    reply = post_reply(complaint, body="unsent canary", by=agent, expected_version=None)
    before = text_of(visitor.get(url))
    Message.objects.filter(pk=reply.pk).update(leaves_at=timezone.now() - timedelta(seconds=1))
    after = text_of(visitor.get(url))

    assert "internal canary" not in before + after
    assert "unsent canary" not in before
    assert "unsent canary" in after
    assert "林晓" in after


def test_a_reply_with_a_file_is_added(visitor, agent):
    complaint = complaint_in(Status.WAITING_CUSTOMER, agent)
    url = opened(visitor, complaint)

    response = visitor.post(url + "reply/", {"body": "Here it is.", "evidence": [photo()], "request_id": "a" * 20})

    complaint.refresh_from_db()
    message = complaint.messages.order_by("id").last()
    assert response.headers["Location"] == url + "?done=reply"
    assert complaint.status == Status.OPEN
    assert (message.body, message.attachments.count()) == ("Here it is.", 1)
    assert "Received, thank you." in text_of(visitor.get(response.headers["Location"]))


def test_sending_the_same_reply_twice_is_one_message(visitor, agent):
    complaint = complaint_in(Status.OPEN, agent)
    url = opened(visitor, complaint)
    before = complaint.messages.count()

    for _time in range(2):
        visitor.post(url + "reply/", {"body": "Once.", "request_id": "b" * 20})

    assert complaint.messages.count() == before + 1


def test_an_empty_reply_is_asked_for_words(visitor, agent):
    url = opened(visitor, complaint_in(Status.OPEN, agent))
    response = visitor.post(url + "reply/", {"body": "  "})

    assert response.status_code == 422
    assert '<a href="#body">Write something, or add a file.</a>' in text_of(response)


def test_a_file_that_arrived_stays_when_the_words_are_too_long(visitor, agent):
    complaint = complaint_in(Status.OPEN, agent)
    url = opened(visitor, complaint)
    refused = visitor.post(url + "reply/", {"body": "x" * 8001, "evidence": [photo("kept.jpg")]})
    token = text_of(refused).split('name="evidence" value="')[1].split('"')[0]
    visitor.post(url + "reply/", {"body": "Short.", "evidence": [token], "request_id": "c" * 20})

    assert refused.status_code == 422
    assert "kept.jpg" in text_of(refused)
    assert list(complaint.attachments.values_list("name", flat=True)) == ["kept.jpg"]


def test_a_file_sent_ahead_is_of_use_for_its_complaint_only(visitor, agent):
    first, second = complaint_in(Status.OPEN, agent), complaint_in(Status.OPEN, agent)
    url, other = opened(visitor, first), opened(visitor, second)
    token = visitor.post(url + "files/", {"file": photo()}).json()["id"]
    visitor.post(other + "reply/", {"body": "Mine?", "evidence": [token]})
    visitor.post(url + "reply/", {"body": "Mine.", "evidence": [token]})

    assert (first.attachments.count(), second.attachments.count()) == (1, 0)


def test_a_late_message_becomes_a_linked_complaint_that_opens_here(visitor, agent):
    complaint = complaint_in(Status.CLOSED, agent)
    Complaint.objects.filter(pk=complaint.pk).update(resolved_at=timezone.now() - timedelta(days=15))
    url = opened(visitor, complaint)
    response = visitor.post(url + "reply/", {"body": "It broke again.", "request_id": "d" * 20})
    page = visitor.get(response.headers["Location"])

    assert complaint.number not in response.headers["Location"]
    assert page.status_code == 200
    assert "It broke again." in text_of(page)


@pytest.mark.parametrize(
    ("before", "verb", "after"),
    [
        (Status.RESOLVED, "confirm", Status.CLOSED),
        (Status.RESOLVED, "reopen", Status.OPEN),
        (Status.CLOSED, "reopen", Status.OPEN),
        (Status.OPEN, "withdraw", Status.WITHDRAWN),
        (Status.WITHDRAWN, "resume", Status.OPEN),
        (Status.NEW, "escalate", Status.NEW),
    ],
)
def test_the_buttons_of_the_customer(visitor, agent, before, verb, after):
    complaint = complaint_in(before, agent)
    url = opened(visitor, complaint)
    shown = text_of(visitor.get(url))
    response = visitor.post(f"{url}{verb}/", {"body": "Because.", "request_id": "e" * 20})

    complaint.refresh_from_db()
    assert f'action="{url}{verb}/"' in shown
    assert response.headers["Location"] == f"{url}?done={verb}"
    assert complaint.status == after


def test_an_appeal_needs_words_and_is_taken_once(visitor, agent):
    lead = make_user("lead")
    complaint = complaint_in(Status.OPEN, agent)
    reply = post_reply(complaint, body="We looked.", by=agent, expected_version=None)
    decline_complaint(
        complaint, facts="Worn.", reason_code="used", basis="Terms 3, version 2", by=lead, expected_version=reply.complaint.version
    )
    url = opened(visitor, complaint)
    empty = visitor.post(url + "appeal/", {"body": " "})
    taken = visitor.post(url + "appeal/", {"body": "It was new.", "request_id": "f" * 20})
    again = visitor.post(url + "appeal/", {"body": "Once more.", "request_id": "g" * 20})

    assert (empty.status_code, taken.status_code, again.status_code) == (409, 303, 409)
    assert "There is already an appeal" in text_of(again)
    assert "Once more.</textarea>" in text_of(again)


def test_a_verb_that_the_state_rules_out_is_refused_with_the_reason(visitor, agent):
    complaint = complaint_in(Status.OPEN, agent)
    url = opened(visitor, complaint)
    response = visitor.post(url + "confirm/", {"request_id": "h" * 20})

    complaint.refresh_from_db()
    assert response.status_code == 409
    assert "Not possible while the complaint is" in text_of(response)
    assert complaint.status == Status.OPEN


@pytest.mark.parametrize("verb", ["resolve", "merge", "mark_spam", "assign", "begin", "nothing"])
def test_verbs_of_staff_have_no_address_here(visitor, agent, verb):
    url = opened(visitor, complaint_in(Status.OPEN, agent))

    assert visitor.post(f"{url}{verb}/").status_code == 404


@pytest.mark.parametrize("verb", ["reply", "withdraw", "confirm", "keep", "send", "rotate"])
def test_acts_need_the_link_and_a_post(visitor, stranger, agent, verb):
    complaint = complaint_in(Status.OPEN, agent)
    url = opened(visitor, complaint)

    assert stranger.post(f"{url}{verb}/", {"body": "x"}).status_code == 404
    assert visitor.get(f"{url}{verb}/").status_code in (404, 405)
    complaint.refresh_from_db()
    assert complaint.status == Status.OPEN


def test_a_merged_complaint_points_to_the_survivor(visitor, agent):
    complaint = complaint_in(Status.MERGED, agent)
    page = text_of(visitor.get(opened(visitor, complaint)))

    assert f"Joined with {complaint.merged_into.number}." in page


def test_mail_that_failed_is_said(visitor, agent):
    complaint = complaint_in(Status.OPEN, agent)
    url = opened(visitor, complaint)
    before = text_of(visitor.get(url))
    Outbox.objects.filter(complaint=complaint).update(state=Outbox.State.DEAD)
    Complaint.objects.filter(pk=complaint.pk).update(filed_at=timezone.now() - timedelta(minutes=1))

    assert "did not arrive" not in before
    assert "A message to your e-mail address did not arrive." in text_of(visitor.get(url))


def test_parcels_of_the_order_are_shown_and_silence_is_named(visitor, agent):
    order = make_order()
    carrier = Carrier.objects.create(code="sf", name_zh="顺丰", name_en="SF Express")
    long_ago = timezone.now() - timedelta(hours=49)
    parcel = Shipment.objects.create(
        order=order, external_id="s1", carrier=carrier, waybill="SF1", status=Shipment.Status.IN_TRANSIT, last_scan_at=long_ago
    )
    ShipmentEvent.objects.create(shipment=parcel, at=long_ago, status=parcel.status, place="杭州", text="离开转运中心", digest="d")
    page = text_of(visitor.get(opened(visitor, complaint_in(Status.OPEN, agent, order=order))))

    assert "SF Express" in page
    assert "离开转运中心" in page
    assert "No news of this parcel for 48 hours." in page


def test_a_fresh_link_is_shown_once_with_its_code(visitor, stranger, agent):
    complaint = complaint_in(Status.OPEN, agent)
    url = opened(visitor, complaint)
    way = visitor.post(url + "keep/")
    page = text_of(visitor.get(way.headers["Location"]))
    path = page.split('class="keep__url" href="')[1].split('"')[0]

    assert way.headers["Location"] == url + "link/"
    assert "code--qr" in page
    assert stranger.get(path).status_code == 303
    assert stranger.get(url).status_code == 200
    visitor.cookies.pop("bihuan_fresh")
    assert visitor.get(url + "link/").headers["Location"] == url


def test_ending_all_links_closes_every_other_browser(visitor, stranger, agent):
    complaint = complaint_in(Status.OPEN, agent)
    url = opened(visitor, complaint)
    opened(stranger, complaint)
    visitor.post(url + "rotate/")

    assert visitor.get(url).status_code == 200
    assert stranger.get(url).status_code == 404
    assert SecretLink.objects.filter(complaint=complaint, revoked_at__isnull=True).count() == 1


def test_the_link_can_be_sent_to_the_address_of_the_complaint(visitor, agent):
    complaint = complaint_in(Status.OPEN, agent)
    response = visitor.post(opened(visitor, complaint) + "send/")

    assert response.headers["Location"].endswith("?done=link")
    assert complaint.outbox.filter(node="link").count() == 1
    assert "secret" not in str(complaint.outbox.get(node="link").values)


@pytest.mark.parametrize(("words", "level"), [("包裹三天没有更新了。", 0), ("有点失望，等了很久。", 1)])
def test_a_receipt_reads_its_complaint_and_whether_a_case_runs(visitor, words, level, django_assert_num_queries):
    complaint = make_complaint(description=words)
    visitor.get(f"/t/{make_link(complaint)}/")
    visitor.get(f"/c/{complaint.number}/")
    assert complaint.risk_level == level

    with django_assert_num_queries(2):
        assert words in visitor.get(f"/c/{complaint.number}/").content.decode()

    post_note(complaint, body="内部", by=make_user("agent"))
    set_risk(complaint, level=3, reason="电话里", by=make_user("lead"), expected_version=None)
    with django_assert_num_queries(5):
        visitor.get(f"/c/{complaint.number}/")


@pytest.mark.parametrize("messages", [1, 3])
def test_the_number_of_queries_does_not_grow(visitor, agent, messages, django_assert_max_num_queries):
    complaint = complaint_in(Status.OPEN, agent)
    url = opened(visitor, complaint)
    for number in range(messages):
        visitor.post(url + "reply/", {"body": f"Message {number}", "evidence": [photo()]})
    visitor.get(url)

    with django_assert_max_num_queries(6):
        page = visitor.get(url)
    assert text_of(page).count("Message ") == messages
