"""Refunds by Stripe, with the library ``stripe``. Stripe signs no answers: TLS, which the library insists on, proves who speaks."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from workflows.gateways.base import (
    Answer,
    BillLine,
    Capabilities,
    Kind,
    Notification,
    RefundGateway,
    RefundRequest,
    require_fresh,
)
from workflows.gateways.libraries import BEIJING, checked_url, load_library

KEY = "out_refund_no"
UNDER_WAY = {"pending", "requires_action"}
# Codes after which no refund exists. charge_already_refunded may mean that this very refund was made before.
DEFINITE = dict.fromkeys(
    ("balance_insufficient", "charge_disputed", "charge_not_refundable", "refund_disputed_payment", "resource_missing"), Kind.DECLINED
)
PAGE = 100


class StripeGateway(RefundGateway):
    """Stripe forgets a key after a day; the key is therefore also written into the refund itself, and read from there."""

    code = "stripe"
    capabilities = Capabilities(
        key_ttl=timedelta(hours=24),
        min_query_delay=timedelta(minutes=1),
        settle_horizon=timedelta(days=1),
        max_age=None,
        min_gap=None,
        max_partials=None,
        can_retry_bounced=False,
    )

    def __init__(self, *, api_key: str, webhook_secret: str, url: str = "") -> None:
        library = load_library("stripe")
        self._library, self._webhook_secret = library, webhook_secret
        self._client = library.StripeClient(
            api_key,
            http_client=library.RequestsClient(timeout=(self.connect_seconds, self.read_seconds)),
            max_network_retries=0,  # the worker decides about another try, and asks before it
            base_addresses={"api": checked_url(url)} if url else None,
        )

    def _submit(self, request: RefundRequest) -> Answer:
        try:
            refund = self._client.v1.refunds.create(
                {**payment_of(request), "amount": request.amount_minor, "metadata": {KEY: request.out_refund_no}},
                {"idempotency_key": request.out_refund_no},  # without it the library makes up another for every call
            )
        except self._library.InvalidRequestError as error:  # 400 and 404 only
            code = error.code or type(error).__name__
            return Answer(DEFINITE.get(code, Kind.AMBIGUOUS), code=code, authenticated=True, raw=error.http_body or "")
        return read_refund(refund.to_dict(), request)

    def _query(self, request: RefundRequest) -> Answer:
        """Reads every refund of the payment: there is no way to ask for a key."""
        listed = self._client.v1.refunds.list({**payment_of(request), "limit": PAGE}).auto_paging_iter()
        ours = [refund for refund in (each.to_dict() for each in listed) if key_of(refund) == request.out_refund_no]
        alive = [refund for refund in ours if refund["status"] in {"succeeded", *UNDER_WAY}]
        if len(alive) > 1:
            return Answer(Kind.AMBIGUOUS, code="several_refunds", authenticated=True, raw=str(alive))
        if not ours:
            return Answer(Kind.ABSENT, authenticated=True)
        return read_refund((alive or ours)[0], request)

    def _parse_notification(self, headers: Mapping[str, str], raw: bytes) -> Notification:
        signature = headers.get("stripe-signature", "")
        event = self._client.construct_event(raw, signature, self._webhook_secret).to_dict()
        signed_at = next(part.removeprefix("t=") for part in signature.split(",") if part.startswith("t="))
        at = datetime.fromtimestamp(int(signed_at), UTC)
        require_fresh(at)  # the library lets a time in the future pass
        subject = event["data"]["object"]
        return Notification(event["id"], key_of(subject) if subject["object"] == "refund" else "", at, raw)

    def _bill_lines(self, day: date) -> Iterator[BillLine]:
        start = datetime.combine(day, time.min, BEIJING)
        end = start + timedelta(days=1)
        created = {"gte": int(start.timestamp()), "lt": int(end.timestamp())}
        for refund in self._client.v1.refunds.list({"created": created, "limit": PAGE}).auto_paging_iter():
            line = refund.to_dict()
            at = datetime.fromtimestamp(line["created"], UTC)
            payment = line.get("payment_intent") or line.get("charge") or ""
            yield BillLine(key_of(line), line["amount"], line["currency"].upper(), at, line["status"], payment)


def payment_of(request: RefundRequest) -> dict[str, str]:
    return {"payment_intent" if request.transaction_id.startswith("pi_") else "charge": request.transaction_id}


def key_of(refund: Mapping[str, Any]) -> str:
    return (refund.get("metadata") or {}).get(KEY, "")


def read_refund(refund: Mapping[str, Any], request: RefundRequest) -> Answer:
    (field, payment), status = next(iter(payment_of(request).items())), refund["status"]
    if key_of(refund) != request.out_refund_no or refund[field] != payment:
        return Answer(Kind.AMBIGUOUS, code="other_refund", authenticated=True, raw=str(refund))
    return Answer(kind_of(refund), refund["amount"], refund["currency"].upper(), code=status, authenticated=True, raw=str(refund))


def kind_of(refund: Mapping[str, Any]) -> Kind:
    """A refund that failed has bounced when its money had left our balance, else it was declined."""
    status = refund["status"]
    if status == "succeeded":
        return Kind.PAID
    if status in UNDER_WAY:
        return Kind.PROCESSING
    if status in {"failed", "canceled"}:
        return Kind.BOUNCED if refund.get("balance_transaction") or refund.get("failure_balance_transaction") else Kind.DECLINED
    return Kind.AMBIGUOUS
