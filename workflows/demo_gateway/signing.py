"""Signatures of the demo gateway: HMAC-SHA256 over the raw bytes, with a timestamp and a nonce.

The scope names what is signed, so that nothing can stand for something else: a request carries its method and target, an answer its
status and the nonce of its request, a notice only itself.
"""

import hmac
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

TIMESTAMP, NONCE, SIGNATURE = "X-Demo-Timestamp", "X-Demo-Nonce", "X-Demo-Signature"
FRESH_SECONDS = 300


class BadSealError(Exception):
    """The signature is missing, wrong, or older or newer than five minutes."""


def seal(secret: str, *scope: str, body: bytes) -> dict[str, str]:
    """The three headers that sign a body here and now."""
    timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
    return {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: signature_of(secret, timestamp, nonce, *scope, body=body)}


def open_seal(secret: str, headers: Mapping[str, str], *scope: str, body: bytes) -> datetime:
    """When this was signed, if it was signed with our secret and lately. ``headers`` in lower case or as sent by ``seal``."""
    lowered = {name.lower(): value for name, value in headers.items()}
    timestamp, nonce, signature = (lowered.get(name.lower(), "") for name in (TIMESTAMP, NONCE, SIGNATURE))
    expected = signature_of(secret, timestamp, nonce, *scope, body=body)
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise BadSealError("signature")
    if abs(time.time() - int(timestamp)) > FRESH_SECONDS:
        raise BadSealError("stale")
    return datetime.fromtimestamp(int(timestamp), UTC)


def signature_of(secret: str, *parts: str, body: bytes) -> str:
    """Hexadecimal. Parts come from header lines and a request line, so none holds a line break."""
    head = "".join(f"{part}\n" for part in parts)
    return hmac.new(secret.encode(), head.encode() + body, sha256).hexdigest()
