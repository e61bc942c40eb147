"""One open stream: what it has yet to say, and the loop that says it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable

from complaints.live.reader import Entry
from complaints.live.rights import Claim, Watched
from complaints.live.topics import Position, write_position

HEARTBEAT = 15.0
BREATH = 0.03  # seconds between two writes, in which what came meanwhile becomes one
SLOWEST = 20.0
FULL = "full"
Send = Callable[[dict], Awaitable[None]]


class Stream:
    """A page's connection. Of each topic only the newest pointer waits, so a page that reads slowly costs no more than a quick one."""

    def __init__(self, claim: Claim, watched: Watched) -> None:
        self.claim, self.watched = claim, watched
        self.is_over = False
        self._position: Position = (0, 0)
        self._pending: dict[str, Entry] = {}
        self._words: list[str] = []
        self._wake = asyncio.Event()

    def offer(self, entry: Entry) -> None:
        """Let the page hear of an entry, if it is for this viewer."""
        topic = entry.pointer.topic
        if entry.pointer.is_internal and not self.watched.get(topic, False):
            return
        self._pending.pop(topic, None)
        self._pending[topic] = entry
        self._wake.set()

    def say(self, word: str, position: Position) -> None:
        """Tell the page about the stream itself: ready, away, reset, full."""
        self._words.append(f"id: {write_position(position)}\nevent: {word}\ndata: 0\n\n")
        self._wake.set()

    def end(self) -> None:
        self.is_over = True
        self._wake.set()

    async def write(self, send: Send, *, where: Callable[[], Position]) -> None:
        """Say everything as it comes, and that we are still here when nothing does. Ends with ``end()`` or when the page does not read."""
        while True:
            text = await self._next_text(where)
            async with asyncio.timeout(SLOWEST):
                await send({"type": "http.response.body", "body": text.encode(), "more_body": not self.is_over})
            if self.is_over:
                return
            await asyncio.sleep(BREATH)

    async def _next_text(self, where: Callable[[], Position]) -> str:
        try:
            async with asyncio.timeout(HEARTBEAT):
                await self._wake.wait()
        except TimeoutError:
            # Nothing waits, so whatever was read up to here has been said.
            return f"id: {write_position(where())}\nevent: beat\ndata: 0\n\n"
        self._wake.clear()
        words, entries = self._words, self._pending.values()
        self._words, self._pending = [], {}
        return "".join([*words, *map(self._draw, entries)])

    def _draw(self, entry: Entry) -> str:
        version = entry.pointer.version if self.watched.get(entry.pointer.topic) else 0
        told = json.dumps({"topic": entry.pointer.topic, "version": version}, separators=(",", ":"))
        return f"id: {write_position(entry.position)}\ndata: {told}\n\n"


def offer_all(stream: Stream, entries: Iterable[Entry]) -> None:
    for entry in entries:
        if entry.pointer.topic in stream.watched:
            stream.offer(entry)
