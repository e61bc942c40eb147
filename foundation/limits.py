"""How often something may be tried. Both kinds answer True while within the limit and False beyond it.

``hit`` guards secrets (log-in, tracking links, codes) and lives in PostgreSQL, so the fate of Valkey neither opens nor closes it.
``flood`` protects public forms from bursts; it lives in this process and, from the first part of its limit on, in Valkey. Without
Valkey the process counts on alone, so the form stays open.
"""

import logging
import time
from functools import cache
from threading import Lock

import redis
from django.conf import settings
from django.db import connection
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from foundation.crypto import blind_index
from foundation.models import LimitCounter
from foundation.prepared import Statement

logger = logging.getLogger(__name__)
VALKEY_TIMEOUT = 0.2
VALKEY_REST = 10.0
MOST_LOCAL_KEYS = 10_000

# One number per key, the moment at which the whole limit is free again; each hit moves it by per/limit seconds. A refused hit
# writes nothing, so a stranger's flood can neither fill the table nor lock the owner out for longer.
HIT = Statement.named("""
    INSERT INTO foundation_limitcounter AS counter (key, full_at) VALUES (%(key)s, clock_timestamp() + %(step)s * interval '1 s')
    ON CONFLICT (key) DO UPDATE SET full_at = GREATEST(counter.full_at, clock_timestamp()) + %(step)s * interval '1 s'
    WHERE GREATEST(counter.full_at, clock_timestamp()) + %(step)s * interval '1 s' <= clock_timestamp() + %(per)s * interval '1 s'
    RETURNING 1
""")


# So many processes may each let through their part of a flood limit before they count together.
PARTS = 8
COUNT = """
    local count = redis.call('INCRBY', KEYS[1], ARGV[1])
    if count == tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
    return count
"""


def hit(key: str, limit: int, per_seconds: float) -> bool:
    """Count one try: at most ``limit`` at once, and ``limit`` more spread over every ``per_seconds``.

    Call it before the transaction of the act, so that a rolled-back act still counts and no lock on the counter is held.
    """
    # The step is a hair short of per/limit, so that rounding never refuses the last allowed try.
    values = {"key": blind_index(key, purpose="limit"), "step": per_seconds / limit - 1e-6, "per": per_seconds}
    return bool(HIT.rows(**values))


def forgive(key: str) -> None:
    """Give the whole limit back, for instance after a right password."""
    LimitCounter.objects.filter(key=blind_index(key, purpose="limit")).delete()


def forget_limits() -> int:
    """Delete counters that are free again; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM foundation_limitcounter WHERE full_at < clock_timestamp()")
        return cursor.rowcount


def flood(key: str, limit: int, per_seconds: int) -> bool:
    """Count one try in a fixed window that begins with the first one; costs at most 0.2 s when Valkey hangs, then nothing.

    The first tries are counted in this process alone, since nearly every visitor makes no more than those.
    """
    digest = "flood:" + blind_index(key, purpose="limit")
    here, own_part = _count_here(digest, per_seconds), limit // PARTS
    if here <= own_part:
        return True
    global _valkey_rests_until
    if time.monotonic() >= _valkey_rests_until:
        try:
            return _count_in_valkey(digest, per_seconds, tries=here if here == own_part + 1 else 1) <= limit
        except redis.RedisError as error:
            logger.warning("flood limits are kept in this process for %d s: %s", VALKEY_REST, error)
            _valkey_rests_until = time.monotonic() + VALKEY_REST
    return here <= limit


def _count_in_valkey(key: str, per_seconds: int, *, tries: int) -> int:
    return _counting(settings.REDIS_URL)(keys=[key], args=[tries, per_seconds])


@cache
def _counting(url: str) -> Script:
    return _valkey(url).register_script(COUNT)


@cache
def _valkey(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=VALKEY_TIMEOUT, socket_connect_timeout=VALKEY_TIMEOUT, retry=Retry(NoBackoff(), 0), protocol=2
    )


_valkey_rests_until = 0.0
_local_windows: dict[str, tuple[float, int]] = {}
_local_lock = Lock()


def _count_here(key: str, per_seconds: int) -> int:
    now = time.monotonic()
    with _local_lock:
        ends_at, count = _local_windows.pop(key, (0.0, 0))
        if ends_at <= now:
            ends_at, count = now + per_seconds, 0
        # Popped and set again, so that the first keys are the ones longest unused.
        _local_windows[key] = (ends_at, count + 1)
        while len(_local_windows) > MOST_LOCAL_KEYS:
            del _local_windows[next(iter(_local_windows))]
    return count + 1
