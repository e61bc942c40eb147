"""What every answer carries: no cache keeps a private page, no site frames one, nothing runs that is not ours."""

import re

import pytest

from tests.security.house import House
from tests.security.routes import every_route
from tests.security.visitors import read_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
PRIVATE = re.compile(r"/(en/)?(admin|api|c|t|files)/")
EVIL = "https://evil.example"


def policy_of(answer) -> dict[str, str]:
    pairs = (part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, _space, sources in pairs}


@pytest.fixture(params=["customer", "lead", "integration"])
def answers(request):
    """The answer of every address to one role, asked by a script of another site."""
    house = House()
    found = {}
    for route in every_route():
        path = route.path(house)
        found[path] = house.client(request.param).get(path, headers={"Origin": EVIL, "Sec-Fetch-Site": "cross-site"})
        read_all(found[path])
    return found


def test_headers_of_every_answer(answers):
    wrong = {path: faults for path, answer in answers.items() if (faults := list(faults_of(path, answer)))}

    assert wrong == {}


def faults_of(path: str, answer):
    headers, policy = answer.headers, policy_of(answer)
    is_file = "sandbox" in policy
    if "unsafe" in headers["Content-Security-Policy"] or "*" in headers["Content-Security-Policy"]:
        yield "policy allows foreign code"
    if policy.get("frame-ancestors") != "'none'" and not is_file:
        yield "can be framed"
    if not is_file and (policy.get("script-src"), policy.get("object-src"), policy.get("base-uri")) != ("'self'", "'none'", "'none'"):
        yield "policy is not the house's"
    if (headers.get("X-Content-Type-Options"), headers.get("Referrer-Policy")) != ("nosniff", "same-origin"):
        yield "type is guessed or referrer is sent"
    if any(name.startswith("Access-Control-") for name in headers):
        yield "another site may read it"
    if PRIVATE.match(path) and headers.get("Cache-Control") != "no-store, private":
        yield f"may be kept: {headers.get('Cache-Control')}"


@pytest.mark.parametrize("name", ["X-Remote-User", "Remote-User", "X-Forwarded-User", "X_Remote_User", "X-Auth-Request-Email"])
def test_a_header_logs_nobody_in(name):
    house = House()
    admin = house.users["admin"].username

    answer = house.client("anonymous").get("/admin/configuration/", headers={name: admin, "Cookie": f"REMOTE_USER={admin}"})

    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/admin/login/")


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "evil.example:80", "testserver@evil.example", "[::1", "a b"])
def test_a_foreign_host_is_a_400(host):
    house = House()

    assert {house.client("anonymous").get(path, headers={"Host": host}).status_code for path in ("/", "/admin/password/")} == {400}


def test_a_forwarded_host_is_not_believed(mailoutbox):
    house = House()
    admin = house.users["admin"]

    answer = house.client("anonymous").get("/admin/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})
    page = house.client("anonymous").get(f"/t/{house.secret}/", headers={"X-Forwarded-Host": "evil.example"})

    assert admin.is_active
    assert "evil" not in answer.headers["Location"] + page.headers["Location"]


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https:evil.example", "\t//evil.example", "https://testserver@evil.example/",
                                    "///evil.example", "javascript:alert(1)", "http://evil.example/" + "a" * 2000])  # fmt: skip
def test_no_answer_leads_to_another_site(target):
    house = House()
    own = f"/admin/desk/c/{house.own.number}"
    calls = [
        house.client("anonymous").get("/admin/login/", {"next": target}),
        house.client("agent").get("/admin/login/", {"next": target}),
        house.client("agent").post(f"{own}/note/", {"body": "x", "next": target, "request_id": "r"}, headers={"Referer": target.strip()}),
        house.client("agent").post("/admin/desk/next/", {"next": target}),
        house.client("customer").post("/display/", {"next": target, "theme": "dark"}, headers={"Referer": target.strip()}),
        house.client("agent").post("/admin/presence/", {"presence": "away", "next": target}),
    ]

    places = [answer.headers.get("Location", "") for answer in calls]

    assert [place for place in places if place and not (place.startswith("/") and not place.startswith(("//", "/\\")))] == []
