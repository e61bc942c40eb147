"""A child is reached through its own parent only: a foreign message, file, order or view under an own complaint does not exist."""

import pytest

from complaints.services import post_reply
from orders.models import MerchantMember
from tests.factories import make_complaint, make_customer, make_order
from tests.security.house import House
from tests.security.visitors import status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]


@pytest.fixture
def house():
    return House()


@pytest.fixture
def foreign(house):
    """A complaint of the other team with a reply and a file."""
    agent = house.users["outsider"]
    order = make_order(customer=make_customer(merchant=house.other_shop))
    complaint = make_complaint("open", order=order)
    type(complaint).objects.filter(pk=complaint.pk).update(team=house.other_team, assignee=agent)
    complaint.refresh_from_db()
    complaint.reply = post_reply(complaint, body="别组的话", by=agent, expected_version=None)
    complaint.file = house.attach(complaint)
    return complaint


def test_a_foreign_file_is_not_under_an_own_complaint(house, foreign):
    own = f"/admin/desk/c/{house.own.number}/files/{foreign.file.key}"

    assert [status(house.client("agent"), f"{own}/{variant}/") for variant in ("preview", "thumb", "original")] == [404] * 3
    assert house.client("agent").post(f"{own}/remove/").status_code == 404
    assert status(house.client("customer"), f"/files/{foreign.file.key}/") == 404
    assert status(house.client("foreign_machine"), f"/api/v1/attachments/{house.file.key}/content/") == 404
    foreign.file.refresh_from_db()


def test_a_foreign_message_is_not_taken_back_under_an_own_complaint(house, foreign):
    path = f"/admin/desk/c/{house.own.number}/messages/{foreign.reply.pk}/take-back/"

    assert house.client("agent").post(path).status_code == 404
    foreign.reply.refresh_from_db()
    assert foreign.reply.retracted_at is None


def test_a_colleagues_message_is_not_taken_back(house):
    path = f"/admin/desk/c/{house.own.number}/messages/{house.reply.pk}/take-back/"

    assert house.client("colleague").post(path).status_code == 404
    house.reply.refresh_from_db()
    assert house.reply.retracted_at is None


def test_an_order_of_another_shop_is_not_bound(house, foreign):
    bound = house.own.order_id
    path = f"/admin/desk/c/{house.own.number}/bind/"

    answer = house.client("agent").post(path, {"order": foreign.order_id, "expected_version": house.own.version, "request_id": "r"})

    house.own.refresh_from_db()
    assert (answer.status_code, house.own.order_id) == (404, bound)


def test_an_order_of_an_own_second_shop_is_not_bound_either(house, foreign):
    MerchantMember.objects.create(merchant=house.other_shop, user=house.users["agent"])
    path = f"/admin/desk/c/{house.own.number}/bind/"

    answer = house.client("agent").post(path, {"order": foreign.order_id, "expected_version": house.own.version, "request_id": "r"})

    assert answer.status_code == 404


def test_an_order_of_a_shop_that_the_agent_is_not_in_is_not_bound(house):
    MerchantMember.objects.filter(user=house.users["agent"]).delete()
    path = f"/admin/desk/c/{house.own.number}/bind/"

    answer = house.client("agent").post(path, {"order": house.twin.order_id, "expected_version": house.own.version, "request_id": "r"})

    assert answer.status_code == 404


def test_a_complaint_is_not_merged_into_one_that_the_agent_does_not_see(house, foreign):
    path = f"/admin/desk/c/{house.own.number}/act/merge/"
    words = {"into": foreign.number, "reason": "同一件事", "expected_version": house.own.version, "request_id": "r"}

    answer = house.client("agent").post(path, words)

    house.own.refresh_from_db()
    assert (answer.status_code, house.own.merged_into) == (422, None)
    assert foreign.number not in answer.content.decode().replace(f'value="{foreign.number}"', "")


def test_a_bulk_act_leaves_foreign_complaints_alone(house, foreign):
    body = {"act": "priority", "value": 3, "request_id": "r", "selected": [f"{row.pk}:{row.version}" for row in (house.own, foreign)]}

    house.client("agent").post("/admin/desk/bulk/apply/", body)

    house.own.refresh_from_db()
    foreign.refresh_from_db()
    assert (house.own.priority, foreign.priority != 3) == (3, True)


@pytest.mark.parametrize("ticked", ["x", "1", ":", "1:", ":1", "0001:1", "-1:1", "1:x", "１:1", "99999999999:1", "1:1:1"])
def test_odd_ticks_change_nothing_and_break_nothing(house, ticked):
    answer = house.client("agent").post("/admin/desk/bulk/apply/", {"act": "priority", "value": 3, "selected": [ticked]})

    assert answer.status_code in (303, 422)


def test_a_ticked_number_with_zeros_in_front_breaks_nothing(house):
    ticked = f"000{house.own.pk}:{house.own.version}"

    answer = house.client("agent").post("/admin/desk/bulk/apply/", {"act": "priority", "value": 3, "selected": [ticked]})

    assert answer.status_code in (303, 422)


def test_search_and_counts_know_nothing_of_foreign_complaints(house, foreign):
    pages = [
        house.client("agent").get("/admin/desk/search/", {"q": asked}).content.decode()
        for asked in (foreign.number, foreign.order.number, foreign.contact_phone)
    ]

    assert [page for page in pages if foreign.number in page.replace(f'value="{foreign.number}"', "") and "别组" in page] == []
    assert [f"/admin/desk/c/{foreign.number}/" in page for page in pages] == [False] * 3


def test_a_waiting_upload_of_a_colleague_is_nobody_elses(house):
    from complaints.models import Attachment

    Attachment.objects.filter(pk=house.file.pk).update(complaint=None, uploaded_by=house.users["agent"])
    path = f"/admin/desk/c/{house.own.number}/files/{house.file.key}"

    assert status(house.client("colleague"), f"{path}/preview/") == 404
    assert house.client("colleague").post(f"{path}/remove/").status_code == 404
    note = {"body": "看", "request_id": "r", "attachments": [house.file.key]}
    house.client("colleague").post(f"/admin/desk/c/{house.own.number}/note/", note)
    house.file.refresh_from_db()
    assert house.file.complaint is None


def test_a_foreign_conversation_and_a_foreign_call_are_nobody_elses(house, foreign):
    outsider = house.client("outsider")

    verbs = ("accept", "decline", "end", "typing", "read")
    answers = [outsider.post(f"/admin/desk/chats/{house.talk.pk}/{verb}/").status_code for verb in verbs]
    logged = outsider.post(f"/admin/desk/callbacks/{house.call.pk}/", {"outcome": "refused"})

    house.talk.refresh_from_db()
    house.call.refresh_from_db()
    assert (answers, logged.status_code) == ([404] * 5, 404)
    assert (house.talk.state, house.call.done_at) == ("active", None)
    assert house.client("customer").post(f"/c/{foreign.number}/chat/", {"body": "x"}).status_code == 404
