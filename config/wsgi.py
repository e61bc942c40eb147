"""Pages and static files on WSGI threads; static files never reach Django."""

import gc
import os
import re

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
pages = get_wsgi_application()

from django.conf import settings  # noqa: E402
from whitenoise import WhiteNoise  # noqa: E402

from config.middleware import PERMISSIONS, content_policy  # noqa: E402

HASHED_NAME = re.compile(r"^.+\.[0-9a-f]{12}\..+$")


def add_headers(headers, path: str, url: str) -> None:
    headers["Content-Security-Policy"] = content_policy()
    headers["Permissions-Policy"] = PERMISSIONS
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


application = WhiteNoise(
    pages,
    root=str(settings.STATIC_ROOT),
    prefix="static/",
    autorefresh=settings.DEBUG,
    allow_all_origins=False,
    add_headers_function=add_headers,
    immutable_file_test=lambda path, url: bool(HASHED_NAME.match(url)),
)

# What was loaded by now stays for good: the collector need not look through it again, nor after every 700 new objects.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
