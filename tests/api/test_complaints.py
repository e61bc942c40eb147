from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AccessLog
from complaints.intake.catalogue import forget_catalogue
from complaints.models import Complaint, Form, Message
from complaints.services import post_note
from orders.models import ApiToken
from tests.api.machine import FILED, Machine
from tests.factories import make_category, make_complaint, make_customer, make_merchant, make_order, make_user
from tests.foundation.pictures import picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offer")]
Scope = ApiToken.Scope


def test_filing_answers_with_the_complaint(machine):
    answer = machine.post("complaints/", FILED)

    complaint = Complaint.objects.get()
    assert answer.status_code == 201
    shown = answer.json()
    kept = (complaint.number, complaint.origin, complaint.channel, complaint.filed_by, complaint.merchant, complaint.description)
    assert kept == (shown["number"], "integration", "api", machine.token.actor, machine.shop, FILED["description"])
    assert (shown["status"], shown["stage"], shown["version"], shown["contact"]["phone"]) == ("new", "new", 1, "138 0000 1234")


def test_filing_with_an_order_binds_it_and_its_contact(machine):
    order = make_order(lines=2)

    shown = machine.post("complaints/", FILED | {"order": order.external_id, "lines": ["2"], "contact": {}}).json()

    complaint = Complaint.objects.get()
    assert (complaint.order, complaint.customer, complaint.contact_phone) == (order, order.customer, order.receiver_phone)
    assert (shown["order"], shown["amount_fen"], complaint.is_proven) == (order.external_id, 9900, True)
    assert complaint.order_snapshot["number"] == order.number


def test_filing_with_an_unknown_order_keeps_what_was_typed(machine):
    machine.post("complaints/", FILED | {"order": "X-404"})

    complaint = Complaint.objects.get()
    assert (complaint.order, complaint.order_text, complaint.is_proven) == (None, "X-404", False)


def test_order_of_another_shop_is_unknown(machine):
    foreign = make_order(customer=make_customer(merchant=make_merchant("other")))

    machine.post("complaints/", FILED | {"order": foreign.external_id})

    assert Complaint.objects.get().order is None


def test_the_same_key_files_once_and_answers_alike(machine):
    first, second = (machine.post("complaints/", FILED, key="k1") for _number in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["number"] == second.json()["number"]
    assert Complaint.objects.count() == 1


def test_the_same_key_with_another_body_is_a_conflict(machine):
    machine.post("complaints/", FILED, key="k1")

    answer = machine.post("complaints/", FILED | {"description": "别的事"}, key="k1")

    assert (answer.status_code, answer.json()["code"]) == (409, "request_reused")
    assert Complaint.objects.count() == 1


def test_keys_of_two_machines_are_apart(machine):
    machine.post("complaints/", FILED, key="k1")
    Machine(Scope.COMPLAINTS_CREATE).post("complaints/", FILED, key="k1")

    assert Complaint.objects.count() == 2


def test_a_refused_filing_frees_its_key(machine):
    assert machine.post("complaints/", FILED | {"attachments": ["gone"]}, key="k1").status_code == 409

    assert machine.post("complaints/", FILED, key="k1").status_code == 201


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": "nope"}, "category"),
        ({"category": ""}, "category"),
        ({"wish": "money"}, "wish"),
        ({"happened_on": "yesterday"}, "happened_on"),
        ({"contact": {"email": "x"}}, "contact"),
        ({"answers": {"colour": "red"}}, "answers"),
        ({"description": "a\x00b"}, "description"),
        ({"description": "x" * 8001}, "description"),
        ({"attachments": ["a"] * 10}, "attachments"),
        ({"language": "fr"}, "language"),
    ],
)
def test_wrong_values_are_named_and_nothing_is_filed(machine, changes, field):
    answer = machine.post("complaints/", FILED | changes)

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert list(answer.json()["errors"]) == [field]
    assert not Complaint.objects.exists()


FORBIDDEN = ["id", "number", "status", "state", "version", "team", "assignee", "priority", "merchant", "filed_by", "filed_at", "due_at",
             "origin", "channel", "is_proven", "submission_digest", "customer", "amount_fen", "outcome", "role"]  # fmt: skip


@pytest.mark.parametrize("field", FORBIDDEN)
def test_fields_that_are_not_the_callers_are_refused(machine, field):
    answer = machine.post("complaints/", FILED | {field: 1})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_answers_are_checked_as_the_form_does_and_never_demanded(machine):
    category = make_category("logistics.damaged", root="logistics")
    fields = [
        {"key": "day", "type": "date", "label_zh": "哪天", "label_en": "Day", "hint_zh": "", "hint_en": "", "required": True},
        {"key": "place", "type": "text", "label_zh": "哪里", "label_en": "Place", "hint_zh": "", "hint_en": "", "required": True},
    ]
    Form.objects.create(category=category, version=2, fields=fields)
    forget_catalogue()
    filed = FILED | {"category": "logistics.damaged"}

    assert machine.post("complaints/", filed | {"answers": {"day": "soon"}}).status_code == 400
    assert machine.post("complaints/", filed | {"answers": {"place": "门口"}}).json()["answers"] == {"place": "门口"}


def test_personal_data_is_masked_without_the_scope(masked):
    text = "请打 13912345678"
    number = make_complaint(description=text, contact_phone="13800001234", contact_email="xiaoman@mail.example").number

    pages = [masked.get(f"complaints/{number}/"), masked.get("complaints/"), masked.get(f"complaints/{number}/messages/")]

    for page in pages:
        for canary in ("13912345678", "13800001234", "xiaoman@mail", "李小满"):
            assert canary not in page.content.decode()
    assert pages[0].json()["contact"]["phone"] == "138****1234"
    assert not AccessLog.objects.exists()


def test_personal_data_in_full_leaves_a_row_per_complaint(machine):
    for _number in range(2):
        make_complaint()

    shown = machine.get("complaints/").json()["results"]

    assert {row["contact"]["phone"] for row in shown} == {"13800001234"}
    rows = AccessLog.objects.filter(actor=machine.token.actor, act="reveal", subject_type="complaints.complaint")
    assert rows.count() == 2


def test_complaints_of_another_shop_do_not_exist(machine):
    foreign = make_complaint(merchant=make_merchant("other"))
    paths = [path.format(foreign.number) for path in ("complaints/{}/", "complaints/{}/verbs/", "complaints/{}/messages/")]

    unknown = machine.get("complaints/C26010112345678/")
    assert [machine.get(path).content for path in paths] == [unknown.content] * 3
    assert machine.get("complaints/").json()["results"] == []
    assert machine.post(f"complaints/{foreign.number}/withdraw/", {"expected_version": 1, "reason": "x"}).status_code == 404


def test_list_pages_by_cursor_and_filters(machine):
    filed = [make_complaint().number for _number in range(3)]
    other = make_complaint(category=make_category("refund.quality")).number

    first = machine.get("complaints/", limit=2).json()
    rest = machine.get("complaints/", limit=2, cursor=first["next"]).json()

    assert numbers(first) + numbers(rest) == [other, *reversed(filed)]
    assert rest["next"] == ""
    assert numbers(machine.get("complaints/", category="refund.quality").json()) == [other]
    assert numbers(machine.get("complaints/", status="closed").json()) == []
    soon = (timezone.now() + timedelta(hours=1)).isoformat()
    assert numbers(machine.get("complaints/", filed_since=soon).json()) == []


def numbers(page) -> list[str]:
    return [row["number"] for row in page["results"]]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit=９", "cursor=x", "cursor=W10", "filed_since=soon"])
def test_odd_queries_are_a_400(machine, query):
    name, _equals, value = query.partition("=")

    assert machine.get("complaints/", **{name: value}).status_code == 400


@pytest.mark.parametrize("name", ["ordering", "merchant", "assignee__password__startswith", "status__in"])
def test_unknown_filters_do_nothing(machine, name):
    number = make_complaint().number

    assert numbers(machine.get("complaints/", **{name: "x"}).json()) == [number]


@pytest.mark.parametrize("path", ["complaints/", "complaints/{}/messages/"])
def test_reading_asks_the_same_for_one_row_and_for_three(masked, path):
    complaint = make_complaint(order=make_order())
    masked.get(path.format(complaint.number))
    with CaptureQueriesContext(connection) as one:
        masked.get(path.format(complaint.number))
    for number in range(2):
        make_complaint(order=make_order())
        post_note(complaint, body=f"{number}", by=make_user("lead"))
    with CaptureQueriesContext(connection) as three:
        masked.get(path.format(complaint.number))

    assert len(three) == len(one) <= 6


def test_reply_reaches_the_customer_and_takes_the_complaint(machine):
    complaint = make_complaint()

    answer = machine.post(f"complaints/{complaint.number}/messages/", {"body": "我们在查", "expected_version": 1})

    message = Message.objects.get(author=machine.token.actor)
    assert (answer.status_code, answer.json()["id"], message.kind) == (201, message.pk, "public")
    complaint.refresh_from_db()
    assert (complaint.status, complaint.assignee) == ("open", machine.token.actor)


def test_reply_with_a_stale_version_is_a_conflict_that_names_the_current_one(machine):
    complaint = make_complaint()
    machine.post(f"complaints/{complaint.number}/set_priority/", {"priority": 3, "expected_version": 1})

    answer = machine.post(f"complaints/{complaint.number}/messages/", {"body": "我们在查", "expected_version": 1})

    assert (answer.status_code, answer.json()["code"], answer.json()["current_version"]) == (409, "version_conflict", 2)
    assert not Message.objects.filter(author=machine.token.actor).exists()


def test_repeated_reply_is_one_message(machine):
    complaint = make_complaint()
    file = SimpleUploadedFile("photo.jpg", picture("JPEG"), content_type="image/jpeg")
    body = {"body": "我们在查", "expected_version": 1, "attachments": [machine.upload(file).json()["id"]]}

    first, second = (machine.post(f"complaints/{complaint.number}/messages/", body, key="k") for _number in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert Message.objects.filter(author=machine.token.actor).count() == 1


def test_notes_need_their_own_scope_to_be_read(machine):
    complaint = make_complaint()
    assert machine.post(f"complaints/{complaint.number}/notes/", {"body": "内部的话"}).status_code == 201
    reader = Machine(Scope.COMPLAINTS_READ)

    assert "内部的话" in machine.get(f"complaints/{complaint.number}/messages/").content.decode()
    assert "内部的话" not in reader.get(f"complaints/{complaint.number}/messages/").content.decode()


def test_customers_words_from_elsewhere_move_the_complaint(machine):
    complaint = make_complaint("waiting_customer")

    answer = machine.post(f"complaints/{complaint.number}/customer-messages/", {"body": "照片补上了，请看一下"}, key="k")

    assert (answer.status_code, answer.json()["author_kind"]) == (201, "customer")
    complaint.refresh_from_db()
    assert complaint.status == "open"


def test_resolving_walks_through_the_guards(machine):
    complaint = make_complaint()
    path = f"complaints/{complaint.number}/resolve/"
    words = {"resolution": "已补发", "reason_code": "carrier_delay", "liability": {"carrier": 100}}

    refused = machine.post(path, words | {"expected_version": 1})
    machine.post(f"complaints/{complaint.number}/messages/", {"body": "已补发", "expected_version": 1})
    version = machine.get(f"complaints/{complaint.number}/").json()["version"]
    done = machine.post(path, words | {"expected_version": version})

    assert (refused.status_code, bool(refused.json()["reasons"])) == (409, True)
    assert (done.status_code, done.json()["status"], done.json()["outcome"]) == (200, "resolved", "solved")


@pytest.mark.parametrize("verb", ["withdraw", "set_tags", "set_priority", "snooze", "resolve"])
def test_verbs_demand_the_expected_version(machine, verb):
    answer = machine.post(f"complaints/{make_complaint().number}/{verb}/", {})

    assert (answer.status_code, "expected_version" in answer.json()["errors"]) == (400, True)


def test_tags_priority_and_order_are_set(machine):
    complaint, order = make_complaint(), make_order()
    path = f"complaints/{complaint.number}"

    tagged = machine.post(f"{path}/set_tags/", {"names": ["ERP"], "expected_version": 1}).json()
    raised = machine.post(f"{path}/set_priority/", {"priority": 3, "expected_version": tagged["version"]}).json()
    bound = machine.post(f"{path}/bind_order/", {"order": order.number, "expected_version": raised["version"]}).json()

    assert (bound["tags"], bound["priority"], bound["order"]) == (["ERP"], 3, order.external_id)


def test_unknown_order_is_not_bound(machine):
    answer = machine.post(f"complaints/{make_complaint().number}/bind_order/", {"order": "X", "expected_version": 1})

    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_order")


def test_verbs_say_what_is_open_and_why_the_rest_is_not(machine):
    shown = {row["verb"]: row for row in machine.get(f"complaints/{make_complaint().number}/verbs/").json()}

    assert shown["withdraw"]["allowed"] is True
    assert shown["resolve"]["allowed"] is False and shown["resolve"]["reasons"]
    assert not {"decline", "merge"} & shown.keys()
