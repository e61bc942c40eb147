"""Pointers for open pages: "this changed, look again". Losing one costs seconds, because pages also look by themselves."""

import re
from functools import cache, partial
from typing import NamedTuple

import redis
from django.conf import settings
from django.db import transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

from foundation.couriers import Courier

STREAM = "live"
KEPT = 10_000
PATIENCE = 0.5
TOPIC = re.compile(r"[a-z]{1,20}(?:-[A-Za-z0-9]{1,40})?")


class Pointer(NamedTuple):
    """What changed, its version if it has one, and whether customers are to hear of it."""

    topic: str
    version: int = 0
    is_internal: bool = False


class Announcer(Courier[Pointer]):
    """Appends pointers to a stream of bounded length in Valkey."""

    name = "live pointers"
    batch = 100

    def carry(self, news: list[Pointer]) -> None:
        pipeline = _valkey(settings.REDIS_URL).pipeline(transaction=False)
        for pointer in news:
            pipeline.xadd(STREAM, fields_of(pointer), maxlen=KEPT, approximate=True)
        pipeline.execute()


def publish(topic: str, key: int | str = "", version: int = 0, *, is_internal: bool = False) -> None:
    """Tell the open pages that watch ``<topic>-<key>`` to look again, after the commit. Best effort: nobody waits, nothing is kept.

    ``is_internal`` keeps it from customers, who are not to learn even that something happened.
    """
    pointer = Pointer(f"{topic}-{key}" if key != "" else topic, version, is_internal)
    if not TOPIC.fullmatch(pointer.topic):
        raise ValueError(f"{pointer.topic!r} is no live topic")
    transaction.on_commit(partial(_put, pointer), robust=True)


def fields_of(pointer: Pointer) -> dict[str, str | int]:
    return {"t": pointer.topic, "v": pointer.version, "i": int(pointer.is_internal)}


def pointer_in(fields: dict[str, str]) -> Pointer:
    """The pointer that an entry of the stream holds; one that is none of ours points at nothing."""
    version = fields.get("v", "")
    return Pointer(fields.get("t", ""), int(version) if version.isdecimal() else 0, fields.get("i") != "0")


_announcer = Announcer()


def _put(pointer: Pointer) -> None:
    _announcer.put_news(pointer)


@cache
def _valkey(url: str) -> redis.Redis:
    # Once more at once: the line may be one to a Valkey that was started anew meanwhile.
    return redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 1), protocol=2)
