"""Who really sent a request: headers about it are believed from listed proxies only."""

import ipaddress
from functools import lru_cache

from django.conf import settings


def correct_address(meta: dict) -> None:
    """Put the visitor's own address into REMOTE_ADDR when a listed proxy brought the request, and the scheme of our base address.

    Headers about identity or scheme are never believed: whoever reaches the port directly could write them.
    """
    forwarded = meta.pop("HTTP_X_FORWARDED_FOR", "")
    if settings.IS_HTTPS:
        meta["wsgi.url_scheme"] = "https"
    if forwarded and is_trusted(meta.get("REMOTE_ADDR", "")):
        meta["REMOTE_ADDR"] = first_stranger(forwarded) or meta["REMOTE_ADDR"]


def first_stranger(forwarded: str) -> str | None:
    """The nearest hop that is not one of our proxies: everything left of it is the visitor's own claim."""
    for hop in reversed([part.strip() for part in forwarded.split(",")]):
        if not is_trusted(hop):
            return hop if parse_address(hop) else None
    return None


def is_trusted(address: str) -> bool:
    parsed = parse_address(address)
    return parsed is not None and any(parsed in network for network in trusted_networks(tuple(settings.BIHUAN_TRUSTED_PROXIES)))


@lru_cache
def trusted_networks(names: tuple[str, ...]) -> list:
    return [ipaddress.ip_network(name) for name in names]


@lru_cache(maxsize=4096)
def parse_address(text: str):
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_loopback(text: str) -> bool:
    address = parse_address(text)
    return address is not None and address.is_loopback
