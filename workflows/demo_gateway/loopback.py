"""Calls between the demo gateway and the product. They never leave this machine, so they need no guard against foreign servers."""

import http.client
import ipaddress
from contextlib import closing
from typing import NamedTuple
from urllib.parse import urlsplit

LONGEST_ANSWER = 16 * 1024 * 1024


class Place(NamedTuple):
    """An address on this machine, and the path that stands in front of every target."""

    host: str
    port: int
    path: str


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def loopback_place(url: str) -> Place:
    """Take an address apart. Raises ``ValueError`` unless it is plain HTTP to a loopback address with a port."""
    parts = urlsplit(url)
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or ""
    if parts.scheme != "http" or not parts.port or not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"{url!r} is no http://127.0.0.1:PORT address")
    return Place(host, parts.port, parts.path.rstrip("/"))


class BrokenAnswerError(OSError):
    """What came back is no whole HTTP answer."""


def call(place: Place, method: str, target: str, *, body: bytes, headers: dict[str, str], seconds: float) -> Reply:
    """One request and its whole answer. ``seconds`` bounds each wait. Raises ``OSError`` when there is none."""
    with closing(http.client.HTTPConnection(place.host, place.port, timeout=seconds)) as line:
        try:
            line.request(method, place.path + target, body=body, headers={"Content-Type": "application/json", **headers})
            answer = line.getresponse()
            if (answer.length or 0) > LONGEST_ANSWER:
                raise BrokenAnswerError("the answer is too long")
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, headers, answer.read(LONGEST_ANSWER))
        except http.client.HTTPException as error:
            raise BrokenAnswerError(type(error).__name__) from error
