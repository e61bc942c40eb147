"""One stream: what waits stays small, what is said is complete, and a page that does not read is let go."""

import asyncio

import pytest

from complaints.live import streams
from complaints.live.publishing import Pointer
from complaints.live.reader import Entry
from complaints.live.rights import Claim
from complaints.live.streams import Stream
from complaints.live.topics import Viewer


def make_stream(**watched: bool) -> Stream:
    return Stream(Claim(Viewer("s" * 32), frozenset(watched)), watched)


def entry(place: int, topic: str, version: int = 0, *, is_internal: bool = False) -> Entry:
    return Entry((place, 0), Pointer(topic, version, is_internal))


def said_by(stream: Stream) -> str:
    """Everything that a stream says until it ends."""
    parts: list[bytes] = []

    async def send(message):
        parts.append(message["body"])

    async def run():
        stream.end()
        await stream.write(send, where=lambda: (9, 9))

    asyncio.run(run())
    return b"".join(parts).decode()


def test_of_each_topic_the_newest_pointer_is_said_in_the_order_of_places():
    stream = make_stream(a=True, b=True)
    for place, (topic, version) in enumerate([("a", 1), ("b", 1), ("a", 2), ("a", 3)]):
        stream.offer(entry(place, topic, version))

    assert said_by(stream) == 'id: 1-0\ndata: {"topic":"b","version":1}\n\nid: 3-0\ndata: {"topic":"a","version":3}\n\n'


def test_what_waits_does_not_grow_with_what_happens():
    stream = make_stream(a=True)
    for place in range(10_000):
        stream.offer(entry(place, "a", place))

    assert said_by(stream).count("data:") == 1


def test_internal_pointers_reach_those_who_may_hear_them_only():
    staff, customer = make_stream(a=True), make_stream(a=False)
    for stream in (staff, customer):
        stream.offer(entry(1, "a", 5, is_internal=True))

    assert ("data" in said_by(staff), said_by(customer)) == (True, "")


def test_a_customer_is_told_no_version():
    stream = make_stream(a=False)
    stream.offer(entry(1, "a", 5))

    assert '"version":0' in said_by(stream)


def test_a_quiet_stream_beats_from_where_it_is(monkeypatch):
    monkeypatch.setattr(streams, "HEARTBEAT", 0.01)
    stream, parts = make_stream(a=True), []

    async def send(message):
        parts.append(message["body"].decode())
        stream.end()

    asyncio.run(stream.write(send, where=lambda: (7, 1)))

    assert parts[0] == "id: 7-1\nevent: beat\ndata: 0\n\n"


def test_a_page_that_does_not_read_is_let_go(monkeypatch):
    monkeypatch.setattr(streams, "SLOWEST", 0.01)
    stream = make_stream(a=True)
    stream.offer(entry(1, "a"))

    async def send(_message):
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        asyncio.run(stream.write(send, where=lambda: (0, 0)))
