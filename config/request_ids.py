"""The number under which one request appears in every log line and in its answer."""

import secrets
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("request_id", default="")


def start_request_id() -> str:
    """Give the running request a fresh number; one that a visitor sends is not believed."""
    number = secrets.token_hex(8)
    _current.set(number)
    return number


def current_request_id() -> str:
    return _current.get()
