"""Fetching a statement from the provider itself: a wish is a row, a worker carries it out, and the page shows how far it has come."""

import hashlib
import logging
from datetime import date, timedelta

from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Forbidden, Reason, ReasonedError
from foundation.hints import hint
from foundation.leases import claim, finish
from foundation.verbs import require
from workflows.gateways import gateway_for
from workflows.models import Statement, StatementPull
from workflows.reconciling.access import RECONCILE
from workflows.reconciling.listed import Listed, day_of, listed_of
from workflows.services.statements import IS_CLOSED, take_statement

logger = logging.getLogger(__name__)
State = StatementPull.State
LEASE_SECONDS = 600
MOST_BACK = timedelta(days=90)
NO_RIGHT = Forbidden("no_permission", _("Your role does not include this."), _("Finance can do this."))
UNDER_WAY = Reason("pull_under_way", _("This statement is being fetched already."), _("Wait for it to arrive."))
TOO_EARLY = Reason("in_the_future", _("This day has not begun."), _("Check the day."))
TOO_OLD = Reason("too_old", _("Providers keep statements for about three months."), _("Upload the file instead."))


def ask_pull(gateway: str, day: date, *, by: User | None) -> StatementPull:
    """Have a statement fetched. Raises ``RefusedError`` or ``NotAllowedError`` with the reasons."""
    require(_against_asking(gateway, day, by))
    try:
        with transaction.atomic():
            pull = StatementPull.objects.create(gateway=gateway, day=day, asked_by=by)
            hint("workflows.pull_statements")
    except IntegrityError:
        require([UNDER_WAY])
        raise
    return pull


def pull_due(limit: int = 1) -> int:
    """Fetch what was asked for; a worker that died half-way is followed by another one. Returns how many were worked on."""
    due = StatementPull.objects.filter(state__in=StatementPull.OPEN)
    parked = {"state": State.FAILED, "why": "crashed"}
    pulls = claim(due, seconds=LEASE_SECONDS, limit=limit, claimed={"state": State.ASKING}, parked=parked)
    for pull in pulls:
        _fetch(pull)
    return len(pulls)


def _fetch(pull: StatementPull) -> None:
    """Ask outside any transaction; whatever goes wrong is told in words and can be tried again."""
    seen_at = timezone.now()
    try:
        lines = listed_of(pull.gateway, gateway_for(pull.gateway).bill_lines(pull.day))
    except ImproperlyConfigured:
        _end(pull, why="not_configured")
        return
    except Exception as error:  # its text may hold keys
        logger.warning("the statement of %s for %s was not fetched: %s", pull.gateway, pull.day, type(error).__name__)
        _end(pull, why="unreachable")
        return
    _step(pull, state=State.MATCHING, line_count=len(lines))
    try:
        _take(pull, lines, seen_at)
    except ReasonedError as error:
        _end(pull, why=error.reasons[0].code)
        return
    _end(pull)


def _take(pull: StatementPull, lines: list[Listed], seen_at) -> Statement:
    text = "\n".join(str(line) for line in lines)
    digest = hashlib.sha256(f"{pull.gateway}|{pull.day}|{text}".encode()).hexdigest()
    return take_statement(pull.gateway, pull.day, lines, digest=digest, by=pull.asked_by, seen_at=seen_at, has_total=True, is_pulled=True)


def _step(pull: StatementPull, **changes) -> None:
    """How far it has come, for whoever waits; only while the lease is ours."""
    StatementPull.objects.filter(pk=pull.pk, fence=pull.fence).update(**changes)


def _end(pull: StatementPull, *, why: str = "") -> None:
    finish(pull, state=State.FAILED if why else State.DONE, why=why, ended_at=timezone.now())


def _against_asking(gateway: str, day: date, by: User | None):
    if by is not None and not by.has_perm(RECONCILE):
        yield NO_RIGHT
    today = day_of(timezone.now())
    if day > today:
        yield TOO_EARLY
    elif today - day > MOST_BACK:
        yield TOO_OLD
    known = Statement.objects.filter(gateway=gateway, day=day).first()
    if known and known.is_closed:
        yield IS_CLOSED
