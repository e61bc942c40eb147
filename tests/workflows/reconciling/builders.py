"""Refunds that our books have paid, people of finance, and statements taken in."""

from datetime import date, datetime, time, timedelta
from itertools import count

from accounts.models import User
from orders.models import Merchant
from tests.factories import make_merchant, make_user
from tests.workflows.builders import make_case, make_refund
from tests.workflows.reconciling.files import DAY
from workflows.gateways.libraries import BEIJING
from workflows.machines.refund import RefundState
from workflows.models import Case, Refund, RefundEvent, Statement
from workflows.reconciling.listed import Listed
from workflows.services.statements import take_statement

_people, _digests = count(1), count(1)


def make_finance(*, shop: Merchant | None = None, role: str = "finance", **overrides) -> User:
    """Somebody of finance of the shop that all built complaints are of."""
    return make_user(role, shops=[shop or make_merchant()], username=f"finance{next(_people)}", **overrides)


def noon(day: date = DAY) -> datetime:
    return datetime.combine(day, time(12), BEIJING)


def book(refund: Refund, amount: int, *, at: datetime | None = None) -> RefundEvent:
    """A fact of our books: paid back, or, negative, come back."""
    seq = refund.facts.count() + 1
    verb = "mark_paid" if amount > 0 else "mark_bounced"
    return RefundEvent.objects.create(
        refund=refund, seq=seq, verb=verb, after=refund.state, held_fen=-amount, refunded_fen=amount, at=at or noon()
    )


def make_paid(amount: int = 5000, *, at: datetime | None = None, case: Case | None = None, **overrides) -> Refund:
    """A refund that was paid at noon of the day of the statements."""
    fields = {"state": RefundState.SUCCEEDED, "amount_fen": amount, "auto_limit_fen": 1_000_000, **overrides}
    refund = make_refund(case or make_case(), **fields)
    book(refund, amount, at=at)
    return refund


def line(key: str | Refund, amount: int = 5000, *, day: date = DAY, position: int = 0, **overrides) -> Listed:
    """A line of a statement, by default of a refund as it should be."""
    number = key.out_refund_no if isinstance(key, Refund) else key
    return Listed(position or next(_digests), number, amount, "CNY", overrides.pop("at", noon(day)), **{"kind": "paid", **overrides})


def take(*lines: Listed, day: date = DAY, gateway: str = "demo", by: User | None = None, **options) -> Statement:
    """Take a statement in."""
    return take_statement(gateway, day, lines, digest=f"{next(_digests):064}", by=by, **options)


def tomorrow(day: date = DAY) -> date:
    return day + timedelta(days=1)


def shown(statement: Statement) -> dict[str, tuple[str, str]]:
    """How each refund number was judged, and why."""
    return {row.out_refund_no: (row.match, row.cause) for row in statement.lines.all()}
