"""Text that breaks programs: signs no database keeps, half characters, megabytes, depth. It is refused in words or kept as it is."""

import json

import pytest

from tests.api.machine import FILED
from tests.security.house import House, undone
from tests.security.routes import body_of, every_route

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
ODD = {
    "nul": "be\x00fore",
    "controls": "\x01\x08\x1b[31m\x7f",
    "direction": "\u202egpj.exe\u2066",
    "invisible": "\u200b\ufeff\u00ad",
    "astral": "👩‍👩‍👧‍👦" * 300,
    "zalgo": "a" + "\u0301" * 5000,
    "long line": "x" * 100_000,
    "angles": "<" * 20_000,
    "entities": "&#" * 20_000,
    "lists": "- " * 5000,
    "quotes": "'\"`;--",
    "formats": "{0.__class__} %(x)s ${x} {{ settings.SECRET_KEY }} {% include 'x' %}",
}
# Everything that a form of the desk takes as text or number, one at a time.
FIELDS = ("body", "reason", "summary", "request_id", "expected_version", "seen", "names", "into", "owner", "resolution", "facts", "basis",
          "until", "expected_on", "to", "priority", "order", "selected", "value", "kind", "mode", "act", "version")  # fmt: skip


ASKED = ("q", "view", "after", "before", "category", "team", "tag", "open", "sent", "next", "since", "order", "done", "size", "from")
WORDS = ("body", "reason", "summary", "names", "owner", "basis", "request_id", "facts", "resolution")
STRANGERS = ("body", "description", "order_text", "phone", "email", "name", "number", "contact", "category", "wish", "signed", "draft",
             "add_to", "evidence", "request_id", "change", "score", "comment", "theme", "next", "lines", "hours", "username", "password",
             "q_since", "happened_on")  # fmt: skip


@pytest.mark.parametrize("odd", ["nul", "controls", "long line", "formats"])
def test_no_form_of_the_desk_breaks(odd):
    house, broken, text = House(), {}, ODD[odd]

    for route in every_route():
        if route.name.startswith(("admin:desk-", "admin:p", "admin:second")):
            path, answers = route.path(house), body_of(house, route.name)
            sent = [answers | dict.fromkeys(FIELDS, text), answers | dict.fromkeys(WORDS, text)]
            calls = [("post", each) for each in sent] + [("get", dict.fromkeys(ASKED, text))]
            found = statuses(house, "lead", path, calls)
            if max(found) >= 500:
                broken[route.key] = found

    assert broken == {}


@pytest.mark.parametrize("odd", ["nul", "controls", "astral", "long line", "angles"])
def test_no_page_of_a_customer_breaks(odd):
    house, broken, text = House(), {}, ODD[odd]

    for route in every_route():
        if route.name.startswith(("complaints:", "ui:", "admin:password", "admin:login")):
            calls = [("post", dict.fromkeys(STRANGERS, text)), ("get", dict.fromkeys(ASKED, text))]
            found = statuses(house, "customer", route.path(house), calls)
            if max(found) >= 500:
                broken[route.key] = found

    assert broken == {}


def statuses(house: House, role: str, path: str, calls: list) -> list[int]:
    return [undone(lambda: getattr(house.client(role), method)(path, sent)).status_code for method, sent in calls]  # noqa: B023


SURROGATE = "\ud800"


@pytest.mark.parametrize("odd", ["nul", "surrogate", "direction", "zalgo", "long line"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("complaints/", FILED | {"description": "?", "subject": "?"}),
        ("complaints/", FILED | {"order": "?", "contact": {"name": "?", "phone": "?"}}),
        ("complaints/", FILED | {"category": "?", "attachments": ["?"], "lines": ["?"]}),
        ("complaints/{number}/messages/", {"body": "?", "expected_version": 1}),
        ("complaints/{number}/notes/", {"body": "?"}),
        ("complaints/{number}/set_tags/", {"names": ["?"], "expected_version": 1}),
        ("complaints/{number}/withdraw/", {"reason": "?", "expected_version": 1}),
        ("complaints/{number}/bind_order/", {"order": "?", "expected_version": 1}),
        ("orders/", {"rows": [{"external_id": "?", "number": "?", "customer": {"external_id": "c", "name": "?"}}]}),
        ("customers/", {"rows": [{"external_id": "c9", "name": "?", "phone": "?", "email": "?", "city": "?"}]}),
        ("warehouses/", {"rows": [{"code": "w9", "name": "?"}]}),
    ],
)
def test_no_call_of_a_machine_breaks(machine, odd, path, body):
    from tests.factories import make_complaint

    text = SURROGATE if odd == "surrogate" else ODD[odd]
    machine.client.raise_request_exception = False
    target = f"/api/v1/{path.format(number=make_complaint().number)}"
    sent = json.dumps(body).replace('"?"', json.dumps(text))

    answer = machine.client.post(target, sent, content_type="application/json", headers=machine.headers)

    assert answer.status_code < 500, answer.content


@pytest.mark.parametrize(
    "body",
    [
        "[" * 50_000,
        '{"a":' * 50_000,
        '{"rows": ' + "[" * 5000 + "]" * 5000 + "}",
        '{"rows": [' + "{}," * 600 + "{}]}",
        '{"rows": 1}',
        '{"rows": [1, null, "x", []]}',
        '{"rows": [{"external_id": {"$ne": 1}}]}',
        '{"rows": [{"external_id": 1e400}]}',
        '{"rows": [{"external_id": "a", "total_fen": 99999999999999999999999999}]}',
        '{"rows": [{"external_id": "a", "placed_at": "0000-00-00"}]}',
        '{"rows": [{"external_id": "a", "placed_at": "9999-12-31T23:59:59-23:59"}]}',
        '{"rows": [{"__proto__": {}, "constructor": {}}]}',
        "9" * 5000,
        '"\\ud800"',
        "\ufeff{}",
    ],
)
@pytest.mark.parametrize("path", ["orders/", "payments/", "complaints/"])
def test_odd_json_is_answered(machine, path, body):
    machine.client.raise_request_exception = False

    answer = machine.client.post(f"/api/v1/{path}", body, content_type="application/json", headers=machine.headers)

    assert answer.status_code in (200, 400), answer.content


QUERIES = [
    "status=%00", "category=%00", "order=%00", "filed_since=%00", "cursor=%00", "limit=%00", "cursor=WyJhIl0",
    "updated_since=0001-01-01T00:00:00Z", "filed_since=9999-12-31T23:59:59-23:59", f"cursor={'A' * 5000}", f"order={'1' * 5000}",
    "cursor=Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTlOXQ",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("path", ["complaints/", "orders/", "payments/", "customers/"])
def test_odd_queries_of_machines_are_answered(machine, path, query):
    machine.client.raise_request_exception = False

    answer = machine.client.get(f"/api/v1/{path}?{query}", headers=machine.headers)

    assert answer.status_code in (200, 400), answer.content


@pytest.mark.parametrize(
    "path",
    ["complaints/%00/", "orders/%00/", "customers/%F0%28/", "attachments/%00/", "attachments/%00/content/", "complaints/%00/messages/"],
)
def test_odd_addresses_of_machines_are_unknown(machine, path):
    machine.client.raise_request_exception = False

    assert machine.client.get(f"/api/v1/{path}", headers=machine.headers).status_code == 404


@pytest.mark.parametrize("accept", ["a" * 50_000, ",".join(f"x{number};q=0.5" for number in range(5000)), "*;q=0." + "9" * 9999, "\x00"])
def test_a_monstrous_wish_for_a_language_is_read_by_nobody(accept):
    house = House()

    assert house.client("anonymous").get("/", headers={"Accept-Language": accept}).headers["Content-Language"] == "zh-hans"
