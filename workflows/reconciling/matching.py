"""A statement against our books, both ways. What does not agree is named and given a likely cause; nothing is corrected."""

from collections.abc import Iterable
from datetime import date, timedelta

from workflows.machines.refund import RefundState
from workflows.models import Refund, StatementLine
from workflows.reconciling.books import AFTER, BEFORE, Books
from workflows.reconciling.listed import Standing, span_of

Match = StatementLine.Match
UNSENT = {RefundState.PENDING_APPROVAL, RefundState.ARMED}
UNDER_WAY = {RefundState.QUEUED, RefundState.SUBMITTING, RefundState.PROCESSING, RefundState.UNKNOWN}
FAILED = {RefundState.FAILED, RefundState.BOUNCED}
MIDNIGHT = timedelta(hours=2)


def match_lines(theirs: list[StatementLine], books: Books) -> list[StatementLine]:
    """Judge every line of a statement in place; returns them and, after them, what only our books have."""
    for line in theirs:
        compare(line, books)
    seen = {line.refund_id for line in theirs}
    lines = [*theirs, *(line for refund_id in books.booked if refund_id not in seen if (line := ours_alone(refund_id, books)))]
    suggest(lines, books)
    return lines


def compare(line: StatementLine, books: Books) -> None:
    """One line of theirs against the refund of that number."""
    refund = books.by_key.get(line.out_refund_no)
    balance = refund.balance if refund else books.balances.get(line.payment_ref)
    line.refund, line.balance, line.suggested, line.booked_on = refund, balance, None, None
    line.ours_fen = books.net(refund.pk) if refund else 0
    line.amount_fen = counted(line, refund, books)
    if refund and line.ours_fen == 0 and line.amount_fen:
        line.booked_on = booked_near(line, refund.pk, books)
        line.ours_fen = line.amount_fen if line.booked_on else 0
    line.match, line.cause = judge(line, refund)


def counted(line: StatementLine, refund: Refund | None, books: Books) -> int:
    """What of a line is money that was paid. One that is under way counts when our books have it, or know nothing of it."""
    if line.standing == Standing.NOTHING:
        return 0
    if line.standing == Standing.PAID or line.ours_fen == line.listed_fen:
        return line.listed_fen
    awaited = refund is not None and (refund.state in UNDER_WAY or any(books.nets[refund.pk].values()))
    return 0 if awaited else line.listed_fen


def booked_near(line: StatementLine, refund_id: int, books: Books) -> date | None:
    """The nearest other day on which our books have just this amount of it, unless another statement accounts for that."""
    taken = {each.booked_on or each.statement.day for each in books.elsewhere.get(refund_id, ()) if each.ours_fen}
    days = [day for day, net in books.nets[refund_id].items() if net == line.amount_fen and day not in taken | {books.day}]
    near = [day for day in days if -BEFORE <= day - books.day <= AFTER]
    return min(near, key=lambda day: (abs(day - books.day), day), default=None)


def judge(line: StatementLine, refund: Refund | None) -> tuple[str, str]:
    """How a line stands to our books, and why."""
    if refund and refund.currency != line.currency:
        return Match.OTHER_AMOUNT, "currency"
    if line.amount_fen == line.ours_fen:
        return Match.MATCHED, agreed_cause(line)
    if line.ours_fen == 0:
        return Match.ONLY_THERE, cause_there(refund)
    if line.amount_fen == 0:
        return Match.ONLY_HERE, "not_paid_there"
    return Match.OTHER_AMOUNT, cause_of_amount(line)


def agreed_cause(line: StatementLine) -> str:
    if line.booked_on:
        return "booked_other_day"
    return "under_way" if line.standing == Standing.UNDER_WAY and not line.amount_fen else ""


def cause_there(refund: Refund | None) -> str:
    """Why the provider paid what our books do not have as paid."""
    if refund is None:
        return "stranger"
    causes = ((UNSENT, "not_sent"), (UNDER_WAY, "not_booked"), (FAILED, "failed_here"), ({RefundState.VOIDED}, "voided_here"))
    return next((cause for states, cause in causes if refund.state in states), "other_time")


def cause_of_amount(line: StatementLine) -> str:
    times, rest = divmod(line.amount_fen, line.ours_fen)
    if times > 1 and rest == 0:
        return "paid_twice"
    return "more_there" if line.amount_fen > line.ours_fen else "less_there"


def ours_alone(refund_id: int, books: Books) -> StatementLine | None:
    """A line for a booking that this statement does not have; None when a neighbouring statement has it."""
    refund, net, others = books.refunds[refund_id], books.net(refund_id), books.elsewhere.get(refund_id, ())
    if any(each.booked_on == books.day and each.ours_fen == net for each in others):
        return None
    line = StatementLine(
        out_refund_no=refund.out_refund_no, amount_fen=0, ours_fen=net, currency=refund.currency, at=books.moment_of(refund_id)
    )
    line.refund, line.balance, line.standing = refund, refund.balance, Standing.NOTHING
    if any(each.standing == Standing.UNDER_WAY and each.listed_fen == net and each.statement.day < books.day for each in others):
        line.amount_fen, line.match, line.cause = net, Match.MATCHED, "listed_before"
    else:
        line.match, line.cause = Match.ONLY_HERE, "near_midnight" if is_near_midnight(line, books) else "missing_there"
    return line


def is_near_midnight(line: StatementLine, books: Books) -> bool:
    start, end = span_of(books.day)
    return line.at - start < MIDNIGHT or end - line.at < MIDNIGHT


def suggest(lines: Iterable[StatementLine], books: Books) -> None:
    """Name a likely other half of what is on one side only: the same amount on the same payment, or the same amount."""
    alone = [line for line in lines if line.match == Match.ONLY_HERE and line.ours_fen]
    for line in lines:
        if line.match == Match.ONLY_THERE and line.refund is None:
            other = likely_half(line, alone)
            if other:
                alone.remove(other)
                line.suggested, line.cause, other.cause = other.refund, "other_number", "other_number"
            else:
                suggest_payment(line, books)
        elif line.match != Match.MATCHED:
            line.suggested = line.refund


def likely_half(line: StatementLine, alone: list[StatementLine]) -> StatementLine | None:
    same = [each for each in alone if (each.ours_fen, each.currency) == (line.amount_fen, line.currency)]
    return next((each for each in same if line.balance and each.balance_id == line.balance.pk), None) or next(iter(same), None)


def suggest_payment(line: StatementLine, books: Books) -> None:
    """What else is known of the payment that a stranger's refund was made of."""
    if line.balance is None:
        return
    same = [each for each in books.beside.get(line.balance.pk, ()) if each.amount_fen == line.amount_fen]
    if same:
        line.suggested, line.cause = same[-1], "same_payment"
    elif line.balance.external_fen >= line.amount_fen:
        line.cause = "made_elsewhere"
