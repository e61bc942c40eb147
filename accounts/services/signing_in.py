"""The password step of log-in, with limits that slow a guesser down and never lock the owner out for good."""

import ipaddress

from django.contrib.auth import authenticate

from accounts.models import User
from foundation.limits import forgive, hit

PER_SECONDS = 300
TRIES_PER_PLACE, TRIES_PER_NETWORK, TRIES_PER_NAME, TRIES_PER_DEVICE = 8, 60, 60, 12


class TooManyTriesError(Exception):
    """The limit for this name or network is used up for the moment. HTTP 429."""

    status_code = 429
    retry_after = PER_SECONDS


def check_sign_in(username: str, password: str, *, network: str, device: str = "") -> User | None:
    """Return the user whose name and password these are, None when they are wrong; an unknown name takes as long as a known one.

    ``device`` names a browser in which this user logged in before: it has a limit of its own, so that strangers who use up the
    limit of the name keep only other strangers out. Raises ``TooManyTriesError``.
    """
    name, place = username.strip().casefold(), network_of(network)
    keys = _keys(name, place, device)
    if not all(hit(key, limit, PER_SECONDS) for key, limit in keys.items()):
        raise TooManyTriesError
    user = authenticate(None, username=username.strip(), password=password)
    if user is None or not user.is_staff:
        return None
    for key in keys:
        if not key.startswith("login:network:"):
            forgive(key)
    return user


def network_of(address: str) -> str:
    """The address itself, or the /64 of an IPv6 address: that is what one visitor owns."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network(f"{parsed}/64", strict=False)) if parsed.version == 6 else str(parsed)


def _keys(name: str, place: str, device: str) -> dict[str, int]:
    if device:
        return {f"login:device:{device}": TRIES_PER_DEVICE}
    return {
        f"login:network:{place}": TRIES_PER_NETWORK,
        f"login:place:{name}:{place}": TRIES_PER_PLACE,
        f"login:name:{name}": TRIES_PER_NAME,
    }
