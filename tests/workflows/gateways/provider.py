"""A payment provider on this machine: a real HTTP server that says what a test tells it to, and remembers what it was asked."""

import contextlib
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from workflows.gateways.base import RefundRequest


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        """Of a form, or of the query of an address."""
        text = self.body.decode() if self.body else urlsplit(self.path).query
        return {name: values[0] for name, values in parse_qs(text).items()}

    @property
    def json(self) -> dict:
        return json.loads(self.body)


@dataclass(frozen=True)
class Said:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


DROP, HANG, TRICKLE = Said(status=-1), Said(status=-2), Said(status=-3)
Reply = Said | Callable[[Asked], Said]
OUTAGES = {
    "dropped": DROP,
    "hanging": HANG,
    "500": Said(500, b"<h1>oops</h1>", {"Content-Type": "text/html"}),
    "503 with a code that would be definite": Said(
        503, b'{"code": "NOT_ENOUGH", "error": {"type": "invalid_request_error", "code": "charge_disputed"}}'
    ),
    "429": Said(429, b'{"code": "FREQUENCY_LIMITED", "error": {"type": "rate_limit_error", "code": "rate_limit"}}'),
    "bad JSON": Said(200, b'{"status": "SUCC'),
    "empty": Said(200, b""),
    "JSON that is no object": Said(200, b"[]"),
}


class Provider:
    """``replies`` are said in turn, the last one for ever."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.replies: deque[Reply] = deque()
        self.closing = threading.Event()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked = Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                provider.asked.append(asked)
                provider.say(self, asked)

            do_GET = do_POST = answer

            def log_message(self, *args: object) -> None: ...

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args: object) -> None: ...

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def reply(self, *replies: Reply) -> None:
        self.replies = deque(replies)

    def say(self, handler: BaseHTTPRequestHandler, asked: Asked) -> None:
        reply = self.replies.popleft() if len(self.replies) > 1 else self.replies[0]
        said = reply if isinstance(reply, Said) else reply(asked)
        handler.close_connection = True
        if said is DROP:
            return
        if said is HANG:
            self.closing.wait()
            return
        if said is TRICKLE:
            trickle(handler, self.closing)
            return
        handler.send_response(said.status)
        for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(said.body)

    def close(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def trickle(handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
    """A byte now and then, for ever: no single read is late."""
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    with contextlib.suppress(OSError):
        while not closing.wait(0.02):
            handler.wfile.write(b" ")


@contextlib.contextmanager
def playing_provider() -> Iterator[Provider]:
    provider = Provider()
    try:
        yield provider
    finally:
        provider.close()


@cache
def key_pair(whose: str) -> rsa.RSAPrivateKey:
    """One key for each name, made once per run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(whose: str) -> str:
    encoding, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key_pair(whose).private_bytes(encoding, kind, serialization.NoEncryption()).decode()


def public_pem(whose: str) -> str:
    encoding, kind = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key_pair(whose).public_key().public_bytes(encoding, kind).decode()


def make_request(**overrides) -> RefundRequest:
    values = {
        "out_refund_no": "RF01JXAMPLE0000000000000001",
        "transaction_id": "4200000001",
        "amount_minor": 1234,
        "total_minor": 5000,
        "currency": "CNY",
        "reason": "质量问题",
    }
    return RefundRequest(**{**values, **overrides})
