"""The one reader of a process: it follows the stream in Valkey and remembers what came lately, so that pages can catch up."""

import asyncio
import logging
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from complaints.live.publishing import KEPT, STREAM, Pointer, pointer_in
from complaints.live.topics import Position, parse_position, write_position

logger = logging.getLogger(__name__)
BLOCK_MS = 2000
PATIENCE = 5.0
REST = 1.0
AT_ONCE = 1000
AWAY, RESET = "away", "reset"


class Entry(NamedTuple):
    """A pointer and its place in the stream."""

    position: Position
    pointer: Pointer


class Reader:
    """``hear`` gets every new entry, ``change`` hears that news may be missing: away until reset."""

    def __init__(self, url: str, *, hear: Callable[[Entry], None], change: Callable[[str], None]) -> None:
        self._valkey = redis.asyncio.Redis.from_url(
            url, decode_responses=True, protocol=2, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
        )
        self._hear, self._change = hear, change
        self._kept: deque[Entry] = deque(maxlen=KEPT)
        self.position: Position = (0, 0)
        self.is_connected = False
        self.has_begun = asyncio.Event()

    def catch_up(self, *, last: Position | None, since: int | None) -> list[Entry] | None:
        """What came after ``last``, or after the moment ``since`` (ms) if that is earlier; None when nobody can say any more."""
        starts = [self._place_after(last)] if last is not None else []
        starts += [self._place_since(since)] if since is not None else []
        if None in starts:
            return None
        return list(self._kept)[min(starts) :] if starts else []

    def start(self) -> None:
        self._work = asyncio.ensure_future(self._follow_for_ever())

    async def close(self) -> None:
        while not self._work.done():  # the client swallows a cancellation that meets it at the wrong moment
            self._work.cancel()
            await asyncio.wait([self._work], timeout=0.5)
        await self._valkey.aclose()

    async def _follow_for_ever(self) -> None:
        """When Valkey is gone, say so and try again."""
        while True:
            try:
                await self._follow()
            except Exception as error:  # whatever it is: pages must learn that no news come
                self._lose(error)
                await asyncio.sleep(REST)

    async def _follow(self) -> None:
        await self._begin()
        while True:
            here = write_position(self.position)
            found = await self._valkey.xread({STREAM: here}, count=AT_ONCE, block=BLOCK_MS)
            # Gone from the stream means that it was emptied, or that it ran faster than we read: something may be missing.
            if not await self._valkey.xrange(STREAM, here, here):
                await self._begin()
                continue
            for position, fields in found[0][1] if found else ():
                self._take(Entry(parse_position(position), pointer_in(fields)))

    async def _begin(self) -> None:
        """Go on where we were, or anew where the stream does not know that place; what was lost while we were away nobody knows."""
        if not await self._valkey.exists(STREAM):
            await self._valkey.xadd(STREAM, {"t": ""})
        read = await self._valkey.xrevrange(STREAM, count=KEPT)
        entries = [Entry(parse_position(position), pointer_in(fields)) for position, fields in reversed(read)]
        was, self.is_connected = self.position, True
        missed = [entry for entry in entries if entry.position > was] if any(entry.position == was for entry in entries) else None
        if missed is None:
            self._kept, self.position = deque(entries, KEPT), entries[-1].position
        else:
            for entry in missed:
                self._take(entry)
        self.has_begun.set()
        if was != (0, 0):
            self._change(RESET)

    def _take(self, entry: Entry) -> None:
        self._kept.append(entry)
        self.position = entry.position
        self._hear(entry)

    def _lose(self, error: Exception) -> None:
        self.has_begun.set()
        if self.is_connected or self.position == (0, 0):
            logger.warning("open pages ask by themselves until Valkey is back: %s", error)
        if self.is_connected:
            self.is_connected = False
            self._change(AWAY)

    def _place_after(self, last: Position) -> int | None:
        place = bisect_left(self._kept, last, key=lambda entry: entry.position)
        return place + 1 if place < len(self._kept) and self._kept[place].position == last else None

    def _place_since(self, since: int) -> int | None:
        """The first entry not older than a moment; None when older ones may have been dropped that were not."""
        is_covered = bool(self._kept) and self._kept[0].position[0] < since
        return bisect_right(self._kept, (since, -1), key=lambda entry: entry.position) if is_covered else None
