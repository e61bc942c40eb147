"""Statements of payment providers: taken in, matched with our books, closed by a signed act, opened again by somebody else.

Nothing here corrects money. A difference opens an anomaly, a payment that only the provider speaks of is frozen, and people explain.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import is_replay, lock, require, require_version
from workflows.models import Statement, StatementAct, StatementLine
from workflows.money.units import open_balances
from workflows.reconciling.access import RECONCILE, sees_all_of
from workflows.reconciling.alarms import raise_alarms
from workflows.reconciling.books import read_books
from workflows.reconciling.listed import Listed, day_of
from workflows.reconciling.matching import match_lines

SHORTEST_REASON = 2
ONE_DAY = timedelta(days=1)
MATCHED_FIELDS = (
    "amount_fen", "ours_fen", "booked_on", "match", "cause", "refund", "suggested", "balance", "anomaly",
)  # fmt: skip
NO_RIGHT = Forbidden("no_permission", _("Your role does not include this."), _("Finance can do this."))
NOT_ALL_SEEN = Forbidden(
    "other_shops", _("This day holds money of shops that are not yours."), _("Somebody of finance who sees all of them can do this.")
)
OWN_CLOSING = Forbidden("own_closing", _("You closed this day yourself."), _("Another person of finance opens it again."))
IS_CLOSED = Reason("is_closed", _("This day is closed."), _("Another person than the one who closed it opens it again."))
IS_OPEN = Reason("is_open", _("This day is not closed."))
NO_REASON = Reason("no_reason", _("Say why, in a few words."))
NOT_OVER = Reason("day_not_over", _("This day is not over yet."), _("Take its statement in tomorrow, then close it."))


@transaction.atomic
def take_statement(
    gateway: str,
    day: date,
    lines: Iterable[Listed],
    *,
    digest: str,
    by: User | None,
    name: str = "",
    has_total: bool = False,
    seen_at: datetime | None = None,
    is_pulled: bool = False,
) -> Statement:
    """Keep what a provider says of a day in place of what it said before, and match it with our books.

    ``seen_at`` is when the provider was asked; bookings after it are not expected in the statement. Raises ``RefusedError`` for a
    closed day and for a file that was taken in before, ``NotAllowedError`` without the right.
    """
    is_new = Statement.objects.get_or_create(gateway=gateway, day=day, defaults={"digest": ""})[1]
    statement, beside = _lock_days(gateway, day)
    require(_against_taking(statement, digest, by, is_pulled=is_pulled))
    statement.digest, statement.name, statement.has_total = digest, name, has_total
    statement.uploaded_by, statement.uploaded_at = by, timezone.now()
    statement.seen_at = seen_at or statement.uploaded_at
    statement.version += not is_new
    statement.save()
    statement.lines.all().delete()
    StatementLine.objects.bulk_create(_line(statement, listed) for listed in lines)
    _match(statement)
    _sign(statement, StatementAct.Kind.TAKEN, by=by)
    for other in beside:
        _match_beside(other)
    return statement


@transaction.atomic
def rematch_statement(statement: Statement, *, by: User | None, expected_version: int | None, request_id: str | None = None) -> Statement:
    """Match a statement again: our books may have moved since. Returns the locked, fresh row."""
    statement = lock(statement)
    if is_replay(statement, "rematch", request_id, by=by):
        return statement
    require_version(statement, expected_version)
    require([*_against_person(by), *([IS_CLOSED] if statement.is_closed else [])])
    _match(statement)
    statement.version += 1
    statement.save(update_fields=["version"])
    _sign(statement, StatementAct.Kind.MATCHED, by=by)
    return statement


@transaction.atomic
def close_statement(statement: Statement, *, by: User, expected_version: int | None, request_id: str | None = None) -> Statement:
    """Sign for a day: it balances, or each difference in it is explained. The digest of what was seen is kept with the signature.

    Raises ``VersionConflictError``, ``NotAllowedError`` or ``RefusedError`` with every reason.
    """
    statement = lock(statement)
    if is_replay(statement, "close", request_id, by=by):
        return statement
    require_version(statement, expected_version)
    require(reasons_against_closing(statement, by))
    statement.closed_by, statement.closed_at = by, timezone.now()
    statement.reopened_by = statement.reopened_at = None
    statement.version += 1
    statement.save(update_fields=["closed_by", "closed_at", "reopened_by", "reopened_at", "version"])
    _sign(statement, StatementAct.Kind.CLOSED, by=by)
    return statement


@transaction.atomic
def reopen_statement(
    statement: Statement, *, reason: str, by: User, expected_version: int | None, request_id: str | None = None
) -> Statement:
    """Open a closed day again, which takes another person than the one who closed it. Returns the locked, fresh row."""
    statement = lock(statement)
    if is_replay(statement, "reopen", request_id, by=by):
        return statement
    require_version(statement, expected_version)
    require([*reasons_against_reopening(statement, by), *([NO_REASON] if len(reason.strip()) < SHORTEST_REASON else [])])
    statement.reopened_by, statement.reopened_at = by, timezone.now()
    statement.version += 1
    statement.save(update_fields=["reopened_by", "reopened_at", "version"])
    _sign(statement, StatementAct.Kind.REOPENED, by=by, reason=reason.strip()[:200])
    return statement


def reasons_against_closing(statement: Statement, by: User) -> list[Reason]:
    """Everything that keeps somebody from closing a day now."""
    found = [*_against_person(by, statement)]
    if statement.is_closed:
        return [*found, IS_CLOSED]
    if statement.day >= day_of(timezone.now()):
        found.append(NOT_OVER)
    if count := unexplained(statement).count():
        text = _("%(count)d differences are not explained yet.") % {"count": count}
        found.append(Reason("unexplained", text, _("Explain each of them under Anomalies.")))
    return found


def reasons_against_reopening(statement: Statement, by: User) -> list[Reason]:
    found = [*_against_person(by, statement)]
    if not statement.is_closed:
        found.append(IS_OPEN)
    elif statement.closed_by_id == by.pk:
        found.append(OWN_CLOSING)
    return found


def unexplained(statement: Statement):
    """Lines that differ and whose anomaly nobody has explained."""
    return statement.lines.exclude(match=StatementLine.Match.MATCHED).filter(anomaly__closed_at=None)


def lines_digest(statement: Statement) -> str:
    """What a signature is about: every line with both amounts and how it was judged."""
    values = statement.lines.order_by("out_refund_no", "position", "pk").values_list(
        "out_refund_no", "position", "currency", "amount_fen", "ours_fen", "match", "anomaly_id"
    )
    text = "\n".join("|".join("" if value is None else str(value) for value in row) for row in values)
    return hashlib.sha256(f"{statement.gateway}|{statement.day}\n{text}".encode()).hexdigest()


def _line(statement: Statement, listed: Listed) -> StatementLine:
    return StatementLine(
        statement=statement,
        position=listed.position,
        out_refund_no=listed.out_refund_no,
        payment_ref=listed.payment_ref,
        kind=listed.kind,
        standing=listed.standing,
        listed_fen=listed.amount_minor,
        amount_fen=listed.amount_minor,
        currency=listed.currency,
        at=listed.at,
        match=StatementLine.Match.ONLY_THERE,
    )


def _match(statement: Statement) -> None:
    """Judge every line anew and open anomalies for what does not agree."""
    statement.lines.filter(position=None).delete()
    theirs = list(statement.lines.order_by("position").select_related("anomaly"))
    open_balances({line.payment_ref for line in theirs if line.payment_ref})
    lines = match_lines(theirs, read_books(statement, theirs))
    ours = lines[len(theirs) :]
    for line in ours:
        line.statement = statement
    raise_alarms(statement, lines)
    StatementLine.objects.bulk_update(theirs, MATCHED_FIELDS, batch_size=500)
    StatementLine.objects.bulk_create(ours)


def _lock_days(gateway: str, day: date) -> tuple[Statement, list[Statement]]:
    """The statement of a day and those of the days beside it, locked in one order whoever comes."""
    days = [day - ONE_DAY, day, day + ONE_DAY]
    rows = list(Statement.objects.filter(gateway=gateway, day__in=days).order_by("day").select_for_update(no_key=True))
    statement = next(row for row in rows if row.day == day)
    return statement, [row for row in rows if row is not statement]


def _match_beside(other: Statement) -> None:
    """What stands on one statement may be what the days beside it lack; a closed day stays as it was signed."""
    if not other.is_closed:
        _match(other)
        other.version += 1
        other.save(update_fields=["version"])


def _sign(statement: Statement, kind: str, *, by: User | None, reason: str = "") -> None:
    StatementAct.objects.create(statement=statement, kind=kind, by=by, digest=lines_digest(statement), reason=reason)


def _against_person(by: User | None, statement: Statement | None = None) -> Iterator[Reason]:
    if by is None:
        return
    if not by.has_perm(RECONCILE):
        yield NO_RIGHT
    elif statement is not None and not sees_all_of(by, statement):
        yield NOT_ALL_SEEN


def _against_taking(statement: Statement, digest: str, by: User | None, *, is_pulled: bool) -> Iterator[Reason]:
    yield from _against_person(by)
    if statement.is_closed:
        yield IS_CLOSED
    if not is_pulled:
        yield from _against_same_file(digest)


def _against_same_file(digest: str) -> Iterator[Reason]:
    """The same file twice, be it for another day."""
    twin = Statement.objects.filter(digest=digest).select_related("uploaded_by").first()
    if twin:
        values = {"day": twin.day.isoformat(), "person": str(twin.uploaded_by or ""), "at": timezone.localtime(twin.uploaded_at)}
        values["at"] = values["at"].strftime("%Y-%m-%d %H:%M")
        text = _("This very file was taken in for %(day)s already, on %(at)s by %(person)s.") % values
        yield Reason("same_file", text, _("Nothing was changed. Choose another file."))
