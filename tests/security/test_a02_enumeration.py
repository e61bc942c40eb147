"""Nobody learns what exists: the known and the unknown get the same answer for the same work.

Work is compared as statements and hashed passwords, not as time: that is what makes time differ, and it is the same on every machine.
"""

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.intake.links import make_link, revoke_links
from complaints.models import SecretLink
from complaints.numbers import make_number
from tests.factories import make_complaint, make_order, make_user
from tests.security.house import House
from tests.security.visitors import open_draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
# A number that could be one: the day is right and so is the check digit.
UNKNOWN = make_number(timezone.now())
PHONE, OTHER_PHONE = "13800001234", "13999999999"
VALUE = re.compile(r"'(?:[^']|'')*'(?:::\w+)?|\b\d+(?:\.\d+)?\b|_django_curs_\w+")
PASSWORD = "seven-lanterns-42"
hashed: list[str] = []


class CountingHasher(MD5PasswordHasher):
    """Notes each time that it works."""

    algorithm = "counting"

    def encode(self, password, salt):
        hashed.append(password)
        return super().encode(password, salt)


@pytest.fixture
def counted(settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    hashed.clear()
    return hashed


def work_of(call, *typed: str) -> tuple:
    """What an answer says and what it cost: status, headers and page without what was typed, and the statements without values."""
    with CaptureQueriesContext(connection) as queries:
        answer = call()
    page = answer.content.decode()
    for word in typed:
        page = page.replace(word, "TYPED")
    page = re.sub(r'(name="(?:csrfmiddlewaretoken|request_id)" value=)"[^"]+"', r"\1", page)
    page = re.sub(r'(<meta name="live" content=)"[^"]+"', r"\1", page)
    headers = {name: value for name, value in answer.headers.items() if name not in ("X-Request-ID", "Set-Cookie", "Content-Length")}
    return answer.status_code, headers, page, [VALUE.sub("?", each["sql"]) for each in queries]


def test_a_guessed_name_costs_as_much_as_a_known_one(counted):
    house, known = House(), make_user("agent")
    known.set_password(PASSWORD)
    known.save()
    closed = make_user("agent", is_active=False)
    closed.set_password(PASSWORD)
    closed.save()
    found = {}

    for name in (known.username, "nobody-here", closed.username, house.users["agent"].username):
        counted.clear()
        sent = {"username": name, "password": "wrong"}
        work = work_of(lambda: house.client("anonymous").post("/admin/login/", sent), name)  # noqa: B023
        found[name] = (*work, len(counted))

    assert len({repr(each) for each in found.values()}) == 1, found
    assert found["nobody-here"][0] == 422
    assert found["nobody-here"][-1] == 1


@pytest.mark.parametrize("path", ["/c/{}/", "/c/{}/survey/", "/c/{}/privacy/", "/en/c/{}/"])
def test_a_guessed_number_costs_as_much_as_a_known_one(path):
    house, known = House(), make_complaint().number
    asked = [(role, number) for role in ("anonymous", "customer") for number in (known, UNKNOWN)]

    works = [work_of(lambda: house.client(role).get(path.format(number)), number) for role, number in asked]  # noqa: B023

    assert works[0] == works[1]
    assert works[2] == works[3]
    assert {work[0] for work in works} == {404}


def test_a_dead_link_costs_as_much_as_a_made_up_one():
    house = House()
    revoked, expired = make_link(house.own), make_link(house.twin)
    revoke_links(house.own)
    SecretLink.objects.filter(complaint=house.twin).update(expires_at=timezone.now())

    dead, old, made_up = [
        work_of(lambda: house.client("anonymous").get(f"/t/{token}/"), token)  # noqa: B023
        for token in (revoked, expired, "x" * len(revoked))
    ]

    assert dead == old == made_up
    assert made_up[0] == 404


def test_asking_for_a_link_costs_the_same_without_the_right_contact():
    house, known = House(), make_complaint().number
    asked = [(known, OTHER_PHONE), (UNKNOWN, PHONE), (UNKNOWN, OTHER_PHONE)]

    works = [work_of(lambda: house.client("anonymous").post("/link/", {"number": n, "contact": c}), n, c) for n, c in asked]  # noqa: B023

    assert works[0] == works[1] == works[2]
    assert works[0][0] == 303


def test_an_order_of_somebody_else_costs_as_much_as_an_unknown_one():
    house, known = House(), make_order().number
    works = []

    for number in (known, "QH9999999999"):
        client = house.client("anonymous")
        open_draft(client)
        opened = work_of(lambda: open_draft(client, order_text=number, phone=PHONE), number)  # noqa: B023
        shown = work_of(lambda: client.get("/file/check/"), number)  # noqa: B023
        works.append((opened, re.sub(r'name="draft" value="[^"]+"', "", repr(shown))))

    assert works[0] == works[1]
    assert works[0][0][0] == 303


def test_a_number_of_another_team_or_shop_costs_as_much_as_an_unknown_one():
    house = House()
    number = house.own.number
    asked = [("outsider", "/admin/desk/c/{}/"), ("rival", "/admin/desk/c/{}/"), ("foreign_machine", "/api/v1/complaints/{}/")]

    for role, path in asked:
        house.client(role).get(path.format(UNKNOWN))  # the first call of a token notes that it is in use
        foreign, unknown = (work_of(lambda: house.client(role).get(path.format(each)), each) for each in (number, UNKNOWN))  # noqa: B023

        assert foreign == unknown
        assert unknown[0] == 404


def test_numbers_do_not_follow_each_other():
    numbers = [make_complaint().number for _time in range(20)]
    places = [int(number[7:-1]) for number in numbers]

    steps = {after - before for before, after in zip(places, places[1:], strict=False)}

    assert len(set(numbers)) == 20
    assert len(steps) > 10
