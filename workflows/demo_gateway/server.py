"""The demo gateway itself: an HTTP server on the loopback address, with its own ledger, its faults and its notices.

| call | answer |
|--|--|
| ``POST /v1/refunds`` | takes a refund: 200, 422 declined, 409 the key stands for another refund |
| ``GET /v1/refunds/{no}`` | what became of it: 200, 404 absent |
| ``POST /v1/refunds/{no}/retry`` | pays a bounced refund again: 200, 409 not bounced |
| ``GET /v1/ledger?after=SEQ`` | the next facts of the ledger |
| ``GET /v1/bills/{day}`` | what was paid and bounced on that day in Shanghai |
| ``GET``, ``PUT /_control/faults`` | the plan of faults |
| ``PUT /_control/clock`` | ``{"advance_seconds": N}`` moves the gateway's time forward |

Every request is signed by the caller and every answer by the gateway (``signing.py``). Questions to the demo carrier (``carrier.py``),
which only tells where made-up parcels are, need no signature.
"""

import json
import logging
import re
import select
from collections.abc import Callable
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from orders.carriers.demo_core import PATH

from .book import ABSENT, DECLINED, PROCESSING, Book, KeyReusedError, NotBouncedError, Order, Refund
from .carrier import SPEED, PlayedCarrier
from .clock import Clock
from .faults import Faults
from .ledger import Fact, Ledger
from .signing import NONCE, BadSealError, open_seal, seal
from .webhooks import Courier

logger = logging.getLogger(__name__)
HOST = "127.0.0.1"
LONGEST_BODY = 1024 * 1024
FACTS_AT_ONCE = 5000
LONGEST_WAIT_SECONDS = 120
Outcome = tuple[int, dict[str, Any]]


class HangUpError(Exception):
    """Close the connection without an answer."""


class GatewayServer(ThreadingHTTPServer):
    """One gateway on one ledger. ``folder`` holds ``ledger.jsonl`` and ``faults.json``; ``port`` 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self,
        *,
        port: int,
        folder: Path,
        secret: str,
        courier: Courier,
        clock: Clock,
        seed: int | None = None,
        scans: Courier | None = None,
        speed: int = SPEED,
    ):
        self.secret, self.courier, self.clock, self.scans = secret, courier, clock, scans or Courier(None, secret)
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.faults = Faults(folder / "faults.json", seed=seed)
        self.book = Book(self.ledger, clock, self.announce)
        self.carrier = PlayedCarrier(folder / "waybills.jsonl", clock, self.scans.post, seed=seed or 0, speed=speed)
        super().__init__((HOST, port), Conversation)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"

    def announce(self, fact: Fact) -> None:
        """Send the notice of a fact. Where notices are to be duplicated, one that says "processing" goes with it, to be overtaken."""
        notices = [notice_of(fact)]
        copies = self.faults.plan.copies_for(fact["out_refund_no"])
        if copies:
            notices.insert(0, {**notices[0], "notify_id": f"{notices[0]['notify_id']}-early", "status": PROCESSING})
        self.courier.send(*notices, copies=copies or 1)

    def service_actions(self) -> None:
        """Between requests: what is due lands and bounces, and is told. A full disk must not end the server; it is tried again."""
        self.carrier.push_due()
        try:
            self.book.settle_due()
        except OSError:
            logger.exception("nothing could be written to the ledger")

    def stop(self) -> None:
        self.server_close()
        self.courier.stop()
        self.scans.stop()
        self.ledger.close()


def notice_of(fact: Fact) -> dict[str, Any]:
    named = {name: fact[name] for name in ("out_refund_no", "amount_minor", "currency", "at")}
    return {"notify_id": f"{fact['out_refund_no']}-{fact['seq']}", "status": fact["kind"], **named}


class Conversation(BaseHTTPRequestHandler):
    """One connection: one signed request, one signed answer."""

    server: GatewayServer
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        self._converse()

    do_POST = do_PUT = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug(format, *args)

    def _converse(self) -> None:
        self.close_connection = True
        try:
            self._send(*self._outcome())
        except (HangUpError, OSError) as error:
            logger.debug("no answer: %r", error)

    def _outcome(self) -> Outcome:
        try:
            self.body = self._read_body()
            if self.path.startswith(PATH):
                return self.server.carrier.answer(self.command, self.path)
            open_seal(self.server.secret, dict(self.headers), "request", self.command, self.path, body=self.body)
            self.server.book.settle_due()
            return self._route()
        except BadSealError as error:
            return 401, {"code": "BAD_SEAL", "text": str(error)}
        except (KeyReusedError, NotBouncedError) as error:
            return 409, {"code": CONFLICTS[type(error)], "text": str(error)}
        except ValueError as error:
            return 400, {"code": "INVALID", "text": str(error)}
        except OSError:
            logger.exception("no answer but trouble")
            return 500, {"code": "TROUBLE"}

    def _read_body(self) -> bytes:
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= LONGEST_BODY:
            raise ValueError("the body is too long")
        return self.rfile.read(length)

    def _route(self) -> Outcome:
        path = urlsplit(self.path).path
        for method, pattern, answer in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and method == self.command:
                return answer(self, *map(unquote, found.groups()))
        return 404, {"code": "NO_SUCH_CALL"}

    def _send(self, status: int, words: dict[str, Any]) -> None:
        body = json.dumps(words, ensure_ascii=False).encode()
        self.send_response(status)
        headers = seal(self.server.secret, "answer", str(status), self.headers.get(NONCE, ""), body=body)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _take_refund(self) -> Outcome:
        order, total_minor = Order.read(json.loads(self.body))
        self.server.book.require_same(order)
        fault = self.server.faults.next_for(order.out_refund_no)
        if fault.name == "500_then_ok":
            return 500, {"code": "TROUBLE"}
        if fault.name == "slow":
            self._wait_until_caller_is_gone()
        refund = self.server.book.submit(order, total_minor, fault)
        if fault.name in {"ok_but_drop_reply", "absent_then_lands"}:
            raise HangUpError
        return answer_about(refund, declined=422)

    def _tell_refund(self, out_refund_no: str) -> Outcome:
        return answer_about(self.server.book.query(out_refund_no), declined=200)

    def _pay_again(self, out_refund_no: str) -> Outcome:
        return answer_about(self.server.book.pay_again(out_refund_no), declined=422)

    def _tell_facts(self) -> Outcome:
        after = int(parse_qs(urlsplit(self.path).query).get("after", ["0"])[0])
        facts = self.server.book.facts_after(max(after, 0), limit=FACTS_AT_ONCE)
        return 200, {"facts": facts, "has_more": len(facts) == FACTS_AT_ONCE}

    def _tell_bill(self, day: str) -> Outcome:
        return 200, {"day": day, "lines": list(self.server.book.bill(date.fromisoformat(day)))}

    def _tell_faults(self) -> Outcome:
        return 200, dict(self.server.faults.plan.source)

    def _replace_faults(self) -> Outcome:
        self.server.faults.replace(json.loads(self.body))
        return self._tell_faults()

    def _move_clock(self) -> Outcome:
        wanted = json.loads(self.body)
        now = self.server.clock.advance(wanted.get("advance_seconds") if isinstance(wanted, dict) else None)
        self.server.book.settle_due()
        return 200, {"now": now.isoformat()}

    def _wait_until_caller_is_gone(self) -> None:
        """Until the other side closes. It has said all it had to say, so a readable connection is a closed one."""
        poll = select.poll()
        poll.register(self.connection, select.POLLIN | select.POLLHUP)
        poll.poll(LONGEST_WAIT_SECONDS * 1000)


def answer_about(refund: Refund | None, *, declined: int) -> Outcome:
    if refund is None:
        return 404, {"status": ABSENT, "code": "NO_SUCH_REFUND"}
    return declined if refund.status == DECLINED else 200, refund.as_answer()


CONFLICTS = {KeyReusedError: "KEY_REUSED", NotBouncedError: "NOT_BOUNCED"}
ROUTES: list[tuple[str, str, Callable[..., Outcome]]] = [
    ("POST", r"/v1/refunds", Conversation._take_refund),
    ("GET", r"/v1/refunds/([^/]+)", Conversation._tell_refund),
    ("POST", r"/v1/refunds/([^/]+)/retry", Conversation._pay_again),
    ("GET", r"/v1/ledger", Conversation._tell_facts),
    ("GET", r"/v1/bills/(\d{4}-\d\d-\d\d)", Conversation._tell_bill),
    ("GET", r"/_control/faults", Conversation._tell_faults),
    ("PUT", r"/_control/faults", Conversation._replace_faults),
    ("PUT", r"/_control/clock", Conversation._move_clock),
]
