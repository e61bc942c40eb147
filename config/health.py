"""What the house says about itself: alive, ready, and its gauges. The answers are the truth or they are absent."""

import logging
import math
import os
import secrets
import time
from collections.abc import Callable
from contextlib import contextmanager

import redis
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse

from config.addresses import is_loopback
from foundation.standstill import is_standing_still

logger = logging.getLogger(__name__)
KEEP_SECONDS = 5
KEEP_SECONDS_FAILING = 1
GAUGES = {
    "outbox_oldest_unsent_seconds": """SELECT coalesce(extract(epoch FROM now() - min(next_at)), 0) FROM complaints_outbox
        WHERE state IN ('queued', 'sending') AND next_at <= now()""",
    "outbox_dead": "SELECT count(*) FROM complaints_outbox WHERE state = 'dead'",
    "assignment_oldest_waiting_seconds": """SELECT coalesce(extract(epoch FROM now() - min(enqueued_at)), 0)
        FROM complaints_assignmentrequest WHERE state = 'waiting'""",
    "jobs_oldest_due_seconds": "SELECT greatest(coalesce(extract(epoch FROM now() - min(next_at)), 0), 0) FROM foundation_periodicjob",
    "clocks_oldest_due_seconds": """SELECT coalesce(extract(epoch FROM now() - min(due_at)), 0) FROM complaints_clock
        WHERE fired_at IS NULL AND parked_at IS NULL AND due_at <= now()""",
    "clocks_parked": "SELECT count(*) FROM complaints_clock WHERE parked_at IS NOT NULL AND fired_at IS NULL AND due_at IS NOT NULL",
    "refunds_oldest_due_seconds": """SELECT greatest(coalesce(extract(epoch FROM now() - min(next_at)), 0), 0) FROM workflows_refund
        WHERE state NOT IN ('pending_approval', 'armed') AND attempts <= 5""",
    "refunds_unknown": "SELECT count(*) FROM workflows_refund WHERE state = 'unknown'",
    "refunds_oldest_unknown_seconds": """SELECT coalesce(extract(epoch FROM now() - min(submitted_at)), 0) FROM workflows_refund
        WHERE state = 'unknown'""",
    "refunds_given_up": "SELECT count(*) FROM workflows_refund WHERE attempts > 5",
    "gateways_paused": "SELECT count(*) FROM workflows_gatewayhealth WHERE paused_until > now()",
    "anomalies_open": "SELECT count(*) FROM workflows_anomaly WHERE closed_at IS NULL",
    "ledger_differs": "SELECT count(*) FROM foundation_periodicjob WHERE name = 'analytics.verify' AND last_error <> ''",
    "standing_still": "SELECT count(*) FROM foundation_standstill WHERE released_at IS NULL",
    "clock_skew_seconds": "SELECT extract(epoch FROM clock_timestamp()) - %s",
}
# Days until a calendar counts on without knowing public holidays; below zero it does so already.
COVERED_DAYS = """SELECT code, covered_until - (now() AT TIME ZONE zone)::date FROM (
        SELECT DISTINCT ON (calendar_id) * FROM accounts_calendarversion ORDER BY calendar_id, version DESC) AS newest
    JOIN accounts_calendar calendar ON calendar.id = newest.calendar_id WHERE covered_until IS NOT NULL"""
HEARTBEATS = "SELECT kind, extract(epoch FROM now() - max(beaten_at)) FROM foundation_heartbeat GROUP BY kind"


def say_alive(request) -> HttpResponse:
    """The process answers; nothing else is touched."""
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


def say_ready(request) -> JsonResponse:
    """200 when a complaint could be accepted, 503 with the names of what fails. Degraded is still 200: without Valkey the house works,
    slower; while it stands still after a restore it takes complaints, and neither money nor mail leaves.
    """
    failing = [name for name, check in READINESS.items() if not check.holds()]
    degraded = [name for name, check in (("hints", HINTS), ("standstill", GOES_ON)) if not check.holds()]
    return JsonResponse(
        {"ready": not failing, "failing": failing, "degraded": degraded},
        status=503 if failing else 200,
        headers={"Cache-Control": "no-store"},
    )


def show_metrics(request) -> HttpResponse:
    """Gauges for Prometheus, from this machine or with the token; with the database down only ``bihuan_db_up 0``."""
    if not may_read_metrics(request):
        return HttpResponse("forbidden\n", status=403, content_type="text/plain")
    text = "".join(f"bihuan_{name} {value}\n" for name, value in read_gauges().items())
    return HttpResponse(text, content_type="text/plain; version=0.0.4", headers={"Cache-Control": "no-store"})


def may_read_metrics(request) -> bool:
    if settings.BIHUAN_METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(given.encode(), settings.BIHUAN_METRICS_TOKEN.encode())
    return is_loopback(request.META.get("REMOTE_ADDR", "")) and "HTTP_X_FORWARDED_FOR" not in request.META


def read_gauges() -> dict[str, float]:
    """Every gauge within 2 s in all, or none of them."""
    gauges = {}
    try:
        with within(seconds=2) as cursor:
            for name, query in GAUGES.items():
                cursor.execute(query, [time.time()] if "%s" in query else None)
                gauges[name] = round(float(cursor.fetchone()[0]), 3)
            cursor.execute(HEARTBEATS)
            gauges |= {f'heartbeat_age_seconds{{kind="{kind}"}}': round(float(age), 3) for kind, age in cursor.fetchall()}
            cursor.execute(COVERED_DAYS)
            gauges |= {f'calendar_covered_days{{calendar="{code}"}}': days for code, days in cursor.fetchall()}
    except DatabaseError:
        return {"db_up": 0}
    return {"db_up": 1} | gauges


class Check:
    """A condition that is looked at no more than once in five seconds (one while it fails); failing to look counts as not holding.

    ``for_ever``: once it holds it is not looked at again (a running process never gets its migrations taken away).
    """

    def __init__(self, look: Callable[[], bool], *, for_ever: bool = False):
        self.look = look
        self.for_ever = for_ever
        self.known_until = 0.0
        self.last = False

    def holds(self) -> bool:
        if time.monotonic() >= self.known_until:
            self.last = self._look_safely()
            keep = KEEP_SECONDS if self.last else KEEP_SECONDS_FAILING
            self.known_until = math.inf if self.last and self.for_ever else time.monotonic() + keep
        return self.last

    def forget(self) -> None:
        self.known_until = 0.0

    def _look_safely(self) -> bool:
        try:
            return self.look()
        except (DatabaseError, OSError, redis.RedisError) as error:
            logger.warning("not ready: %s", error)
            return False


def can_write_database() -> bool:
    with within(seconds=1) as cursor:
        cursor.execute(
            "INSERT INTO foundation_heartbeat (name, kind, beaten_at) VALUES ('readyz', 'readyz', now())"
            " ON CONFLICT (name) DO UPDATE SET beaten_at = now()"
        )
    return True


def has_all_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def can_write_media() -> bool:
    probe = settings.MEDIA_ROOT / f".readyz-{os.getpid()}"
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    probe.write_bytes(b"ok")
    probe.unlink()
    return True


def can_publish_hints() -> bool:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)
    try:
        return client.ping()
    finally:
        client.close()


def goes_on() -> bool:
    """Money and mail may leave."""
    with within(seconds=1):
        return not is_standing_still()


@contextmanager
def within(*, seconds: int):
    """A cursor in a transaction of its own in which no statement may take longer than ``seconds``."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {int(seconds) * 1000}")
        yield cursor


READINESS = {"database": Check(can_write_database), "migrations": Check(has_all_migrations, for_ever=True), "media": Check(can_write_media)}
HINTS = Check(can_publish_hints)
GOES_ON = Check(goes_on)
PROBES = {"/livez": say_alive, "/readyz": say_ready, "/metrics": show_metrics}
