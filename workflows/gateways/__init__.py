"""The payment gateways of this installation. ``gateway_for`` is the only way to one."""

import inspect
import os
from functools import cache
from importlib import import_module
from threading import Lock

from django.core.exceptions import ImproperlyConfigured

from workflows.gateways.base import RefundGateway

ADAPTERS = {
    "demo": "workflows.gateways.demo.DemoGateway",
    "wechat": "workflows.gateways.wechat.WeChatGateway",
    "alipay": "workflows.gateways.alipay.AlipayGateway",
    "stripe": "workflows.gateways.stripe.StripeGateway",
}
_building = Lock()


def gateway_for(code: str) -> RefundGateway:
    """The gateway of this code, built once per process for the keys that the environment holds.

    Call it outside requests and transactions: a gateway may fetch certificates when it is built.
    Raises ``ImproperlyConfigured`` when the code is unknown, a key or the gateway's library is missing.
    """
    if code not in ADAPTERS:
        raise ImproperlyConfigured(f"there is no payment gateway {code!r}; known are {', '.join(ADAPTERS)}")
    with _building:
        return _build(code, ADAPTERS[code], tuple(read_keys(code).items()))


@cache
def _build(code: str, place: str, found: tuple[tuple[str, str], ...]) -> RefundGateway:
    module, name = place.rsplit(".", 1)
    adapter, keys = getattr(import_module(module), name), dict(found)
    try:
        inspect.signature(adapter).bind(**keys)
    except TypeError as error:
        raise ImproperlyConfigured(f"{prefix_of(code)}…: {error}") from None
    try:
        return adapter(**keys)
    except ImproperlyConfigured:
        raise
    except Exception as error:  # its text may hold the key that it stumbled over
        raise ImproperlyConfigured(f"{prefix_of(code)}…: a key cannot be used ({type(error).__name__})") from None


def read_keys(code: str) -> dict[str, str]:
    """The keys of one gateway: ``BIHUAN_GATEWAY_WECHAT_MCHID=1`` is ``{"mchid": "1"}``. A PEM may be on one line with ``\\n`` in it."""
    prefix = prefix_of(code)
    return {
        name.removeprefix(prefix).lower(): value.replace("\\n", "\n")
        for name, value in os.environ.items()
        if name.startswith(prefix) and value
    }


def prefix_of(code: str) -> str:
    return f"BIHUAN_GATEWAY_{code.upper()}_"
