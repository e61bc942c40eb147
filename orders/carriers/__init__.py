"""Adapters to the courier companies and to the services that follow their waybills. They know waybills, no shipment and no parcel."""

import importlib
import os

# code: module and class, and for each keyword of the class the environment variable that fills it
ADAPTERS = {
    "kuaidi100": ("kuaidi100", "Kuaidi100", ("customer", "key", "salt", "callback", "url")),
    "aftership": ("aftership", "AfterShip", ("key", "webhook_secret", "url")),
    "demo": ("demo", "DemoCarrier", ("url", "secret")),
}
# The demo carrier lives in the process of the demo gateway, at its address and with its secret.
PREFIXES = {"demo": "GATEWAY_DEMO"}


def adapter_for(code: str, *, courier: str = ""):
    """The adapter ``code`` with its keys from the environment (``BIHUAN_<CODE>_<KEYWORD>``); an unknown code raises ``LookupError``.

    ``courier``: our code of the courier company, or the service's own; a service that follows many needs it to subscribe and query.
    """
    if code not in ADAPTERS:
        raise LookupError(f"no carrier adapter {code!r}")
    module, name, keywords = ADAPTERS[code]
    values = {word: os.environ.get(variable_of(code, word), "") for word in keywords}
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)(courier=courier, **values)


def variable_of(code: str, word: str) -> str:
    """The environment variable of one key of an adapter."""
    return f"BIHUAN_{PREFIXES.get(code, code)}_{word}".upper()
