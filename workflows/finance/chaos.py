"""For those who try the house out: our books beside those of the demo gateway, number by number, and the faults that it is to have."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Subquery, Sum
from django.http import Http404

from accounts.models import User
from workflows import access
from workflows.demo_gateway.control import Control
from workflows.finance.sheet import ANSWERS
from workflows.gateways import read_keys
from workflows.gateways.base import Kind, refuse_transaction
from workflows.gateways.demo import DemoGateway
from workflows.models import LedgerEntry, Refund

MOST = 50
MOVES = {"paid": 1, "bounced": -1}
SAID = {"": ANSWERS[Kind.ABSENT], "taken": ANSWERS[Kind.ABSENT], **{str(kind.value): words for kind, words in ANSWERS.items()}}


@dataclass(frozen=True)
class Theirs:
    """What the gateway says of one number: what has left it and stayed away, and what it said last."""

    fen: int
    currency: str
    said: str


@dataclass(frozen=True)
class Pair:
    """One refund in both books. Either side may not know it."""

    number: str
    refund: Refund | None
    ours_fen: int
    theirs_fen: int
    currency: str
    said: str

    @property
    def gap_fen(self) -> int:
        return self.theirs_fen - self.ours_fen

    @property
    def said_words(self) -> Any:
        return SAID.get(self.said, self.said)


@dataclass(frozen=True)
class Sums:
    currency: str
    ours_fen: int
    theirs_fen: int

    @property
    def gap_fen(self) -> int:
        return self.theirs_fen - self.ours_fen


def control_of_demo() -> Control:
    """The gateway of a trial, or 404: an installation shows nothing of it and lets nobody play with it."""
    keys = read_keys(DemoGateway.code)
    if settings.BIHUAN_ENV != "trial" or keys.keys() < {"url", "secret"}:
        raise Http404
    refuse_transaction()
    return Control(url=keys["url"], secret=keys["secret"])


def board_of(user: User, facts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Both books side by side, what differs first; refunds of shops that the reader has nothing to do with count on neither side."""
    pairs = list(_pairs(user, _fold(facts)))
    # Python's sort keeps the order of equals: the newest of each kind come first.
    pairs.sort(key=lambda pair: pair.gap_fen == 0)
    differing = sum(pair.gap_fen != 0 for pair in pairs)
    return {"pairs": pairs[:MOST], "differing": differing, "sums": _sums(pairs), "count": len(pairs)}


def _fold(facts: Iterable[dict[str, Any]]) -> dict[str, Theirs]:
    found: dict[str, Theirs] = {}
    for fact in facts:
        if number := fact.get("out_refund_no"):
            before = found[number].fen if number in found else 0
            found[number] = Theirs(before + MOVES.get(fact["kind"], 0) * fact["amount_minor"], fact["currency"], fact["kind"])
    return found


def _pairs(user: User, theirs: dict[str, Theirs]) -> Iterator[Pair]:
    """The newest first; what only the gateway knows before all others."""
    ours = {refund.out_refund_no: refund for refund in _booked(user)}
    unseen = Refund.objects.filter(gateway=DemoGateway.code).exclude(pk__in=access.refunds_for(user))
    elsewhere = set(unseen.values_list("out_refund_no", flat=True))
    for number in theirs.keys() - ours.keys() - elsewhere:
        each = theirs[number]
        yield Pair(number, None, 0, each.fen, each.currency, each.said)
    for number, refund in ours.items():
        each = theirs.get(number) or Theirs(0, refund.currency, "")
        if each.said or refund.booked_fen:
            yield Pair(number, refund, refund.booked_fen or 0, each.fen, refund.currency, each.said)


def _booked(user: User) -> Iterable[Refund]:
    """The refunds of this gateway with what our ledger says that customers got."""
    legs = LedgerEntry.objects.filter(refund=OuterRef("pk"), account=LedgerEntry.Account.CUSTOMER).order_by().values("refund")
    booked = Subquery(legs.annotate(fen=Sum("amount_fen")).values("fen"))
    return access.refunds_for(user).filter(gateway=DemoGateway.code).annotate(booked_fen=booked).order_by("-pk")


def _sums(pairs: list[Pair]) -> list[Sums]:
    sums: dict[str, Sums] = {}
    for pair in pairs:
        had = sums.get(pair.currency) or Sums(pair.currency, 0, 0)
        sums[pair.currency] = Sums(pair.currency, had.ours_fen + pair.ours_fen, had.theirs_fen + pair.theirs_fen)
    return [sums[currency] for currency in sorted(sums)]
