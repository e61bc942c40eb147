"""The books of a case: what a customer was paid, through whom, and who bears it. Every posting adds up to zero."""

import uuid
from collections.abc import Iterable

from workflows.models import LedgerEntry, Recovery, Refund, Resolution
from workflows.money.apportion import share_out

Account = LedgerEntry.Account
Leg = tuple[str, int]
BY_DEFAULT = Account.MERCHANT


def post_paid(refund: Refund) -> list[LedgerEntry]:
    """A refund has reached the customer: the provider paid it out, and whoever is liable makes that good."""
    amount = refund.amount_fen
    borne = [(account, -share) for account, share in bearers_of(refund).items()]
    return _post(refund, [(Account.CUSTOMER, amount), (Account.PROVIDER, -amount), (Account.PROVIDER, amount), *borne])


def post_returned(refund: Refund) -> list[LedgerEntry]:
    """The money came back: every leg of the last posting, the other way round."""
    last = LedgerEntry.objects.filter(refund=refund).order_by("-pk").values_list("posting", flat=True).first()
    legs = LedgerEntry.objects.filter(posting=last).order_by("pk") if last else []
    return _post(refund, [(leg.account, -leg.amount_fen) for leg in legs])


def bearers_of(refund: Refund) -> dict[str, int]:
    """How a refund is shared between those that bear it, as its revision was decided; the shop where nobody is named."""
    decided = Resolution.objects.filter(case=refund.case_id, revision=refund.revision).only("shares").first()
    shares = {account: share for account, share in sorted((decided.shares if decided else {}).items()) if share > 0}
    if sum(shares.values()) < refund.amount_fen:
        return {BY_DEFAULT: refund.amount_fen}
    parts = share_out(refund.amount_fen, list(shares.values()))
    return {account: part for account, part in zip(shares, parts, strict=True) if part}


def post_collected(recovery: Recovery, amount_fen: int) -> list[LedgerEntry]:
    """A debtor has paid: what the platform had borne comes back to it."""
    return _write(recovery.case_id, None, recovery.currency, [(Account.PLATFORM, amount_fen), (recovery.debtor, -amount_fen)])


def _post(refund: Refund, legs: Iterable[Leg]) -> list[LedgerEntry]:
    return _write(refund.case_id, refund, refund.currency, legs)


def _write(case_id: int, refund: Refund | None, currency: str, legs: Iterable[Leg]) -> list[LedgerEntry]:
    fixed = {"posting": uuid.uuid4(), "case_id": case_id, "refund": refund, "currency": currency}
    return LedgerEntry.objects.bulk_create([LedgerEntry(account=account, amount_fen=fen, **fixed) for account, fen in legs])
