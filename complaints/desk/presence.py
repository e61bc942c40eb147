"""Who has a complaint open right now, and who writes on it. Kept in Valkey for a minute; no names, no text.

Presence is a courtesy: without Valkey the desk shows nobody and works on. Pages hear of a change by the topic ``presence-<number>``.
"""

import logging
import time
from collections import defaultdict
from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from complaints.live import publish
from complaints.models import Complaint

logger = logging.getLogger(__name__)

KEY = "desk:presence"
# Longer than the minute after which an open page says so again.
SECONDS = 75
REST = 10.0
VIEWING, TYPING = "viewing", "typing"


def note_presence(complaint: Complaint, user_id: int, *, mode: str = VIEWING) -> None:
    """Remember for 75 s that a user has a complaint open; colleagues hear of it when that is new."""
    place, now = f"{complaint.pk}:{user_id}", int(time.time())
    noted = _ask(
        lambda valkey: (
            valkey.pipeline(transaction=False).hget(KEY, place).hset(KEY, place, f"{now}:{mode}").expire(KEY, SECONDS * 2).execute()
        )
    )
    if noted and not _is_known(noted[0], mode, now):
        publish("presence", complaint.number, _moment(), is_internal=True)


def leave(complaint: Complaint, user_id: int) -> None:
    """Forget at once that a user has a complaint open."""
    if _ask(lambda valkey: valkey.hdel(KEY, f"{complaint.pk}:{user_id}")):
        publish("presence", complaint.number, _moment(), is_internal=True)


def _moment() -> int:
    """Milliseconds: a page that was made later shows it already."""
    return int(time.time() * 1000)


def forget_everybody() -> None:
    """Empty the list, as a restart of Valkey does."""
    _ask(lambda valkey: valkey.delete(KEY))


def who_is_where(*, but: int | None = None) -> dict[int, dict[int, str]]:
    """Per complaint the users who have it open and what they do there; ``but`` leaves one user out."""
    entries = _ask(lambda valkey: valkey.hgetall(KEY)) or {}
    oldest, here, stale = time.time() - SECONDS, defaultdict(dict), []
    for place, state in entries.items():
        complaint_id, user_id = map(int, place.split(":"))
        moment, mode = state.split(":")
        if int(moment) < oldest:
            stale.append(place)
        elif user_id != but:
            here[complaint_id][user_id] = mode
    if stale:
        _ask(lambda valkey: valkey.hdel(KEY, *stale))
    return here


def _is_known(state: str | None, mode: str, now: int) -> bool:
    if state is None:
        return False
    moment, noted = state.split(":")
    return noted == mode and int(moment) >= now - SECONDS


def _ask(question):
    global _rests_until
    if time.monotonic() < _rests_until:
        return None
    try:
        return question(_valkey(settings.REDIS_URL))
    except redis.RedisError as error:
        logger.warning("presence is not shown for %d s: %s", REST, error)
        _rests_until = time.monotonic() + REST
        return None


_rests_until = 0.0


@cache
def _valkey(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=0.2, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0), protocol=2, decode_responses=True
    )
