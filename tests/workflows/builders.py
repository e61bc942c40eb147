"""Cases, payments and refunds for tests, as few rows as a test needs."""

from itertools import count
from typing import Any

from django.utils import timezone

from orders.models import Payment, Warehouse
from tests.factories import make_complaint, make_order, make_user
from workflows.cases.numbers import make_case_number
from workflows.models import (
    Appeal,
    Approval,
    Case,
    CasePolicy,
    CaseUnit,
    InspectionLine,
    LedgerEntry,
    Outbound,
    Parcel,
    ParcelCase,
    PaymentBalance,
    Recovery,
    Refund,
    RefundableUnit,
    Repair,
    Resolution,
)

_numbers = count(1)


def make_policy(type: str = CasePolicy.Type.RETURN_QUALITY, **overrides: Any) -> CasePolicy:
    fields = {
        "type": type,
        "version": next(_numbers),
        "receipt": CasePolicy.Receipt.REQUIRED,
        "release": CasePolicy.Release.INSPECTED,
        "release_trusted": CasePolicy.Release.FIRST_SCAN,
        "freight": CasePolicy.Freight.MERCHANT,
        "auto_limit_fen": 5000,
        **overrides,
    }
    return CasePolicy.objects.create(**fields)


def publish(policy: CasePolicy) -> CasePolicy:
    policy.published_at = policy.effective_from = timezone.now()
    policy.published_by = make_user("manager")
    policy.save()
    return policy


def make_case(**overrides: Any) -> Case:
    """A case about one paid order of one unit at ¥99."""
    order = overrides.pop("order", None) or make_order()
    complaint = overrides.pop("complaint", None) or make_complaint(order=order)
    fields = {
        "number": make_case_number(timezone.now()),
        "complaint": complaint,
        "order": order,
        "policy": overrides.pop("policy", None) or make_policy(),
        "reason": "broken",
        "currency": "CNY",
        **overrides,
    }
    return Case.objects.create(**fields)


def make_balance(case: Case | None = None, *, captured: int = 9900, **overrides: Any) -> PaymentBalance:
    order = case.order if case else make_order()
    payment = Payment.objects.create(order=order, external_id=f"T{next(_numbers)}", method="wechat", amount_fen=captured)
    return PaymentBalance.objects.create(payment=payment, currency="CNY", captured_fen=captured, **overrides)


def make_unit(case: Case, **overrides: Any) -> RefundableUnit:
    fields = {"order": case.order, "line": case.order.lines.first(), "entitled_fen": 9900, **overrides}
    return RefundableUnit.objects.create(**fields)


def make_refund(case: Case | None = None, **overrides: Any) -> Refund:
    """A refund that is not yet approved; ``state`` makes it one that the rule armed."""
    case = case or make_case()
    fields = {
        "case": case,
        "balance": overrides.pop("balance", None) or make_balance(case),
        "revision": 1,
        "amount_fen": 5000,
        "currency": "CNY",
        "out_refund_no": f"RF{next(_numbers):026}",
        "gateway": "demo",
        "proposal_hash": "0" * 64,
        "auto_rule": case.policy,
        "auto_limit_fen": 5000,
        **overrides,
    }
    return Refund.objects.create(**fields)


def make_entry(case: Case, posting: Any, amount: int, **overrides: Any) -> LedgerEntry:
    fields = {"posting": posting, "case": case, "account": LedgerEntry.Account.CUSTOMER, "amount_fen": amount, "currency": "CNY"}
    return LedgerEntry.objects.create(**fields | overrides)


def make_claim(case: Case, **overrides: Any) -> CaseUnit:
    """A unit that the case claims."""
    unit = overrides.pop("unit", None) or make_unit(case, position=next(_numbers))
    return CaseUnit.objects.create(case=case, unit=unit, **overrides)


def make_warehouse(case: Case) -> Warehouse:
    """The warehouse to which the goods of the case come back."""
    warehouse = case.warehouse or Warehouse.objects.create(merchant=case.order.merchant, code=f"w{next(_numbers)}", name="华东仓")
    Case.objects.filter(pk=case.pk).update(warehouse=warehouse)
    case.warehouse = warehouse
    return warehouse


def make_parcel(case: Case, **overrides: Any) -> Parcel:
    parcel = Parcel.objects.create(warehouse=overrides.pop("warehouse", None) or make_warehouse(case), **overrides)
    ParcelCase.objects.create(parcel=parcel, case=case)
    return parcel


def make_outbound(case: Case, **overrides: Any) -> Outbound:
    return Outbound.objects.create(case=case, kind=Outbound.Kind.REPLACEMENT, sku="S1", warehouse=make_warehouse(case), **overrides)


def make_resolution(case: Case, **overrides: Any) -> Resolution:
    fields = {"revision": next(_numbers), "amount_fen": 5000, "currency": "CNY", "digest": "0" * 64, **overrides}
    return Resolution.objects.create(case=case, **fields)


def make_approval(case: Case, **overrides: Any) -> Approval:
    resolution = overrides.pop("resolution", None) or make_resolution(case)
    return Approval.objects.create(case=case, resolution=resolution, amount_fen=5000, digest=resolution.digest, **overrides)


def make_recovery(case: Case, **overrides: Any) -> Recovery:
    fields = {"debtor": Recovery.Debtor.CARRIER, "amount_fen": 1000, "currency": "CNY", "reason": "lost", **overrides}
    return Recovery.objects.create(case=case, **fields)


# A row of each machine, for tests that go through all of them.
ROWS = {
    "case": lambda case: case,
    "refund": make_refund,
    "parcel": make_parcel,
    "inspection": lambda case: InspectionLine.objects.create(claim=make_claim(case)),
    "outbound": make_outbound,
    "repair": lambda case: Repair.objects.create(claim=make_claim(case)),
    "approval": make_approval,
    "recovery": make_recovery,
    "appeal": lambda case: Appeal.objects.create(case=case, words="不同意"),
}


def make_row(machine: str, case: Case) -> Any:
    """A row of this machine in its first state."""
    return ROWS[machine](case)
