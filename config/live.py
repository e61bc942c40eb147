"""The ``live`` service of a deployment: the stream and nothing else, on one event loop without a thread per page."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from complaints.live.application import PATH, PLAIN, LiveApplication  # noqa: E402
from config.middleware import PERMISSIONS, content_policy  # noqa: E402

__all__ = ["PATH", "application", "last_as_long_as_the_server", "stream"]
ALIVE = "/livez"
PROTECTION = [
    (b"content-security-policy", content_policy().encode()),
    (b"permissions-policy", PERMISSIONS.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]

live = LiveApplication()


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        return await last_as_long_as_the_server(receive, send)
    if scope["type"] == "http" and scope["path"] == ALIVE:
        await send({"type": "http.response.start", "status": 200, "headers": PLAIN})
        return await send({"type": "http.response.body", "body": b"ok\n"})
    if scope["type"] == "http":
        await stream(scope, receive, send)
    return None


async def stream(scope, receive, send) -> None:
    """The stream, with the headers that every answer of the house carries."""

    async def send_protected(message):
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *PROTECTION]}
        await send(message)

    await live(scope, receive, send_protected)


async def last_as_long_as_the_server(receive, send) -> None:
    """When the server is told to stop, the streams end; otherwise it would wait for pages that never leave."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await live.shut()
            return await send({"type": "lifespan.shutdown.complete"})
        await send({"type": "lifespan.startup.complete"})
