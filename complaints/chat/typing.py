"""Who types in a conversation right now. Kept in Valkey for some seconds; a courtesy, so without Valkey nobody is shown typing."""

import logging
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from complaints.live import publish
from complaints.models import ChatSession

logger = logging.getLogger(__name__)
SECONDS = 8
REST = 10.0


def note_typing(session: ChatSession, side: str) -> None:
    """Remember for some seconds that one side (``customer`` or ``team``) types, and let the other side's page look."""
    complaint = session.complaint
    if _ask(lambda valkey: valkey.set(_key(complaint.pk, side), 1, ex=SECONDS, get=True)) is not None:
        return
    if side == "team":
        publish("complaint", complaint.number)
    elif session.agent_id is not None:
        publish("user", session.agent_id, is_internal=True)


def is_typing(complaint_id: int, side: str) -> bool:
    return bool(_ask(lambda valkey: valkey.exists(_key(complaint_id, side))))


def _key(complaint_id: int, side: str) -> str:
    return f"chat:typing:{complaint_id}:{side}"


def _ask(question: Callable[[redis.Redis], Any]) -> Any:
    global _rests_until
    if time.monotonic() < _rests_until:
        return None
    try:
        return question(_valkey(settings.REDIS_URL))
    except redis.RedisError as error:
        logger.warning("typing is not shown for %d s: %s", REST, error)
        _rests_until = time.monotonic() + REST
        return None


_rests_until = 0.0


@cache
def _valkey(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0), protocol=2)
