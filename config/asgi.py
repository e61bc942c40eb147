"""One port for the trial run: the live stream on the event loop, every page on a fixed pool of WSGI threads.

Sync views straight under ASGI would get a fresh thread and a fresh database connection for every request.
"""

import os

from a2wsgi import WSGIMiddleware

from config.wsgi import application as pages

LIVE_PREFIX = "/live/"
PAGE_THREADS = int(os.environ.get("BIHUAN_THREADS", "8"))

_pages = WSGIMiddleware(pages, workers=PAGE_THREADS)


async def application(scope, receive, send):
    if scope["type"] == "http":

        async def receive_part():
            # granian hands out a future; a2wsgi carries only coroutines from its threads to the event loop.
            return await receive()

        await _pages(scope, receive_part, send)
