"""Refunds until they are released: held and numbered, approved, repriced, voided, and let go when what they wait for has happened.

What happens at the provider is in ``workflows.settling``; what people do about refunds that went wrong in ``refund_rescue``.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from foundation.exceptions import RefusedError
from foundation.hints import hint
from foundation.models import Standstill
from foundation.standstill import is_standing_still
from workflows.cases.clauses.refund import machine_limit
from workflows.cases.quantities import Terms, expected_entitlement, read_claims, worth
from workflows.cases.refusals import reasons_against
from workflows.machines.refund import REFUND, UNSENT, RefundState
from workflows.machines.spine import CaseState
from workflows.machines.table import Role
from workflows.models import AnomalyAct, Case, CasePolicy, PaymentBalance, Refund, RefundLine, Resolution
from workflows.money import counters
from workflows.money.apportion import Draw
from workflows.money.desk import LOWER, QUESTION, REFUSED, SIGN, TRANSFER, WORKING_TIME, end_refund_tasks, open_refund_task
from workflows.money.draw import FROZEN, TOO_SOON, against_drawing, against_sending, funds_of, gateway_of, plan_draw
from workflows.money.facts import move_refund, note_fact
from workflows.money.numbers import make_refund_no
from workflows.money.seals import Lines, hash_of, lines_of
from workflows.services.act import CaseAct, lock_act, take_up

__all__ = [
    "authorise_refund", "move_refund", "put_refunds", "put_reprice", "put_trigger", "release_case", "release_due",
    "release_thawed", "void_refund",
]  # fmt: skip

Purpose, T, S = Refund.Purpose, CasePolicy.Type, RefundState
PURPOSES = {T.COMPENSATION: Purpose.COMPENSATION, T.ADVANCE_PAYOUT: Purpose.ADVANCE}
THAWED_LATELY = timedelta(hours=1)
KEEPS_APPROVAL = ("consent", "split")


def put_refunds(act: CaseAct, resolution: Resolution, *, cause: str = "") -> list[Refund]:
    """Bring the refunds of a case in line with what was decided: lower or void what was not sent, hold what is missing (R4, R3, R1).

    What was sent is never edited. ``cause`` "consent" or "split" lets a lowered refund keep its approval. Returns the new refunds.
    Raises ``RefusedError`` when the payments do not hold what is owed; a compensation beyond them becomes a transfer of finance.
    """
    claims = read_claims(act.case)
    made: list[Refund] = []
    for purpose, rows in _by_purpose(resolution).items():
        live = list(Refund.objects.filter(case=act.case, purpose=purpose).exclude(state=S.VOIDED).order_by("pk"))
        if purpose == Purpose.COMPENSATION:
            missing = _lower_amount(act, live, sum(expected_entitlement(claims, row) for row in rows), cause)
            made += _hold(act, resolution, purpose, _affordable(act, missing), Counter())
        else:
            lines = _lower_lines(act, live, _wanted_units(claims, rows), cause)
            made += _hold(act, resolution, purpose, lines.total(), lines)
    return made


@transaction.atomic
def authorise_refund(
    refund: Refund, *, proposal_hash: str, by: User, expected_version: int | None = None, request_id: str | None = None
) -> Refund:
    """Sign a refund (R2). ``proposal_hash`` is of what the signer saw. It leaves at once if what it waits for has happened already."""
    act = take_up(refund, "authorise", by=by, expected_version=expected_version, request_id=request_id, proposal_hash=proposal_hash)
    if act.is_replay:
        return act.subject
    move_refund(act, act.subject, "authorise", authorised_by=by)
    end_refund_tasks(act, act.subject, SIGN, QUESTION, LOWER)
    release_due(act)
    return act.finish()


@transaction.atomic
def void_refund(refund: Refund, *, reason: str, by: User, expected_version: int | None = None, request_id: str | None = None) -> Refund:
    """Refuse a refund that was not sent (R3). A lead has to find another way, and a case that was being carried out stops."""
    act = take_up(refund, "void", by=by, expected_version=expected_version, request_id=request_id, reason=reason)
    if act.is_replay:
        return act.subject
    move_refund(act, act.subject, "void", payload={"reason": reason})
    end_refund_tasks(act, act.subject, SIGN, QUESTION, LOWER)
    open_refund_task(act, act.subject, REFUSED, role=Role.LEAD)
    if act.case.state == CaseState.SETTLING:
        act.move(act.case, "track_failed", codes={"track": "refund", "refund": act.subject.pk})
        act.tell("case_needs_care")
    return act.finish()


def put_reprice(act: CaseAct, refund: Refund, amount: int, lines: Lines, *, cause: str = "", is_ours: bool = False) -> None:
    """Change amount and lines with what is held for them. Signatures stay only under less, agreed or split off, if the policy says so."""
    before, delta = refund.amount_fen, amount - refund.amount_fen
    keeps = delta < 0 and cause in KEEPS_APPROVAL and act.case.policy.lower_keeps_approval
    to = S.ARMED if refund.state == S.ARMED and keeps else S.PENDING_APPROVAL
    state, unsigned = refund.state, {} if to == S.ARMED else {"authorised_by": None, "auto_rule": None, "auto_limit_fen": None}
    _move_hold(refund, delta, lines)
    refund.amount_fen = amount
    fields = {"amount_fen": amount, "proposal_hash": hash_of(refund, lines), "closing_by": None, **unsigned}
    codes = {"amount_fen": amount, "was_fen": before, "cause": cause}
    act.move(refund, "reprice", to=to, codes=codes, **fields)
    note_fact(act, refund, "reprice", before=state, held=delta, is_ours=is_ours, codes=codes)
    end_refund_tasks(act, refund, LOWER)
    if to == S.PENDING_APPROVAL:
        put_approval(act, refund)


def put_approval(act: CaseAct, refund: Refund) -> None:
    """Sign by rule what the rule covers; everything else waits for finance."""
    limit = machine_limit(refund)
    if refund.amount_fen <= limit:
        codes = {"policy": act.case.policy_id, "limit_fen": limit}
        move_refund(act, refund, "authorise", is_ours=True, codes=codes, auto_rule=act.case.policy, auto_limit_fen=limit)
        end_refund_tasks(act, refund, SIGN)
    else:
        open_refund_task(act, refund, SIGN)


def release_due(act: CaseAct) -> list[Refund]:
    """Let go every approved refund whose condition holds now (R5): the same act that passed the goods sends the money."""
    armed = Refund.objects.select_for_update(no_key=True, of=("self",)).filter(case=act.case, state=S.ARMED).order_by("pk")
    # The row that the verb was about goes on as it is, so that whoever called sees what became of it.
    rows = [act.subject if act.subject == refund else refund for refund in armed]
    return [refund for refund in rows if put_trigger(act, refund)]


def put_trigger(act: CaseAct, refund: Refund) -> bool:
    """Release one refund if nothing speaks against it; otherwise it waits. What its provider takes no longer is transferred by finance.

    After a restore it waits too: it may have been paid before under a number that is forgotten. ``next_at`` says that it waits for that.
    """
    if reasons_against(act.asking(refund, "trigger", as_system=True)):
        return False
    if _is_refused_there(act, refund):
        open_refund_task(act, refund, TRANSFER)
        return False
    if is_standing_still():
        Refund.objects.filter(pk=refund.pk).update(next_at=act.at)
        return False
    move_refund(act, refund, "trigger", is_ours=True, attempts=0, next_at=act.at)
    hint("workflows.settle")
    return True


def _is_refused_there(act: CaseAct, refund: Refund) -> bool:
    """Whether the payment has become too old, or has had too many refunds, while this one waited. A pause is kept when it is sent."""
    funds = {fund.balance_id: fund for fund in funds_of(act.case.order, besides=[refund.pk])}
    return any(reason not in (FROZEN, TOO_SOON) for reason in against_sending(funds[refund.balance_id], at=act.at))


@transaction.atomic
def release_case(case: Case) -> int:
    """Look again at what waits in a case, after a payment was let go of; returns how many refunds left."""
    act = lock_act(case, "release", by=None)
    released = release_due(act)
    act.finish()
    return len(released)


def release_thawed() -> int:
    """Release what waited for payments from which a freeze was lifted lately, or for the end of a standstill.

    Whoever lifted or ended it could not wait for every case.
    """
    lifted = AnomalyAct.objects.filter(kind=AnomalyAct.Kind.LIFTED, at__gt=Now() - THAWED_LATELY).values("anomaly__balance")
    ended = Standstill.objects.filter(released_at__gt=Now() - THAWED_LATELY).order_by("-pk").values("since")[:1]
    let_go = Q(balance__in=lifted) | Q(next_at__gte=ended)
    waiting = Refund.objects.filter(let_go, state=S.ARMED, balance__frozen_at__isnull=True)
    cases = Case.objects.filter(pk__in=waiting.values("case"))
    return sum(release_case(case) for case in cases)


def _by_purpose(resolution: Resolution) -> dict[str, list[Terms]]:
    """Purposes of earlier revisions stay, with nothing wanted for them any more."""
    found: dict[str, list[Terms]] = {Purpose.GOODS: []}
    found |= {purpose: [] for purpose in Refund.objects.filter(case=resolution.case_id).values_list("purpose", flat=True)}
    for row in resolution.rows:
        terms = Terms.from_row(row)
        found.setdefault(PURPOSES.get(terms.type, Purpose.GOODS), []).append(terms)
    return found


def _wanted_units(claims, rows: Iterable[Terms]) -> Counter:
    """What each unit shall bring; a row whose money is never released brings nothing."""
    wanted: Counter = Counter()
    for row in rows:
        if expected_entitlement(claims, row):
            wanted.update({unit: fen for unit, fen in worth(claims, row).items() if fen})
    return wanted


def _lower_lines(act: CaseAct, live: list[Refund], wanted: Counter, cause: str) -> Counter:
    """Take back, the latest first, what no unit is owed any more; returns what is missing for each unit."""
    lines = {refund.pk: lines_of(refund) for refund in live}
    over = sum((Counter(each) for each in lines.values()), Counter()) - wanted
    for refund in reversed(live):
        if refund.state in UNSENT and any(over[unit] for unit in lines[refund.pk]):
            kept = {unit: fen - min(fen, over[unit]) for unit, fen in lines[refund.pk].items()}
            over -= Counter(lines[refund.pk]) - Counter(kept)
            lines[refund.pk] = {unit: fen for unit, fen in kept.items() if fen}
            _lower(act, refund, sum(kept.values()), lines[refund.pk], cause)
    return wanted - sum((Counter(each) for each in lines.values()), Counter())


def _lower_amount(act: CaseAct, live: list[Refund], owed: int, cause: str) -> int:
    """The same for amounts that are for no unit; returns how much is missing."""
    over = sum(refund.amount_fen for refund in live) - owed
    for refund in reversed(live):
        if over > 0 and refund.state in UNSENT:
            part = min(over, refund.amount_fen)
            over -= part
            _lower(act, refund, refund.amount_fen - part, {}, cause)
    return max(0, -over)


def _lower(act: CaseAct, refund: Refund, amount: int, lines: Lines, cause: str) -> None:
    fresh = act.lock(refund)
    if amount == 0:
        move_refund(act, fresh, "void", is_ours=True, codes={"cause": cause})
        end_refund_tasks(act, fresh, SIGN)
    else:
        put_reprice(act, fresh, amount, lines, cause=cause, is_ours=True)


def _affordable(act: CaseAct, amount: int) -> int:
    """A compensation beyond what the payments still hold is never a refund: finance transfers the rest."""
    funds = funds_of(act.case.order) if amount else []
    rest = max(0, amount - sum(fund.left_fen for fund in funds if not against_drawing(fund, at=act.at)))
    if rest:
        act.open_task(TRANSFER, role=Role.FINANCE, due=WORKING_TIME, codes={"amount_fen": rest})
    return amount - rest


def _hold(act: CaseAct, resolution: Resolution, purpose: str, amount: int, lines: Counter) -> list[Refund]:
    """One refund for each payment that pays a part. Raises ``RefusedError`` with what keeps the payments from it."""
    if amount <= 0:
        return []
    plan = plan_draw(amount, funds_of(act.case.order), at=act.at)
    if plan.reasons:
        raise RefusedError(plan.reasons)
    rest = dict(sorted(lines.items()))
    return [_create(act, resolution, purpose, draw, _take(rest, draw.amount_minor)) for draw in plan.draws]


def _take(rest: Lines, amount: int) -> Lines:
    """The units that one payment pays, in turn, up to its part."""
    taken: Lines = {}
    for unit, fen in rest.items():
        part = min(fen, amount)
        amount -= part
        if part:
            taken[unit] = part
            rest[unit] -= part
    return taken


def _create(act: CaseAct, resolution: Resolution, purpose: str, draw: Draw, lines: Lines) -> Refund:
    """R1: the row with its number, then the hold; a payment that was emptied meanwhile refuses both."""
    balance = PaymentBalance.objects.select_related("payment").get(pk=draw.key)
    refund = Refund(
        case=act.case,
        balance=balance,
        purpose=purpose,
        revision=resolution.revision,
        amount_fen=draw.amount_minor,
        currency=balance.currency,
        out_refund_no=make_refund_no(),
        gateway=gateway_of(balance.payment),
        created_by=act.by,
    )
    refund.proposal_hash = hash_of(refund, lines)
    act.check(refund, "create", payment=balance.pk, purpose=purpose, amount=draw.amount_minor, lines=lines)
    refund.save(force_insert=True)
    _move_hold(refund, draw.amount_minor, lines)
    act.born(refund, "create", codes={"amount_fen": refund.amount_fen, "payment": balance.payment_id, "purpose": purpose})
    note_fact(act, refund, "create", before="", held=refund.amount_fen)
    put_approval(act, refund)
    return refund


def _move_hold(refund: Refund, delta: int, lines: Lines) -> None:
    """Hold more or less of a payment and of its units; the conditional updates have the last word."""
    is_held = counters.hold(refund.balance_id, delta) if delta > 0 else counters.release(refund.balance_id, -delta)
    if not is_held:
        raise RefusedError([_reason("payment_exhausted")])
    before = Counter(lines_of(refund))
    counters.release_units(before - Counter(lines))
    if counters.hold_units(Counter(lines) - before):
        raise RefusedError([_reason("payment_exhausted")])
    RefundLine.objects.filter(refund=refund).delete()
    RefundLine.objects.bulk_create([RefundLine(refund=refund, unit_id=unit, amount_fen=fen) for unit, fen in sorted(lines.items())])


def _reason(code: str):
    return next(clause for clause in REFUND.verb("create").guards if clause.code == code).reason()
