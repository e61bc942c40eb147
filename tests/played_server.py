"""A small HTTP server on loopback that plays somebody else's: it answers what a test tells it, and writes down what it was asked."""

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class PlayedServer:
    """``answer`` gives status and body for a request, or one of the ways to misbehave: the name of a method below."""

    answer: Callable[[Asked], tuple[int, object] | str] = lambda asked: (200, {})
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)  # somebody went away in the middle of a drip

    def __enter__(self) -> "PlayedServer":
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Pages", (_Pages,), {"played": self}))
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


class _Pages(BaseHTTPRequestHandler):
    played: PlayedServer

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        self.played.asked.append(asked)
        answer = self.played.answer(asked)
        self.close_connection = True
        if isinstance(answer, str):
            getattr(self, answer)()
        else:
            self.say(*answer)

    do_POST = do_PUT = do_GET

    def say(self, status: int, content: object) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def drop(self) -> None:
        """Close without a word."""
        self.connection.shutdown(socket.SHUT_RDWR)

    def hang(self) -> None:
        """Say nothing, keep the line."""
        self.played.over.wait(20)

    def cut(self) -> None:
        """Promise more than is sent."""
        self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a":')

    def drip_unbounded(self) -> None:
        """As ``drip``, without saying how much is to come."""
        self.drip(b"HTTP/1.1 200 OK\r\n\r\n")

    def drip(self, head: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n") -> None:
        """A byte now and then, so that no single read takes long."""
        try:
            self.wfile.write(head)
            for _each in range(60):
                self.wfile.write(b"1")
                if self.played.over.wait(0.05):
                    return
        except OSError:
            self.played.left.set()

    def log_message(self, *_) -> None:
        pass
