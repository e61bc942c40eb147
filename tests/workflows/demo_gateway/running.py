"""A demo gateway as a process of its own, and a receiver for its notices."""

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from tests.stack import ROOT
from workflows.demo_gateway.ledger import Fact, read_facts
from workflows.demo_gateway.loopback import Reply, call, loopback_place
from workflows.demo_gateway.signing import NONCE, open_seal, seal
from workflows.gateways.base import RefundRequest
from workflows.gateways.demo import DemoGateway

SECRET = "a secret of sixteen"
PATIENCE = 60


class HastyGateway(DemoGateway):
    """The adapter with little patience, for faults that outlast it."""

    time_limit = timedelta(seconds=1)


class RunningGateway:
    """``manage.py demo_gateway`` on a port of its own. ``start`` after ``kill`` goes on with the same ledger at another port."""

    def __init__(self, folder: Path, *arguments: str):
        self.folder, self.arguments = folder, arguments
        self.start()

    def start(self) -> None:
        argv = [sys.executable, str(ROOT / "manage.py"), "demo_gateway", "--port", "0", "--folder", str(self.folder), *self.arguments]
        self.process = subprocess.Popen(
            argv, env={**os.environ, "BIHUAN_GATEWAY_DEMO_SECRET": SECRET}, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.greeting = self.process.stdout.readline()
        self.url = self.greeting.split()[-1]
        self.place = loopback_place(self.url)

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self._end()

    def terminate(self) -> int:
        self.process.terminate()
        return self._end()

    def _end(self) -> int:
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        return code

    @property
    def adapter(self) -> DemoGateway:
        return DemoGateway(url=self.url, secret=SECRET)

    @property
    def hasty_adapter(self) -> DemoGateway:
        return HastyGateway(url=self.url, secret=SECRET)

    @property
    def facts(self) -> list[Fact]:
        """The ledger as an outsider reads it, also while the gateway runs."""
        return list(read_facts(self.folder / "ledger.jsonl"))

    def facts_about(self, key: str) -> list[str]:
        return [fact["kind"] for fact in self.facts if fact.get("out_refund_no") == key]

    def send(self, method: str, target: str, words: Any = None) -> tuple[int, dict[str, Any]]:
        """A signed request as the adapter does not make it; the answer's seal is checked."""
        body = b"" if words is None else json.dumps(words).encode()
        headers = seal(SECRET, "request", method, target, body=body)
        reply = self.send_raw(method, target, body=body, headers=headers)
        open_seal(SECRET, reply.headers, "answer", str(reply.status), headers[NONCE], body=reply.body)
        return reply.status, json.loads(reply.body)

    def send_raw(self, method: str, target: str, *, body: bytes = b"", headers: dict[str, str]) -> Reply:
        return call(self.place, method, target, body=body, headers=headers, seconds=PATIENCE)

    def plan(self, **plan: Any) -> None:
        assert self.send("PUT", "/_control/faults", plan)[0] == 200


class Received(NamedTuple):
    headers: dict[str, str]
    body: bytes

    @property
    def words(self) -> dict[str, Any]:
        return json.loads(self.body)


class Receiver:
    """A small server that takes notices. ``statuses`` are its first answers; then it says 204. ``hold`` makes it silent."""

    def __init__(self, *statuses: int):
        self.received: list[Received] = []
        self.statuses, self.hold = list(statuses), threading.Event()
        self.hold.set()
        receiver = self

        class Inbox(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append(Received({name.lower(): value for name, value in self.headers.items()}, body))
                receiver.hold.wait(PATIENCE)
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Inbox)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hooks/pay/demo/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def about(self, key: str) -> list[Received]:
        return [each for each in list(self.received) if each.words["out_refund_no"] == key]

    def close(self) -> None:
        self.hold.set()
        self.server.shutdown()
        self.server.server_close()


def refund(key: str, amount: int = 1_000, *, payment: str = "", total: int = 10_000, currency: str = "CNY") -> RefundRequest:
    """A request of its own payment, unless one is named."""
    return RefundRequest(key, payment or f"T-{key}", amount, total, currency)
