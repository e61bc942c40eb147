"""The door to other servers: where it leads, where it does not, and what it makes of servers that misbehave."""

import socket

import pytest

from foundation.fetch import Fault, FetchError, all_public, is_public, safe_fetch
from tests.played_server import PlayedServer


@pytest.fixture
def server():
    with PlayedServer() as played:
        yield played


def fault_of(url: str, **options) -> Fault:
    with pytest.raises(FetchError) as raised:
        safe_fetch(url, **options)
    return raised.value.fault


def test_safe_fetch_sends_what_it_was_given_and_returns_the_answer(server):
    server.answer = lambda asked: (201, {"a": "中"})

    reply = safe_fetch(f"{server.url}/p?q=1", method="POST", body=b"x=1", headers={"X-Key": "k"}, is_own_choice=True)

    assert (reply.status, reply.body.decode(), reply.headers["content-type"]) == (201, '{"a": "中"}', "application/json")
    [asked] = server.asked
    assert (asked.method, asked.path, asked.body, asked.headers["x-key"]) == ("POST", "/p?q=1", b"x=1", "k")
    assert asked.headers["host"] == server.url.removeprefix("http://")


def test_safe_fetch_follows_no_redirect(server):
    server.answer = lambda asked: (302, b"")

    assert safe_fetch(server.url, is_own_choice=True).status == 302
    assert len(server.asked) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "0", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
def test_safe_fetch_sends_nothing_into_our_own_network(server, host):
    # the port is allowed only for this test's sake: the address must be what stops it
    url = f"http://{host}:80/"

    assert fault_of(url) is Fault.FORBIDDEN
    assert server.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "192.0.0.8", "198.18.0.1",
        "255.255.255.255", "::1", "::", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1", "fc00::1", "ff02::1",
        "fe80::1%lo", "2001:db8::1",
    ],
)  # fmt: skip
def test_is_public_knows_the_addresses_of_nobody(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "::ffff:8.8.8.8", "2606:4700:4700::1111", "223.5.5.5"])
def test_is_public_knows_the_addresses_of_somebody(address):
    assert is_public(address)


def test_one_private_answer_among_public_ones_is_enough_to_refuse():
    assert all_public(["8.8.8.8", "1.1.1.1"])
    assert not all_public(["8.8.8.8", "127.0.0.1"])


@pytest.mark.parametrize(
    "url",
    [
        "ftp://8.8.8.8/", "file:///etc/passwd", "//8.8.8.8/", "http:///x", "https://8.8.8.8:22/", "https://a:b@8.8.8.8/", "https://a@8.8.8.8/",
        "https://8.8.8.8/a b", "https://8.8.8.8/\r\nX: 1", "https://①②⑦.⓪.⓪.①/", "https://8.8.8.8:99999/", "not an address",
    ],
)  # fmt: skip
def test_safe_fetch_refuses_odd_addresses(url):
    assert fault_of(url) is Fault.FORBIDDEN


@pytest.mark.parametrize(
    ("way", "fault"),
    [
        ("drop", Fault.DROPPED),
        ("cut", Fault.DROPPED),
        ("hang", Fault.TIMEOUT),
        ("drip", Fault.TIMEOUT),
        ("drip_unbounded", Fault.TIMEOUT),
    ],
)
def test_safe_fetch_names_what_went_wrong(server, way, fault):
    server.answer = lambda asked: way

    assert fault_of(server.url, is_own_choice=True, seconds=0.4) is fault


def test_safe_fetch_does_not_wait_for_the_end_of_a_slow_answer(server):
    server.answer = lambda asked: "drip"

    assert fault_of(server.url, is_own_choice=True, seconds=0.4) is Fault.TIMEOUT
    assert server.left.wait(10)


def test_safe_fetch_reads_no_endless_answer(server):
    server.answer = lambda asked: (200, b"x" * 101)

    assert len(safe_fetch(server.url, is_own_choice=True, most=101).body) == 101
    assert fault_of(server.url, is_own_choice=True, most=100) is Fault.TOO_LONG


def test_safe_fetch_says_that_nobody_listens():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

    assert fault_of(f"http://127.0.0.1:{port}/", is_own_choice=True) is Fault.UNREACHABLE
    assert fault_of("https://nobody.invalid/") is Fault.UNREACHABLE


def test_safe_fetch_speaks_tls_only_with_whom_it_can_verify(server):
    assert fault_of(server.url.replace("http", "https"), is_own_choice=True) is Fault.UNREACHABLE
