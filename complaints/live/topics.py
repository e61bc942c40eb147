"""What a page may ask the stream for, and what the asker showed to prove who is asking."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from complaints.intake.links import opened_links
from complaints.live.publishing import TOPIC

MOST_TOPICS = 60
LONGEST_QUERY = 4000
POSITION = re.compile(r"(\d{1,15})-(\d{1,15})")
SESSION_KEY = re.compile(r"[a-z0-9]{8,40}")
Position = tuple[int, int]


class NonsenseError(Exception):
    """The request is none that a page of ours would make. HTTP 400."""


@dataclass(frozen=True)
class Viewer:
    """Who holds a stream open, as far as the cookies say; what of it is true is looked up again and again."""

    session_key: str = ""
    link_ids: tuple[int, ...] = ()

    @property
    def place(self) -> str:
        """What the limit of open streams counts by."""
        return f"s{self.session_key}" if self.session_key else f"l{min(self.link_ids, default=0)}"


@dataclass(frozen=True)
class Wish:
    """The topics a page watches, and from where it goes on: the last pointer it had, or the moment at which it was made."""

    topics: frozenset[str]
    last: str = ""
    since: int | None = None


def read_viewer(request: HttpRequest) -> Viewer:
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return Viewer(key if SESSION_KEY.fullmatch(key) else "", tuple(opened_links(request)))


def read_wish(request: HttpRequest) -> Wish:
    """Raises ``NonsenseError`` for what no page sends, a secret in the address above all."""
    if len(request.META.get("QUERY_STRING", "")) > LONGEST_QUERY or not request.GET.keys() <= {"t", "last", "since"}:
        raise NonsenseError
    topics = frozenset(name for part in request.GET.getlist("t") for name in part.split(","))
    if not 0 < len(topics) <= MOST_TOPICS or not all(map(TOPIC.fullmatch, topics)):
        raise NonsenseError
    since = request.GET.get("since", "")
    if since and not (since.isascii() and since.isdigit() and len(since) < 16):
        raise NonsenseError
    return Wish(topics, request.headers.get("Last-Event-ID") or request.GET.get("last", ""), int(since) if since else None)


def parse_position(text: str) -> Position | None:
    """Where a stream was; None for what no stream of ours ever said."""
    found = POSITION.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def write_position(position: Position) -> str:
    return f"{position[0]}-{position[1]}"


def is_foreign(request: HttpRequest) -> bool:
    """Whether another site's page makes this request: the cookies would come along all the same."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return True
    origin = request.headers.get("Origin")
    if origin is None or origin in settings.CSRF_TRUSTED_ORIGINS:
        return False
    return not origin.startswith(("http://", "https://")) or urlsplit(origin).netloc != request.get_host()
