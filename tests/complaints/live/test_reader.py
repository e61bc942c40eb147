"""The reader of the stream in Valkey: nothing is missed unnoticed, whatever happens to Valkey."""

import asyncio
import socket
from contextlib import asynccontextmanager, suppress

import pytest
import redis

from complaints.live.publishing import STREAM, Pointer, fields_of
from complaints.live.reader import AWAY, RESET, Reader

PATIENCE = 20


@pytest.fixture
def valkey(settings):
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(STREAM)
        yield client


@pytest.fixture
def add(valkey):
    """Append a pointer to the stream, as a server does that publishes; gives its place."""

    def append(topic: str, version: int = 0) -> str:
        return valkey.xadd(STREAM, fields_of(Pointer(topic, version))).decode()

    return append


@asynccontextmanager
async def reading(url: str):
    """A reader at work, and what it heard and said."""
    heard, said = [], []
    reader = Reader(url, hear=lambda entry: heard.append((entry.pointer.topic, entry.pointer.version)), change=said.append)
    reader.start()
    try:
        yield reader, heard, said
    finally:
        await reader.close()


async def until(condition) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - the condition is anything at all
            await asyncio.sleep(0.01)


def test_new_pointers_are_heard_in_order(settings, add):
    add("old-1")

    async def run():
        async with reading(settings.REDIS_URL) as (reader, heard, said):
            await reader.has_begun.wait()
            for version in range(5):
                add("team-1", version)
            await until(lambda: len(heard) == 5)
            return heard, said

    assert asyncio.run(run()) == ([("team-1", version) for version in range(5)], [])


def test_what_strangers_put_into_the_stream_points_at_nothing(settings, add, valkey):
    async def run():
        async with reading(settings.REDIS_URL) as (reader, heard, said):
            await reader.has_begun.wait()
            valkey.xadd(STREAM, {"x": "1"})
            valkey.xadd(STREAM, {"t": "team-1", "v": "-1e9"})
            add("team-1", 2)
            await until(lambda: len(heard) == 3)
            return heard, said

    assert asyncio.run(run()) == ([("", 0), ("team-1", 0), ("team-1", 2)], [])


def test_an_emptied_stream_is_noticed_and_followed_anew(settings, add, valkey):
    async def run():
        async with reading(settings.REDIS_URL) as (reader, heard, said):
            await reader.has_begun.wait()
            valkey.delete(STREAM)
            await asyncio.sleep(0.01)  # places are milliseconds of Valkey: within one, the first would have the same place again
            add("team-1", 1)
            await until(lambda: said)
            add("team-1", 2)
            await until(lambda: ("team-1", 2) in heard)
            return said

    assert asyncio.run(run()) == [RESET]


def test_a_stream_that_ran_ahead_of_the_reader_is_a_gap(settings, add, valkey):
    async def run():
        async with reading(settings.REDIS_URL) as (reader, heard, said):
            await reader.has_begun.wait()
            with valkey.pipeline() as at_once:  # one step for the reader: the place where it was is gone
                for version in range(3):
                    at_once.xadd(STREAM, fields_of(Pointer("team-1", version)))
                at_once.xtrim(STREAM, maxlen=1, approximate=False)
                at_once.execute()
            await until(lambda: said)
            return said

    assert asyncio.run(run()) == [RESET]


def test_a_page_catches_up_from_its_last_place(settings, add):
    first, second = add("team-1", 1), add("team-1", 2)

    async def run():
        async with reading(settings.REDIS_URL) as (reader, _heard, _said):
            await reader.has_begun.wait()
            places = [tuple(map(int, place.split("-"))) for place in (first, second)]
            return [[entry.pointer.version for entry in reader.catch_up(last=place, since=None)] for place in places]

    assert asyncio.run(run()) == [[2], []]


def test_a_page_catches_up_from_the_moment_at_which_it_was_made(settings, add):
    add("old-1")
    place = add("team-1", 7)
    moment = int(place.split("-")[0])

    async def run():
        async with reading(settings.REDIS_URL) as (reader, _heard, _said):
            await reader.has_begun.wait()
            late = [entry.pointer.version for entry in reader.catch_up(last=None, since=moment + 1)]
            return late, reader.catch_up(last=None, since=moment - 60_000), reader.catch_up(last=(1, 1), since=moment + 1)

    assert asyncio.run(run()) == ([], None, None)


def test_without_valkey_the_reader_says_so_once_and_goes_on_when_it_is_back(settings, add):
    """Through a relay that can be cut, so that no other test loses its Valkey."""

    async def run():
        async with cuttable(settings.REDIS_URL) as (url, cut, mend), reading(url) as (reader, heard, said):
            await reader.has_begun.wait()
            await cut()
            await until(lambda: said == [AWAY])
            add("team-1", 1)
            await mend()
            await until(lambda: len(said) == 2 and heard)
            return heard, said

    assert asyncio.run(run()) == ([("team-1", 1)], [AWAY, RESET])


@asynccontextmanager
async def cuttable(url: str):
    """A line to Valkey that breaks and is mended on demand."""
    address, _, path = url.rpartition("@")[2].removeprefix("redis://").partition("/")
    host, port = address.split(":")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        own = free.getsockname()[1]
    lines, servers = set(), []

    async def pump(source, target):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()

    async def carry(reader, writer):
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        lines.update((writer, far_writer))
        with suppress(OSError):
            await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))

    async def mend():
        servers.append(await asyncio.start_server(carry, "127.0.0.1", own))

    async def cut():
        servers.pop().close()
        for writer in lines:
            writer.transport.abort()
        lines.clear()

    await mend()
    yield url.replace(address, f"127.0.0.1:{own}"), cut, mend
    await cut()
