"""Every open stream of a process: who hears what, for how long they may, and how many a session may have."""

import asyncio
import logging
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from complaints.live import rights
from complaints.live.reader import AWAY, RESET, Entry, Reader
from complaints.live.rights import Claim, Watched
from complaints.live.streams import FULL, Stream, offer_all
from complaints.live.topics import Viewer, Wish, parse_position

logger = logging.getLogger(__name__)
CHECK_EVERY = 4.0  # a right that is taken away closes the stream within 5 s
MOST_PER_SESSION = 6
MOST_STREAMS = 5000
FIRST_NEWS_WITHIN = 3.0


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """The stream is not opened; ``status`` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Switchboard:
    """Belongs to one event loop. The database is asked by one thread, for everybody at once."""

    def __init__(self) -> None:
        self.reader = Reader(settings.REDIS_URL, hear=self._pass_on, change=self._tell_all)
        self._by_topic: dict[str, set[Stream]] = defaultdict(set)
        self._by_place: dict[str, list[Stream]] = defaultdict(list)
        self._asking = ThreadPoolExecutor(1, thread_name_prefix="live-rights")
        self._newcomers: list[tuple[Claim, asyncio.Future]] = []
        self.reader.start()
        self._checking = asyncio.ensure_future(self._recheck_for_ever())
        self._admitting: asyncio.Task | None = None

    @property
    def streams(self) -> list[Stream]:
        return [stream for streams in self._by_place.values() for stream in streams]

    async def open(self, viewer: Viewer, wish: Wish) -> Stream:
        """A stream of those topics that this viewer may watch. Raises ``Refused``."""
        if not (viewer.session_key or viewer.link_ids):
            raise Refused(403)
        if len(self.streams) >= MOST_STREAMS:
            raise Refused(503)
        claim, watched = await self._admit(Claim(viewer, wish.topics))
        if not watched:
            raise Refused(403)
        await self._wait_for_reader()
        stream = Stream(claim, watched)
        self._make_room(stream)
        self._greet(stream, wish)
        return stream

    def close(self, stream: Stream) -> None:
        """Forget a stream whose connection is gone."""
        for topic in stream.watched:
            self._by_topic[topic].discard(stream)
            if not self._by_topic[topic]:
                del self._by_topic[topic]
        place = self._by_place[stream.claim.viewer.place]
        if stream in place:
            place.remove(stream)
        if not place:
            del self._by_place[stream.claim.viewer.place]

    async def shut(self) -> None:
        """End every stream, so that the server can stop."""
        for stream in self.streams:
            stream.end()
        self._checking.cancel()
        await self.reader.close()
        self._asking.shutdown(wait=False)

    def _make_room(self, stream: Stream) -> None:
        place = self._by_place[stream.claim.viewer.place]
        place.append(stream)
        for oldest in place[:-MOST_PER_SESSION]:
            place.remove(oldest)
            oldest.say(FULL, self.reader.position)
            oldest.end()
        for topic in stream.watched:
            self._by_topic[topic].add(stream)

    def _greet(self, stream: Stream, wish: Wish) -> None:
        """Say from where the page hears everything, and first of all what it has missed."""
        last = parse_position(wish.last)
        missed = self.reader.catch_up(last=last, since=wish.since) if last or not wish.last else None
        stream.say("ready" if missed is not None else RESET, self.reader.position)
        offer_all(stream, missed or ())
        if not self.reader.is_connected:
            stream.say(AWAY, self.reader.position)

    async def _wait_for_reader(self) -> None:
        try:
            async with asyncio.timeout(FIRST_NEWS_WITHIN):
                await self.reader.has_begun.wait()
        except TimeoutError:
            return

    async def _admit(self, claim: Claim) -> tuple[Claim, Watched]:
        """Wait for the next look at the database; whoever comes while one is under way shares the one after it."""
        answer = asyncio.get_running_loop().create_future()
        self._newcomers.append((claim, answer))
        if self._admitting is None:
            self._admitting = asyncio.ensure_future(self._admit_newcomers())
        return await answer

    async def _admit_newcomers(self) -> None:
        try:
            while self._newcomers:
                group, self._newcomers = self._newcomers, []
                answers = await self._ask(_identify_and_judge, [claim for claim, _answer in group])
                for (_claim, answer), found in zip(group, answers or [None] * len(group), strict=True):
                    if not answer.done():
                        answer.set_result(found) if found else answer.set_exception(Refused(503))
        finally:
            self._admitting = None

    async def _recheck_for_ever(self) -> None:
        while True:
            await asyncio.sleep(CHECK_EVERY)
            streams = self.streams
            if not streams:
                continue
            # Without an answer nobody has a right to anything: pages ask by themselves until there is one.
            allowed = await self._ask(rights.judge, [stream.claim for stream in streams]) or [{}] * len(streams)
            for stream, watched in zip(streams, allowed, strict=True):
                if not stream.watched.items() <= watched.items():
                    stream.end()

    async def _ask(self, question, claims: list[Claim]) -> list | None:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._asking, _with_connection, question, claims)
        except Exception as error:  # whatever it is: who cannot be looked up has no right
            logger.warning("live rights cannot be read, streams are closed: %s", error, exc_info=not isinstance(error, DatabaseError))
            return None

    def _pass_on(self, entry: Entry) -> None:
        for stream in self._by_topic.get(entry.pointer.topic, ()):
            stream.offer(entry)

    def _tell_all(self, word: str) -> None:
        for stream in self.streams:
            stream.say(word, self.reader.position)


def _with_connection(question, claims: list[Claim]) -> list:
    close_old_connections()
    return question(claims)


def _identify_and_judge(claims: list[Claim]) -> list[tuple[Claim, Watched]]:
    named = rights.identify(claims)
    return list(zip(named, rights.judge(named), strict=True))
