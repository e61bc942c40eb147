"""Cases that owe money, and refunds at every point of their way, made by the services themselves."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from orders.models import Payment
from tests.factories import make_order, make_user
from tests.workflows.builders import make_case, make_policy
from workflows.cases.proposals import Proposal
from workflows.gateways.base import Answer, Kind
from workflows.models import Case, CaseUnit, Refund, Resolution
from workflows.money.units import units_of
from workflows.services.act import CaseAct, lock_act
from workflows.services.proposing import write_resolution
from workflows.services.refunds import authorise_refund, put_refunds, release_due
from workflows.settling.calls import Errand, take_errand
from workflows.settling.recording import record_answer


def make_owed(*, lines: int = 1, payments: tuple[int, ...] = (), auto_limit: int = 0, release: str = "approved", **overrides: Any) -> Case:
    """A case of a paid order, all units claimed and approved. Each line costs ¥99; one payment of all unless told otherwise."""
    order = make_order(lines=lines)
    for number, amount in enumerate(payments or (9900 * lines,)):
        fields = {"method": "wechat", "amount_fen": amount, "paid_at": timezone.now() - timedelta(days=2)}
        Payment.objects.create(order=order, external_id=f"T{order.pk}-{number}", **fields)
    policy = make_policy(auto_limit_fen=auto_limit, release=release, release_trusted=release)
    case = make_case(order=order, policy=policy, **{"state": "settling", **overrides})
    CaseUnit.objects.bulk_create([CaseUnit(case=case, unit=unit, is_approved=True) for unit in units_of(order)])
    return case


def decide(case: Case, *, compensation: int = 0, by: Any = None, cause: str = "", **overrides: Any) -> list[Refund]:
    """A resolution that grants the units their value, or ``amount_fen``, and its refunds; released where nothing is waited for."""
    units = tuple(case.units.filter(is_approved=True).order_by("unit_id").values_list("unit_id", flat=True))
    amount = sum(case.units.filter(is_approved=True).values_list("unit__entitled_fen", flat=True))
    proposal = Proposal(**{"unit_ids": units, "amount_fen": amount, "compensation_fen": compensation, "shares": {}, **overrides})

    def grant(act: CaseAct) -> list[Refund]:
        resolution = write_resolution(act, proposal, standing=Resolution.Standing.CURRENT)
        made = put_refunds(act, resolution, cause=cause)
        release_due(act)
        return made

    return [fresh(refund) for refund in within(case, grant, by=by)]


@transaction.atomic
def within(case: Case, work: Callable[[CaseAct], Any], *, by: Any = None) -> Any:
    """Do something to a case in the pipeline of its verbs."""
    act = lock_act(case, "test", by=by)
    done = work(act)
    act.finish()
    return done


def make_finance(case: Case) -> Any:
    return make_user("finance", shops=[case.order.merchant])


def sign(refund: Refund, by: Any = None) -> Refund:
    """Authorised by somebody of finance."""
    fresh_row = fresh(refund)
    return authorise_refund(fresh_row, proposal_hash=fresh_row.proposal_hash, by=by or make_finance(refund.case))


def make_queued(**overrides: Any) -> Refund:
    """A refund of ¥99 that is to be sent now."""
    [refund] = decide(make_owed(**{"auto_limit": 9900, **overrides}))
    return refund


def make_sent(**overrides: Any) -> Errand:
    """A refund that is being sent: its call is committed, its answer not known."""
    return take_errand(make_queued(**overrides).pk)


def answer(kind: str, *, refund: Refund | None = None, **fields: Any) -> Answer:
    paid = {"amount_minor": refund.amount_fen if refund else 9900, "currency": "CNY"} if kind == "paid" else {}
    return Answer(Kind(kind), **{"authenticated": kind != "ambiguous", **paid, **fields})


def hear(errand: Errand, kind: str, **fields: Any) -> Refund:
    """Record an answer to a call."""
    assert record_answer(errand, answer(kind, **fields), limits_of(errand.refund))
    return fresh(errand.refund)


def ask(refund: Refund, kind: str, *, sent_ago: timedelta | None = None, **fields: Any) -> Refund:
    """The next question, due now, with its answer."""
    make_due(refund, **({"submitted_at": timezone.now() - sent_ago} if sent_ago else {}))
    return hear(take_errand(refund.pk), kind, **fields)


def make_due(refund: Refund, **changes: Any) -> None:
    Refund.objects.filter(pk=refund.pk).update(next_at=timezone.now() - timedelta(seconds=1), **changes)


def limits_of(refund: Refund):
    from workflows.money.draw import capabilities_of

    return capabilities_of(refund.gateway)


def fresh(refund: Refund) -> Refund:
    return Refund.objects.select_related("case", "balance").get(pk=refund.pk)


def figures(refund: Refund) -> tuple[int, int]:
    """Held and refunded of its payment."""
    balance = fresh(refund).balance
    return balance.held_fen, balance.refunded_fen


def open_tasks(case: Case) -> list[str]:
    return sorted(case.tasks.filter(done_at__isnull=True).values_list("kind", flat=True))
