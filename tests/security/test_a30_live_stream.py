"""The live stream is no second door: who may not open the page hears nothing of it, and hears nothing any more once that is so."""

import csv
import json
import socket
from pathlib import Path

import psutil
import pytest
import redis
from django.contrib.sessions.models import Session

from accounts import services as people
from accounts.models import Membership, User
from complaints.intake.links import revoke_links
from complaints.live import publish
from complaints.live.publishing import STREAM
from complaints.live.streams import FULL
from complaints.live.switchboard import CHECK_EVERY, MOST_PER_SESSION
from complaints.services import assign_complaint, post_note, post_reply, set_tags
from tests.live import Ear, ask, cookie_header, live_server
from tests.security.house import ROLES, House
from tests.stack import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]
MATRIX = Path(__file__).with_name("topic_matrix.csv")
CANARY = "zebra-crossing-7731"


@pytest.fixture(scope="session")
def port(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), live_server(tmp_path_factory.mktemp("live")) as port:
        yield port


@pytest.fixture
def house():
    return House()


@pytest.fixture
def listen(port, house):
    """Open a stream as one of the cast; all are closed at the end."""
    opened: list[Ear] = []

    def open_ear(role: str, *topics: str, **more: str) -> Ear:
        ear = Ear(port, *topics, cookies=house.cookies[role], **more).__enter__()
        opened.append(ear)
        return ear

    yield open_ear
    for ear in opened:
        ear.close()


def topic_of(complaint) -> str:
    return f"complaint-{complaint.number}"


def test_every_topic_is_open_to_the_listed_roles_only(port, house):
    names = {"own": house.own.number, "twin": house.twin.number, "team": house.team.pk, "other_team": house.other_team.pk}
    names["agent"] = house.users["agent"].pk
    rows = {row.pop("topic").format(**names): row for row in csv.DictReader(MATRIX.read_text().splitlines())}
    listed = {(role, topic): int(row[role]) for topic, row in rows.items() for role in ROLES}

    assert {(role, topic): ask(port, f"/live/?t={topic}", **headers_of(house, role))[0] for role, topic in listed} == listed


def headers_of(house: House, role: str) -> dict[str, str]:
    machine = house.machines.get(role)
    return {"Cookie": cookie_header(house.cookies[role])} | ({"Authorization": f"Bearer {machine.secret}"} if machine else {})


def test_topics_that_are_not_ones_own_are_left_out_of_the_stream(listen, house):
    ear = listen("customer", topic_of(house.own), topic_of(house.twin), f"queue-{house.team.pk}")

    publish("complaint", house.twin.number, 5)
    publish("queue", house.team.pk)
    publish("complaint", house.own.number, 6)

    ear.wait_for(house.own.number)
    assert ear.pointers == [f'{{"topic":"{topic_of(house.own)}","version":0}}']


def test_another_site_is_refused(port, house):
    here = f"http://127.0.0.1:{port}"
    origins = ["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://127.0.0.1:1", "file://", here]
    asked = [{"Origin": origin} for origin in origins] + [{"Sec_Fetch_Site": site} for site in ("cross-site", "same-site", "same-origin")]

    statuses = [ask(port, f"/live/?t={topic_of(house.own)}", **headers_of(house, "agent"), **extra)[0] for extra in asked]

    assert statuses == [403] * 5 + [200, 403, 403, 200]


NONSENSE = [
    "token={secret}", "secret={secret}", "t={secret}", "t={topic}&token={secret}", "t={topic}&sessionid=x", "", "t=", "t=A-1",
    "t=complaint-%00", "t=complaint-1%0a", "t={topic},,", "t=" + ",".join(f"user-{number}" for number in range(61)),
    "t={topic}&since=x", "t={topic}&since=-1", "t=" + "a" * 5000,
]  # fmt: skip


def test_secrets_and_nonsense_in_the_address_are_a_400(port, house):
    asked = [query.format(secret=house.secret, topic=topic_of(house.own)) for query in NONSENSE]

    assert {query: ask(port, f"/live/?{query}", **headers_of(house, "agent"))[0] for query in asked} == dict.fromkeys(asked, 400)


def test_forged_cookies_open_nothing(port, house):
    forged = ["", "sessionid=abcdefgh12345678", "bihuan_links=WzFd:1abc:forged", "sessionid=%00; bihuan_links="]

    assert [ask(port, f"/live/?t={topic_of(house.own)}", Cookie=cookie)[0] for cookie in forged] == [403] * 4


def test_a_foreign_host_is_a_400(port, house):
    assert ask(port, f"/live/?t={topic_of(house.own)}", **headers_of(house, "agent"), Host="evil.example")[0] == 400


def test_an_unknown_place_in_the_stream_asks_for_a_fresh_look(listen, house):
    publish("complaint", house.twin.number, 5)
    forged = ["0-0", "9" * 15 + "-0", "1-1", "x", "-1", "1-1ä", "' OR 1=1", "9" * 400]

    ears = [listen("customer", topic_of(house.own), Last_Event_ID=place) for place in forged]

    assert [(ear.kinds[:1], ear.pointers) for ear in ears] == [(["reset"], [])] * 8


def test_a_place_of_somebody_elses_brings_ones_own_pointers_only(listen, house):
    overheard = listen("agent", topic_of(house.twin))
    publish("complaint", house.twin.number, 5)
    overheard.wait_for(house.twin.number)
    publish("complaint", house.own.number, 6)
    publish("complaint", house.twin.number, 7)
    overheard.wait_for('"version":7')

    ear = listen("customer", topic_of(house.own), Last_Event_ID=overheard.words[-2].position)

    ear.wait_for(house.own.number)
    assert ear.pointers == [f'{{"topic":"{topic_of(house.own)}","version":0}}']


def change_team(house):
    Membership.objects.filter(user=house.users["colleague"]).update(team=house.other_team)


def take_role(house):
    people.set_roles(house.users["colleague"], [], by=None)


def close_account(house):
    people.deactivate_user(house.users["colleague"], by=None)


def take_desk(house):
    User.objects.filter(pk=house.users["colleague"].pk).update(is_staff=False)


def change_password(house):
    user = User.objects.get(pk=house.users["colleague"].pk)
    user.set_password("Neun-Türme-9")
    user.save()


def raise_epoch(house):
    User.objects.filter(pk=house.users["colleague"].pk).update(session_epoch=99)


def log_out(house):
    client = house.client("colleague")
    assert client.post("/admin/logout/").status_code in (302, 303)


def let_session_end(house):
    Session.objects.filter(pk=house.cookies["colleague"]["sessionid"]).update(expire_date="2020-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "loss",
    [change_team, take_role, close_account, take_desk, change_password, raise_epoch, log_out, let_session_end],
    ids=lambda loss: loss.__name__,
)
def test_a_stream_ends_with_the_right_to_it(loss, listen, house):
    ear, other = listen("colleague", topic_of(house.own)), listen("agent", topic_of(house.own))

    loss(house)

    ear.wait_for_end()
    assert not other.is_over.is_set()
    assert CHECK_EVERY < 5


def test_a_complaint_that_goes_to_another_team_is_heard_no_longer(listen, house):
    ear = listen("colleague", topic_of(house.own), f"queue-{house.team.pk}")

    house.own.team_id = house.other_team.pk
    house.own.save(update_fields=["team"])

    ear.wait_for_end()


def test_a_customers_stream_ends_with_the_link(listen, house):
    ear = listen("customer", topic_of(house.own))

    revoke_links(house.own)

    ear.wait_for_end()


def test_what_ended_cannot_be_opened_again(port, house):
    change_team(house)

    assert ask(port, f"/live/?t={topic_of(house.own)}", **headers_of(house, "colleague"))[0] == 403


def test_a_session_has_six_streams_and_the_oldest_gives_way(listen, house):
    ears = [listen("agent", topic_of(house.own)) for _each in range(MOST_PER_SESSION + 3)]

    for ear in ears[:3]:
        ear.wait_for_end()

    assert (MOST_PER_SESSION, [ear.kinds[-1] for ear in ears[:3]]) == (6, [FULL] * 3)
    assert [ear.is_over.is_set() for ear in ears[3:]] == [False] * 6


def test_two_hundred_streams_of_one_user_leave_six_and_the_others_alone(port, listen, house):
    other = listen("lead", topic_of(house.own))
    ears = [Ear(port, topic_of(house.own), cookies=house.cookies["agent"]) for _each in range(200)]
    try:
        wait_for(lambda: sum(not ear.is_over.is_set() for ear in ears) == MOST_PER_SESSION, within=30)
        publish("complaint", house.own.number, 5)
        other.wait_for(house.own.number)
    finally:
        for ear in ears:
            ear.close()


def test_a_reader_that_never_reads_costs_no_memory(port, listen, house):
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", port))
        cookies = cookie_header(house.cookies["colleague"])
        deaf.sendall(f"GET /live/?t={topic_of(house.own)} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookies}\r\n\r\n".encode())
        ear = listen("agent", topic_of(house.own))
        before = memory_of(port)

        for version in range(1, 20_001):
            publish("complaint", house.own.number, version)
            if version % 500 == 0:
                say_until_heard(ear, house.own, version)

        assert memory_of(port) - before < 20_000_000


def say_until_heard(ear: Ear, complaint, version: int) -> None:
    """A pointer may get lost where Valkey hesitates, and is not said again by itself."""

    def is_heard() -> bool:
        publish("complaint", complaint.number, version)
        return any(f'"version":{version}' in each for each in ear.pointers)

    wait_for(is_heard, within=60)


def memory_of(port: int) -> int:
    """Resident bytes of the server that listens on a port, its workers included."""
    pids = {each.pid for each in psutil.net_connections("tcp") if each.laddr.port == port and each.status == "LISTEN"}
    return sum(psutil.Process(pid).memory_info().rss for pid in pids)


def test_the_stream_takes_nothing_in(port, house):
    methods = ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]
    headers = headers_of(house, "agent")

    assert [ask(port, f"/live/?t={topic_of(house.own)}", method=method, body=b"[" * 10_000, **headers)[0] for method in methods] == [
        405
    ] * 6


FLOOD = [
    (b"not json at all", "application/json"),
    (b"[" * 100_000, "application/json"),
    (b"mode=typing&" * 900_000, "application/x-www-form-urlencoded"),
    (b"\x00\xff" * 1000, "application/octet-stream"),
]


def test_the_posting_half_survives_what_nobody_should_send(house):
    client = house.client("agent")

    answers = [client.generic("POST", f"/admin/desk/c/{house.own.number}/pulse/", body, content_type=kind) for body, kind in FLOOD]

    assert [answer.status_code in (200, 400, 413) for answer in answers] == [True] * 4


def test_pulses_are_limited(house):
    client = house.client("agent")
    answered = 0

    # A Valkey that hesitates lets some through, no more than once again as many.
    while (status := client.post(f"/admin/desk/c/{house.own.number}/pulse/").status_code) == 200 and answered < 500:
        answered += 1

    assert status == 429
    assert answered >= 200


def test_no_word_of_a_complaint_is_in_its_stream(listen, house):
    ears = [
        listen("agent", topic_of(house.own), f"queue-{house.team.pk}", f"presence-{house.own.number}"),
        listen("customer", topic_of(house.own)),
    ]

    post_reply(house.own, body=CANARY, by=house.users["agent"], expected_version=None)
    house.client("agent").post(f"/admin/desk/c/{house.own.number}/draft/", {"kind": "reply", "body": CANARY})
    house.client("agent").get(f"/admin/desk/c/{house.own.number}/")

    for ear in ears:
        ear.wait_for(house.own.number)
        assert CANARY not in str(ear.words)
        assert all(set(json.loads(text)) == {"topic", "version"} for text in ear.pointers)


def test_a_customer_does_not_even_learn_that_something_internal_happened(listen, house):
    customer, agent = listen("customer", topic_of(house.own)), listen("agent", topic_of(house.own))

    post_note(house.own, body=CANARY, by=house.users["agent"])
    set_tags(house.own, names=["x"], by=house.users["agent"], expected_version=None)
    house.own.refresh_from_db()
    agent.wait_for(f'"version":{house.own.head_seq}')
    publish("complaint", house.own.number, 99)

    customer.wait_for(house.own.number)
    assert customer.pointers == [f'{{"topic":"{topic_of(house.own)}","version":0}}']


def test_what_stands_in_valkey_is_topic_version_and_one_mark(listen, house, settings):
    ear = listen("agent", topic_of(house.own))
    assign_complaint(house.own, to=house.users["colleague"], by=house.users["lead"], expected_version=None)
    ear.wait_for(house.own.number)

    entries = redis.Redis.from_url(settings.REDIS_URL, decode_responses=True).xrange(STREAM)

    assert {frozenset(fields) for _position, fields in entries} <= {frozenset("tvi"), frozenset("t")}
