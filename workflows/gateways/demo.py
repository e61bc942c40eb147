"""The demo gateway as the product sees it: an outside party that is asked over HTTP and believed only when its answer is signed.

Environment: ``BIHUAN_GATEWAY_DEMO_URL`` (http://127.0.0.1:PORT) and ``BIHUAN_GATEWAY_DEMO_SECRET``.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from workflows.demo_gateway.loopback import Reply, call, loopback_place
from workflows.demo_gateway.signing import NONCE, BadSealError, open_seal, seal

from .base import Answer, BillLine, Capabilities, InvalidSignatureError, Kind, Notification, Payee, RefundGateway, RefundRequest

# Codes that prove that this request moved no money and never will. Anything else that declines is asked about again.
DEFINITE_CODES = {"REJECTED", "NOT_ENOUGH", "TOTAL_DIFFERS", "CURRENCY_DIFFERS"}
KINDS = {"paid": Kind.PAID, "processing": Kind.PROCESSING, "declined": Kind.DECLINED, "bounced": Kind.BOUNCED}


class UntrustedAnswerError(Exception):
    """An answer that is not signed as it should be, or that failed."""


class DemoGateway(RefundGateway):
    """The bundled gateway on this machine. It keeps its promises on purpose, and its faults only when it was told to have them."""

    code: ClassVar[str] = "demo"
    capabilities: ClassVar[Capabilities] = Capabilities(
        key_ttl=None,
        min_query_delay=timedelta(seconds=5),
        settle_horizon=timedelta(minutes=10),
        max_age=timedelta(days=365),
        min_gap=None,
        max_partials=None,
        can_retry_bounced=True,
    )

    def __init__(self, *, url: str, secret: str):
        self._place, self._secret = loopback_place(url), secret

    def _submit(self, request: RefundRequest) -> Answer:
        words = {
            "out_refund_no": request.out_refund_no,
            "transaction_id": request.transaction_id,
            "amount_minor": request.amount_minor,
            "total_minor": request.total_minor,
            "currency": request.currency,
            "reason": request.reason,
        }
        return self._answer_about(request, self._call("POST", "/v1/refunds", words))

    def _query(self, request: RefundRequest) -> Answer:
        reply, is_signed = self._call("GET", refund_target(request))
        if is_signed and reply.status == 404 and read_object(reply.body).get("status") == "absent":
            return Answer(Kind.ABSENT, code="NO_SUCH_REFUND", authenticated=True, raw=text_of(reply))
        return self._answer_about(request, (reply, is_signed))

    def _retry_bounced(self, request: RefundRequest, payee: Payee) -> Answer:
        return self._answer_about(request, self._call("POST", f"{refund_target(request)}/retry", {"payee": payee.kind}))

    def _parse_notification(self, headers: Mapping[str, str], raw: bytes) -> Notification:
        try:
            at = open_seal(self._secret, headers, "notice", body=raw)
        except BadSealError as error:
            raise InvalidSignatureError(str(error)) from None
        notice = read_object(raw)
        return Notification(str(notice["notify_id"]), str(notice["out_refund_no"]), at, raw)

    def _bill_lines(self, day: date) -> Iterator[BillLine]:
        reply, is_signed = self._call("GET", f"/v1/bills/{day.isoformat()}")
        if not is_signed or reply.status != 200:
            raise UntrustedAnswerError(f"the bill of {day} was answered {reply.status}, signed: {is_signed}")
        for line in read_object(reply.body)["lines"]:
            at = datetime.fromisoformat(line["at"])
            yield BillLine(line["out_refund_no"], line["amount_minor"], line["currency"], at, line["kind"], line["transaction_id"])

    def _call(self, method: str, target: str, words: dict[str, Any] | None = None) -> tuple[Reply, bool]:
        """One signed request; the reply and whether it is signed as the answer to just this request."""
        body = b"" if words is None else json.dumps(words, ensure_ascii=False).encode()
        headers = seal(self._secret, "request", method, self._place.path + target, body=body)
        reply = call(self._place, method, target, body=body, headers=headers, seconds=self.time_limit.total_seconds())
        try:
            open_seal(self._secret, reply.headers, "answer", str(reply.status), headers[NONCE], body=reply.body)
        except BadSealError:
            return reply, False
        return reply, True

    def _answer_about(self, request: RefundRequest, signed_reply: tuple[Reply, bool]) -> Answer:
        """Believe a signed 200 or 422 about this very refund. A decline counts only with a code that is known to be definite."""
        reply, is_signed = signed_reply
        if not is_signed or reply.status not in (200, 422):
            return Answer(Kind.AMBIGUOUS, code=f"http_{reply.status}" if is_signed else "bad_signature", raw=text_of(reply))
        words = read_object(reply.body)
        kind, code, amount = KINDS.get(words.get("status"), Kind.AMBIGUOUS), str(words.get("code", "")), words.get("amount_minor")
        is_definite = kind is not Kind.DECLINED or code in DEFINITE_CODES
        if words.get("out_refund_no") != request.out_refund_no or not is_definite or type(amount) is not int:
            kind = Kind.AMBIGUOUS
        return Answer(kind, amount, str(words.get("currency", "")), code, authenticated=True, raw=text_of(reply))


def refund_target(request: RefundRequest) -> str:
    return f"/v1/refunds/{quote(request.out_refund_no, safe='')}"


def read_object(body: bytes) -> dict[str, Any]:
    words = json.loads(body)
    if not isinstance(words, dict):
        raise ValueError("no object")
    return words


def text_of(reply: Reply) -> str:
    return reply.body.decode("utf-8", "replace")
