"""The live stream as an ASGI application: who asks, what for, and then a response that goes on for hours."""

import asyncio
from collections.abc import Awaitable, Callable
from io import BytesIO

from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest

from complaints.live.streams import Send, Stream
from complaints.live.switchboard import Refused, Switchboard
from complaints.live.topics import NonsenseError, Viewer, Wish, is_foreign, read_viewer, read_wish

PATH = "/live/"
RETRY_MS = 2000
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, private"),
    (b"x-accel-buffering", b"no"),
]
PLAIN = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store, private")]
Receive = Callable[[], Awaitable[dict]]


class LiveApplication:
    """Answers ``/live/``. The switchboard is made with the first stream, on the event loop that serves it."""

    def __init__(self) -> None:
        self._switchboard: Switchboard | None = None

    async def __call__(self, scope: dict, receive: Receive, send: Send) -> None:
        try:
            viewer, wish = _read(scope)
            stream = await self._board().open(viewer, wish)
        except Refused as refusal:
            return await _refuse(send, refusal.status)
        try:
            await self._serve(stream, receive, send)
        finally:
            self._board().close(stream)

    async def shut(self) -> None:
        """End all streams; called when the server stops."""
        if self._switchboard is not None:
            await self._switchboard.shut()
            self._switchboard = None

    def _board(self) -> Switchboard:
        if self._switchboard is None:
            self._switchboard = Switchboard()
        return self._switchboard

    async def _serve(self, stream: Stream, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": f"retry: {RETRY_MS}\n\n".encode(), "more_body": True})
        reader = self._board().reader
        writing = asyncio.ensure_future(stream.write(send, where=lambda: reader.position))
        leaving = asyncio.ensure_future(_wait_until_gone(receive))
        _done, left = await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.gather(writing, leaving, return_exceptions=True)


def _read(scope: dict) -> tuple[Viewer, Wish]:
    """Who asks for what. Raises ``Refused``."""
    if scope["path"] != PATH:
        raise Refused(404)
    if scope["method"] != "GET":
        raise Refused(405)
    request = ASGIRequest(scope, BytesIO())
    try:
        request.get_host()
        if is_foreign(request):
            raise Refused(403)
        return read_viewer(request), read_wish(request)
    except (DisallowedHost, NonsenseError):
        raise Refused(400) from None


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _refuse(send: Send, status: int) -> None:
    headers = [*PLAIN, (b"allow", b"GET")] if status == 405 else PLAIN
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{status}\n".encode()})
