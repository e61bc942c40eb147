"""A live server of a test's own, and the ears of pages that listen to it."""

import http.client
import os
import socket
import subprocess
import sys
import threading
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import redis
from django.conf import settings
from django.db import connection

from config.environment import free_port
from tests.stack import ROOT, wait_for

PATIENCE = 30
GRANIAN = ["-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--workers", "1", "--no-ws", "--http", "1"]


class Word(NamedTuple):
    """One event of a stream: its kind ("" for a pointer), its place, and what it says."""

    kind: str
    position: str
    text: str


@contextmanager
def live_server(folder: Path):
    """The ``live`` service of a deployment beside the tests' database; yields its port."""
    values, port = connection.get_connection_params(), free_port()
    database = f"postgres://{values['user']}:{values.get('password', '')}@{values['host']}:{values['port']}/{values['dbname']}"
    env = {**os.environ, "DATABASE_URL": database, "REDIS_URL": settings.REDIS_URL, "BIHUAN_PROCESS": "live"}
    argv = [sys.executable, *GRANIAN, "--port", str(port), "config.live:application"]
    with (folder / "live.log").open("wb") as log:
        server = subprocess.Popen(argv, env=env, cwd=ROOT, stdout=log, stderr=log)
    try:
        wait_for(lambda: ask(port, "/livez")[0] == 200, within=PATIENCE, what=lambda: (folder / "live.log").read_text())
        yield port
    finally:
        server.terminate()
        server.wait(PATIENCE)


def ask(port: int, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str]]:
    """Status and headers of one request; status 0 when nobody answers."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as line:
        try:
            line.request(method, path, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = line.getresponse()
        except OSError:
            return 0, {}
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}


def cookie_header(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


class Ear:
    """A page's open stream. ``words`` are what it heard so far; ``is_over`` says that the server ended it."""

    def __init__(self, port: int, *topics: str, cookies: dict[str, str], query: str = "", **headers: str) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.line.request("GET", f"/live/?t={','.join(topics)}{query}", headers={"Cookie": cookie_header(cookies), **headers})
        self._socket = self.line.sock
        self.answer = self.line.getresponse()
        self.status = self.answer.status
        self.words: list[Word] = []
        self.is_over = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> "Ear":
        wait_for(lambda: self.words, within=PATIENCE, what="the first word of the stream")
        # After FLUSHALL the stream begins anew with the reader's next look.
        wait_for(lambda: redis.Redis.from_url(settings.REDIS_URL).exists("live"), within=PATIENCE, what="the stream in Valkey")
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads
        self.is_over.wait(PATIENCE)
        self.answer.close()
        self.line.close()

    @property
    def pointers(self) -> list[str]:
        return [word.text for word in list(self.words) if word.kind == ""]

    @property
    def kinds(self) -> list[str]:
        return [word.kind for word in list(self.words) if word.kind]

    @property
    def last(self) -> str:
        return self.words[-1].position

    def wait_for(self, text: str) -> None:
        """Wait until a pointer with this text was heard."""
        wait_for(lambda: any(text in each for each in self.pointers), within=PATIENCE, what=lambda: f"{text} in {self.words}")

    def wait_for_kind(self, kind: str) -> None:
        wait_for(lambda: kind in self.kinds, within=PATIENCE, what=lambda: f"{kind} in {self.words}")

    def wait_for_end(self) -> None:
        assert self.is_over.wait(PATIENCE), self.words

    def _listen(self) -> None:
        fields: dict[str, str] = {}
        try:
            for line in self.answer:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    fields[name] = value
                elif "data" in fields:
                    self.words.append(Word(fields.get("event", ""), fields.get("id", ""), fields["data"]))
                    fields = {}
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            return
        finally:
            self.is_over.set()
