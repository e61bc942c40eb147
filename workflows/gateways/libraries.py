"""What the adapters of real providers share: their optional libraries, the address they call, money written as text."""

import re
from importlib import import_module
from types import ModuleType
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured

BEIJING = ZoneInfo("Asia/Shanghai")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
YUAN = re.compile(r"(-?)([0-9]+)(?:\.([0-9]{1,2}))?")


def load_library(name: str) -> ModuleType:
    """The module of an optional library, or words that say how to get it."""
    try:
        return import_module(name)
    except ImportError as error:
        raise ImproperlyConfigured(f"{name} is not installed: pip install -r requirements-gateways.txt ({error})") from error


def checked_url(url: str) -> str:
    """The address of a provider without a slash at the end. Only TLS proves who answers, so plain HTTP stays on this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ImproperlyConfigured(f"{parts.scheme}://{parts.hostname} is not a safe address of a payment gateway: use https")
    return url.rstrip("/")


def yuan_of(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def minor_of(yuan: str) -> int:
    """Fen of an amount that is written in yuan. Raises ``ValueError`` for anything finer than a fen."""
    match = YUAN.fullmatch(yuan.strip())
    if match is None:
        raise ValueError("not an amount in yuan")
    sign, whole, cents = match.groups(default="")
    return int(sign + whole + cents.ljust(2, "0"))
