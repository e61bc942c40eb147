"""Getting back from carrier, supplier, merchant or customer what a case cost us. It never delays what the customer gets."""

from datetime import timedelta

from django.db import transaction

from accounts.models import User
from workflows.machines.table import Role
from workflows.models import Recovery
from workflows.money.ledger import post_collected
from workflows.services.act import CaseAct, take_up

# A carrier has to answer a claim within seven days (Provisional Regulations on Express Delivery 27, to be confirmed).
CARRIER_ANSWERS = timedelta(days=7)


def put_recovery(act: CaseAct, *, debtor: str, amount_fen: int, reason: str) -> Recovery | None:
    """Open a claim in the transaction of what caused it; nothing where there is nothing to claim."""
    if amount_fen <= 0:
        return None
    known = Recovery.objects.filter(case=act.case, debtor=debtor, reason=reason).first()
    if known is not None:
        return known
    recovery = Recovery.objects.create(
        case=act.case, debtor=debtor, amount_fen=amount_fen, currency=act.case.currency, reason=reason, opened_at=act.at
    )
    act.born(recovery, "open", codes={"debtor": debtor, "amount_fen": amount_fen})
    act.open_task("recovery", role=Role.FINANCE, due=timedelta(days=2), codes={"recovery": recovery.pk}, key=f"recovery-{recovery.pk}")
    return recovery


@transaction.atomic
def claim_recovery(
    recovery: Recovery, *, proof: str, by: User, expected_version: int | None = None, request_id: str | None = None
) -> Recovery:
    """Tell the debtor what is owed and why (RV1)."""
    act = take_up(recovery, "claim", by=by, expected_version=expected_version, request_id=request_id, proof=proof)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "claim", proof=proof, due_at=act.at + CARRIER_ANSWERS)
    act.tasks.close(keys=(f"recovery-{recovery.pk}",))
    return act.finish()


@transaction.atomic
def answer_recovery(
    recovery: Recovery, *, is_accepted: bool, answer: str, by: User, expected_version: int | None = None, request_id: str | None = None
) -> Recovery:
    """Record what the debtor said: that they pay (RV3), or that they object (RV4)."""
    verb = "accept" if is_accepted else "dispute"
    act = take_up(recovery, verb, by=by, expected_version=expected_version, request_id=request_id, answer=answer)
    if act.is_replay:
        return act.subject
    act.move(act.subject, verb, payload={"answer": answer}, due_at=None)
    return act.finish()


@transaction.atomic
def collect_recovery(
    recovery: Recovery, *, amount_fen: int, by: User, expected_version: int | None = None, request_id: str | None = None
) -> Recovery:
    """Record money that arrived: all of it (RV6) or a part (RV5). The ledger gets both legs."""
    is_whole = amount_fen == recovery.amount_fen - recovery.collected_fen
    verb = "collect" if is_whole else "collect_part"
    act = take_up(recovery, verb, by=by, expected_version=expected_version, request_id=request_id, amount=amount_fen)
    if act.is_replay:
        return act.subject
    row = act.subject
    act.move(row, verb, codes={"amount_fen": amount_fen}, collected_fen=row.collected_fen + amount_fen)
    post_collected(row, amount_fen)
    act.note("recovery.collected", codes={"case": act.case.pk, "recovery": row.pk, "fen": amount_fen, "currency": row.currency})
    return act.finish()


@transaction.atomic
def write_off_recovery(
    recovery: Recovery,
    *,
    reason: str,
    approved_by: User,
    by: User,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Recovery:
    """Give the rest up (RV7); another person than who writes it off approved that."""
    act = take_up(recovery, "write_off", by=by, expected_version=expected_version, request_id=request_id, approved_by=approved_by)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "write_off", payload={"reason": reason}, codes={"approved_by": approved_by.pk})
    return act.finish()


@transaction.atomic
def cancel_recovery(
    recovery: Recovery, *, reason: str, by: User | None, expected_version: int | None = None, request_id: str | None = None
) -> Recovery:
    """Nothing is owed after all (RV2)."""
    act = take_up(recovery, "cancel", by=by, expected_version=expected_version, request_id=request_id, reason=reason)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "cancel", payload={"reason": reason})
    act.tasks.close(keys=(f"recovery-{recovery.pk}",), outcome="cancelled")
    return act.finish()
