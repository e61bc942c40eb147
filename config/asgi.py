"""One port for the trial run: the live stream on the event loop, every page on a fixed pool of WSGI threads.

Sync views straight under ASGI would get a fresh thread and a fresh database connection for every request.
"""

import os

from a2wsgi import WSGIMiddleware

from config.live import PATH, last_as_long_as_the_server, stream
from config.wsgi import application as pages

PAGE_THREADS = int(os.environ.get("BIHUAN_THREADS", "8"))

_pages = WSGIMiddleware(pages, workers=PAGE_THREADS)


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        return await last_as_long_as_the_server(receive, send)
    if scope["type"] != "http":
        return None
    if scope["path"] == PATH:
        return await stream(scope, receive, send)

    async def receive_part():
        # granian hands out a future; a2wsgi carries only coroutines from its threads to the event loop.
        return await receive()

    return await _pages(scope, receive_part, send)
