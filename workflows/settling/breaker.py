"""When a provider stays unclear, nothing more is sent to it for a while; questions go on, and the first clear answer ends the pause.

One row per provider, changed by single statements outside the transactions of refunds, so that nobody waits for it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Min, Q
from django.db.models.functions import Now

from workflows.gateways.base import Answer, Kind
from workflows.machines.refund import RefundState
from workflows.models import GatewayHealth, Refund

PATIENCE = 5
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=5)
# Doubles with each further unclear answer; 2^20 is far beyond the longest pause already.
NOTE_UNCLEAR = """
    INSERT INTO workflows_gatewayhealth AS health (gateway, unclear_in_row, last_unclear_at, last_code)
    VALUES (%(gateway)s, 1, now(), %(code)s)
    ON CONFLICT (gateway) DO UPDATE SET unclear_in_row = health.unclear_in_row + 1, last_unclear_at = now(), last_code = %(code)s,
        paused_until = CASE WHEN health.unclear_in_row + 1 >= %(patience)s
            THEN now() + least(%(first)s * power(2, least(health.unclear_in_row + 1 - %(patience)s, 20)), %(longest)s) END
"""


@dataclass(frozen=True)
class Health:
    """What finance sees of a provider: whether it answers, and how many refunds wait for that."""

    gateway: str
    unclear_in_row: int = 0
    paused_until: datetime | None = None
    last_clear_at: datetime | None = None
    last_code: str = ""
    waiting: int = 0
    unknown: int = 0
    oldest_unknown_at: datetime | None = None


def note_answer(gateway: str, answer: Answer) -> None:
    """Count an unclear answer, or forget those before."""
    if answer.kind is Kind.AMBIGUOUS:
        values = {"gateway": gateway, "code": answer.code[:60], "patience": PATIENCE, "first": FIRST_PAUSE, "longest": LONGEST_PAUSE}
        with connection.cursor() as cursor:
            cursor.execute(NOTE_UNCLEAR, values)
    else:
        GatewayHealth.objects.filter(gateway=gateway, unclear_in_row__gt=0).update(unclear_in_row=0, paused_until=None, last_clear_at=Now())


def paused_gateways() -> list[str]:
    """The providers to which nothing is sent now."""
    return list(GatewayHealth.objects.filter(paused_until__gt=Now()).values_list("gateway", flat=True))


def gateway_health() -> list[Health]:
    """Every provider that refunds go through, with what waits for it; two queries."""
    waits, is_unknown = Q(state=RefundState.QUEUED), Q(state=RefundState.UNKNOWN)
    live = Refund.objects.exclude(state__in=(RefundState.VOIDED, RefundState.SUCCEEDED)).values("gateway").order_by("gateway")
    counted = live.annotate(
        waiting=Count("pk", filter=waits), unknown=Count("pk", filter=is_unknown), oldest=Min("submitted_at", filter=is_unknown)
    )
    counts = {row["gateway"]: row for row in counted}
    rows = {row.gateway: row for row in GatewayHealth.objects.all()}
    return [_health(code, rows.get(code) or GatewayHealth(gateway=code), counts.get(code, {})) for code in sorted(rows | counts)]


def _health(code: str, row: GatewayHealth, counts: dict) -> Health:
    return Health(
        gateway=code,
        unclear_in_row=row.unclear_in_row,
        paused_until=row.paused_until,
        last_clear_at=row.last_clear_at,
        last_code=row.last_code,
        waiting=counts.get("waiting", 0),
        unknown=counts.get("unknown", 0),
        oldest_unknown_at=counts.get("oldest"),
    )
