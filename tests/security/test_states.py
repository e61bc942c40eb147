"""What each role may do with a complaint that is closed, erased or held, against the table in state_matrix.csv."""

import csv
from pathlib import Path

import pytest
from django.utils import timezone

from complaints.chat.callbacks import log_attempt
from complaints.models import Complaint, FollowUp, PrivacyRequest
from complaints.privacy.erasure import carry_out
from complaints.privacy.holds import place_hold
from complaints.services import confirm_complaint, post_customer_message, resolve_complaint
from tests.factories import make_complaint
from tests.journeys import SOLVED
from tests.security.house import House
from tests.security.routes import Route, every_route
from tests.security.test_a25_object_access import ask, send
from workflows.models import Refund

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
MATRIX = Path(__file__).with_name("state_matrix.csv")
STATES = ("closed", "erased", "held")
ROLES = ("customer", "agent", "lead", "manager", "admin", "integration")
# Whatever names one complaint; looking at a list, at files already sent or at a mailed link is the same in every state.
ABOUT = ("number>", "number:", "request_id>")


def routes() -> list[Route]:
    return [route for route in every_route() if any(part in route.pattern for part in ABOUT)]


def table() -> dict[str, dict[str, str]]:
    with MATRIX.open(encoding="utf-8") as rows:
        return {row["route"]: row for row in csv.DictReader(rows)}


def bring(house: House, state: str) -> None:
    """The agent's complaint ends and its call was made; an erased one is gone with all words, a held one waits with an approved erasure."""
    agent = house.users["agent"]
    log_attempt(house.call, outcome=FollowUp.Outcome.REACHED_OK, summary="说好了", by=agent)
    for each in (house.own, house.twin):
        each.refresh_from_db()
        resolve_complaint(each, by=agent, expected_version=None, **SOLVED)
        confirm_complaint(each, as_customer=True)
    if state != "closed":
        approve(house)
    if state == "held":
        place_hold(house.own, reason="诉讼", by=house.users["lead"])
    if state == "erased":
        Refund.objects.filter(pk=house.refund.pk).update(state="voided")  # money under way keeps a person's data
        carry_out(house.wish, by=house.users["admin"])
    house.own.refresh_from_db()


def approve(house: House) -> None:
    decided = {"status": PrivacyRequest.Status.APPROVED, "decided_by": house.users["manager"], "decided_at": timezone.now()}
    PrivacyRequest.objects.filter(pk=house.wish.pk).update(**decided)
    house.wish.refresh_from_db()


@pytest.fixture(params=STATES)
def house(request, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    house = House()
    house.state = request.param
    bring(house, request.param)
    return house


@pytest.fixture
def erased(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    house = House()
    bring(house, "erased")
    return house


def test_every_act_on_one_complaint_is_listed():
    assert set(table()) == {route.key for route in routes()}
    assert [row["route"] for row in table().values() for state in STATES if len(row[state].split()) != len(ROLES)] == []


def test_every_answer_is_the_listed_one(house):
    expected = table()

    found = {route.key: " ".join(ask(house, role, "POST", route) for role in ROLES) for route in routes()}

    wrong = {
        key: f"{answers}, listed {expected[key][house.state]}" for key, answers in found.items() if answers != expected[key][house.state]
    }
    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
def test_nothing_is_written_into_what_was_erased(erased, role):
    before = words_in(erased)

    for route in routes():
        send(erased, role, "POST", route)

    assert words_in(erased) == before


def test_words_for_a_complaint_whose_survivor_was_erased_become_a_new_one():
    joined = make_complaint("merged")
    survivor = joined.merged_into
    Complaint.objects.filter(pk=survivor.pk).update(erased_at=timezone.now())
    before = survivor.events.count()

    message = post_customer_message(joined, body="还没有收到")

    assert message.complaint not in (joined, survivor)
    assert message.complaint.contact_phone == joined.contact_phone
    assert survivor.events.count() == before


def words_in(house: House) -> dict:
    """What is kept of the complaint, and how much hangs on it."""
    own = Complaint.objects.get(pk=house.own.pk)
    kept = {name: getattr(own, name) for name in ("status", "version", "head_seq", "subject", "description", "contact_email", "order_id")}
    children = ("messages", "attachments", "tags", "reply_drafts", "holds", "contacts", "surveys")
    return kept | {name: getattr(own, name).count() for name in children}
