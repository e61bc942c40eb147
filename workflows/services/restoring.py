"""After a restore: what a machine can do about what the database has forgotten, what is left for people, and who ends the standstill.

Refunds that the database still has keep their number, under which a provider pays once. Those that it has forgotten are known to the
provider only: its statements name them, their payments are frozen, and finance counts them as made elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.privacy.replay import replay_erasures
from complaints.services.delivery import park_old_mail
from foundation.exceptions import Forbidden, Reason, ReasonedError
from foundation.models import Standstill
from foundation.standstill import end_standstill
from foundation.verbs import lock, require
from workflows.gateways import ADAPTERS, read_keys
from workflows.machines.refund import RefundState
from workflows.models import Anomaly, Refund, Statement, StatementPull
from workflows.money.draw import capabilities_of
from workflows.money.facts import move_refund
from workflows.reconciling.access import RECONCILE
from workflows.reconciling.listed import day_of
from workflows.services.act import lock_act
from workflows.services.pulling import ask_pull

# Younger mail leaves a second time at worst, under the same Message-ID.
FRESH_MAIL = timedelta(hours=1)
MAYBE_SENT = (RefundState.SUBMITTING, RefundState.UNKNOWN, RefundState.PROCESSING)
SHORTEST_REASON = 2
NO_RIGHT = Forbidden("no_permission", _("Your role does not include this."), _("Finance can do this."))
NO_REASON = Reason("no_reason", _("Say why, in a few words."))
NOT_PREPARED = Reason("not_prepared", _("What a machine can do was not done yet."), _("Run manage.py after_restore first."))
IS_OVER = Reason("is_over", _("The standstill is over already."))


@dataclass(frozen=True)
class Wanted:
    """The statement of a day that must be in, and what became of fetching it: empty when nobody has asked yet."""

    gateway: str
    day: date
    pull: StatementPull | None = None

    def __str__(self) -> str:
        return f"{self.gateway} {self.day}"


def prepare(standstill: Standstill) -> Iterator[str]:
    """Everything that needs no person, a line for each step. Safe to repeat: mail is parked once, for people may send it again."""
    yield f"erased again: {len(replay_erasures())} complaints"
    if standstill.prepared_at is None:
        yield f"mail parked at /admin/complaints/outbox/: {_park_mail(standstill)}"
    yield f"refunds that the provider is asked about first: {ask_about_sent()}"
    for wanted in missing_statements(standstill):
        yield f"statement {wanted}: {_ask_for(wanted)}"
    Standstill.objects.filter(pk=standstill.pk, prepared_at=None).update(prepared_at=Now())


def ask_about_sent() -> int:
    """What was or may have been sent is asked about as soon as the house goes on, and sent again only when it never arrived.

    What waited in the backup may have been sent since. Most providers pay a number once for ever; where one forgets numbers it is asked.
    """
    forgetful = [code for code in ADAPTERS if capabilities_of(code).key_ttl is not None]
    for refund in Refund.objects.filter(state=RefundState.QUEUED, gateway__in=forgetful).order_by("pk"):
        _doubt(refund)
    return Refund.objects.filter(state__in=MAYBE_SENT).update(next_at=Now())


def wanted_days(standstill: Standstill) -> list[date]:
    """From the last day that the database remembers to the day on which it stood still: on these it may have forgotten something."""
    first, last = day_of(standstill.remembers_until), day_of(standstill.since)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def configured_gateways() -> list[str]:
    """The providers that this installation has keys for; no other one can have been sent anything by it."""
    return [code for code in ADAPTERS if read_keys(code)]


def missing_statements(standstill: Standstill) -> list[Wanted]:
    """The statements that are not in. One from before the standstill tells nothing, unless people have signed for it."""
    there = set(_fresh_statements(standstill).values_list("gateway", "day"))
    days = wanted_days(standstill)
    pulls = {
        (pull.gateway, pull.day): pull for pull in StatementPull.objects.filter(day__in=days, asked_at__gte=standstill.since).order_by("pk")
    }
    both = [(gateway, day) for gateway in configured_gateways() for day in days]
    return [Wanted(*each, pulls.get(each)) for each in both if each not in there]


def open_anomalies(standstill: Standstill) -> QuerySet[Anomaly]:
    """What nobody has explained about those days."""
    statements = list(_fresh_statements(standstill).values_list("pk", flat=True))
    return (
        Anomaly.objects.filter(codes__statement__in=statements, closed_at=None).select_related("balance__payment", "refund").order_by("pk")
    )


@transaction.atomic
def release_standstill(standstill: Standstill, *, reason: str, by: User) -> Standstill:
    """Let money and mail go on: finance has looked. Raises ``NotAllowedError`` or ``RefusedError`` with everything that is left."""
    standstill = lock(standstill)
    require(reasons_against_release(standstill, reason, by))
    end_standstill(standstill, by_id=by.pk, reason=reason.strip())
    standstill.refresh_from_db()
    return standstill


def reasons_against_release(standstill: Standstill, reason: str, by: User) -> Iterator[Reason]:
    if not (by.is_active and by.has_perm(RECONCILE)):
        yield NO_RIGHT
    if standstill.released_at is not None:
        yield IS_OVER
    if len(reason.strip()) < SHORTEST_REASON:
        yield NO_REASON
    if standstill.prepared_at is None:
        yield NOT_PREPARED
    for wanted in missing_statements(standstill):
        text = format_lazy("{}: {}", str(wanted), _("This statement is not in."))
        yield Reason("statement_missing", text, _("Fetch it, or upload the file of the provider."))
    if open_anomalies(standstill).exists():
        yield Reason("anomalies_open", _("Differences of these days are not explained."), _("Finance explains or counts each of them."))


@transaction.atomic
def _doubt(refund: Refund) -> None:
    """Take it for sent without an answer, which is the truth: the life of the database that would know is lost."""
    act = lock_act(refund, "doubt", by=None)
    row: Refund = act.subject
    if row.state == RefundState.QUEUED:
        move_refund(act, row, "claim", code="", asked_count=0, unpaid_seen=0, submitted_at=act.at)
        move_refund(act, row, "mark_unknown", codes={"cause": "restore"})
        act.finish()


def _park_mail(standstill: Standstill) -> int:
    """Only what came out of the backup: what was written since the house stood still has certainly not left."""
    return park_old_mail(made_before=standstill.since - FRESH_MAIL)


def _ask_for(wanted: Wanted) -> str:
    """Have it fetched, unless that is under way. One that failed is tried again."""
    if wanted.pull is not None and wanted.pull.state in StatementPull.OPEN:
        return "is being fetched"
    failed = f"failed before ({wanted.pull.why}), " if wanted.pull else ""
    try:
        ask_pull(wanted.gateway, wanted.day, by=None)
    except ReasonedError as error:
        return failed + " ".join(f"{reason.text} {reason.cure}".strip() for reason in error.reasons)
    return failed + "asked for"


def _fresh_statements(standstill: Standstill) -> QuerySet[Statement]:
    signed = Q(closed_at__isnull=False, reopened_at=None)
    days = wanted_days(standstill)
    return Statement.objects.filter(Q(seen_at__gte=standstill.since) | signed, gateway__in=configured_gateways(), day__in=days)
