"""The one door to other servers over HTTP.

An address is resolved once, every answer of the resolver must be a public one, and the connection goes to exactly that address, so
that no name can lead into our own network. No redirects, no proxies, one time limit for the whole exchange, a bound on the answer.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from urllib.parse import SplitResult, urlsplit

MOST_BYTES = 1_000_000
SECONDS = 5.0
DEFAULT_PORTS = {"https": 443, "http": 80}
# Some versions of Python call these global: they embed or relay other addresses, or belong to no single host.
NEVER_PUBLIC = [
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2002::/16", "fec0::/10", "ff00::/8",
    )
]  # fmt: skip
UNPRINTABLE = re.compile(r"[\x00-\x20\x7f]")


class Fault(StrEnum):
    """Why nothing usable came back."""

    FORBIDDEN = "forbidden"  # the address leads where no call may go; nothing was sent
    UNREACHABLE = "unreachable"  # no connection; nothing was sent
    TIMEOUT = "timeout"
    DROPPED = "dropped"  # the connection broke or what came was no HTTP
    TOO_LONG = "too_long"


class FetchError(Exception):
    """No usable answer; after ``TIMEOUT``, ``DROPPED`` and ``TOO_LONG`` the other side may have done what it was asked."""

    def __init__(self, fault: Fault, why: str = "") -> None:
        super().__init__(f"{fault}: {why}" if why else str(fault))
        self.fault = fault


@dataclass(frozen=True)
class Reply:
    """What the other server said, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def safe_fetch(
    url: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    most: int = MOST_BYTES,
    is_own_choice: bool = False,
) -> Reply:
    """Ask another server once. Raises ``FetchError``; an error status is an answer, not an error.

    ``is_own_choice``: the address was written by whoever runs the house (an environment variable), so it may be private, on any port
    and without TLS. Never pass it for an address that came from a customer, a merchant or another server.
    Looking the name up is bounded by the resolver of the machine, not by ``seconds``.
    """
    parts = split_address(url, is_own_choice=is_own_choice)
    addresses = resolve(parts, is_own_choice=is_own_choice)
    end = time.monotonic() + seconds
    connection = connect(addresses, parts, end)
    # A timeout of a socket counts each read; a server that sends a byte a second would hold us for ever.
    guard = threading.Timer(max(0.0, end - time.monotonic()), socket.socket.shutdown, (connection, socket.SHUT_RDWR))
    guard.daemon = True
    guard.start()
    try:
        reply = exchange(connection, parts, method, body, headers or {}, most)
        if time.monotonic() >= end:  # an answer that ends with the connection would pass for a whole one
            raise TimeoutError
        return reply
    except (OSError, http.client.HTTPException) as error:
        is_late = isinstance(error, TimeoutError) or time.monotonic() >= end
        raise FetchError(Fault.TIMEOUT if is_late else Fault.DROPPED, type(error).__name__) from error
    finally:
        guard.cancel()
        connection.close()


def split_address(url: str, *, is_own_choice: bool) -> SplitResult:
    """The parts of an address that may be asked at all."""
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError as error:
        raise FetchError(Fault.FORBIDDEN, "not an address") from error
    if UNPRINTABLE.search(url) or not url.isascii() or parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise FetchError(Fault.FORBIDDEN, "not an address")
    if parts.username is not None or parts.password is not None:
        raise FetchError(Fault.FORBIDDEN, "credentials in an address")
    if not is_own_choice and port not in DEFAULT_PORTS.values():
        raise FetchError(Fault.FORBIDDEN, "port")
    return parts


def resolve(parts: SplitResult, *, is_own_choice: bool) -> list[tuple]:
    """Every address of the host, all of them public unless the house chose it."""
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(Fault.UNREACHABLE, "no such host") from error
    addresses = list(dict.fromkeys((family, address) for family, _type, _protocol, _name, address in found))
    if not is_own_choice and not all_public(address[0] for _family, address in addresses):
        raise FetchError(Fault.FORBIDDEN, "not a public address")
    return addresses


def all_public(addresses: Iterable[str]) -> bool:
    """False when even one of several answers leads inside: the next look-up could return that one alone."""
    return all(is_public(address) for address in addresses)


def is_public(address: str) -> bool:
    """True for an address of a host in the internet, also when it is written as an IPv6 one."""
    parsed = ipaddress.ip_address(address.split("%")[0])
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return parsed.is_global and not any(parsed.version == net.version and parsed in net for net in NEVER_PUBLIC)


def connect(addresses: list[tuple], parts: SplitResult, end: float) -> socket.socket:
    """A connection to one of the addresses, with TLS for https."""
    failure: OSError | None = None
    for family, address in addresses:
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            plain.settimeout(max(0.001, end - time.monotonic()))
            plain.connect(address)
            return tls_context().wrap_socket(plain, server_hostname=parts.hostname) if parts.scheme == "https" else plain
        except OSError as error:
            plain.close()
            failure = error
    fault = Fault.TIMEOUT if isinstance(failure, TimeoutError) else Fault.UNREACHABLE
    raise FetchError(fault, type(failure).__name__) from failure


@cache
def tls_context() -> ssl.SSLContext:
    return ssl.create_default_context()


def exchange(connection: socket.socket, parts: SplitResult, method: str, body: bytes | None, headers: Mapping, most: int) -> Reply:
    """One request and its whole answer over an open connection."""
    client = http.client.HTTPConnection(parts.hostname)
    client.sock = connection
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fixed = {"Host": parts.netloc, "Accept-Encoding": "identity", "Connection": "close", "User-Agent": "bihuan"}
    client.request(method, path, body=body, headers=fixed | dict(headers))
    with client.getresponse() as response:
        content = response.read(most + 1)
    if len(content) > most:
        raise FetchError(Fault.TOO_LONG)
    if response.length:
        raise http.client.IncompleteRead(content, response.length)
    return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, content)
