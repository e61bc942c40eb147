"""Personal fields and secrets at rest: a key ring outside the database, and indexes that need a key to guess.

``BIHUAN_KEYS`` lists keys (32 bytes, base64). The first one encrypts, all of them decrypt, so a key is replaced by putting
the new one in front, running ``reencrypt`` over every table, and then dropping the old one.
"""

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction
from django.db.models.lookups import IsNull

FORMAT = b"\x01"
KEY_ID = slice(1, 5)
NONCE = slice(5, 17)
BODY = slice(17, None)
BLIND_INDEX_LENGTH = 32


class DecryptionError(Exception):
    """A stored value cannot be read with the keys at hand; nothing is lost as long as the right key exists somewhere."""


def encrypt(text: str) -> bytes:
    """Encrypt with the first key: format byte, key id, nonce, AES-256-GCM body."""
    key_id, key = next(iter(_key_ring(tuple(settings.BIHUAN_KEYS)).items()))
    nonce = os.urandom(12)
    return FORMAT + key_id + nonce + key.encrypt(nonce, text.encode(), None)


def decrypt(blob: bytes | memoryview) -> str:
    """Decrypt with whichever key of the ring wrote it."""
    blob = bytes(blob)
    key = _key_ring(tuple(settings.BIHUAN_KEYS)).get(blob[KEY_ID])
    if key is None or blob[:1] != FORMAT:
        raise DecryptionError(f"BIHUAN_KEYS lacks the key {blob[KEY_ID].hex()} that encrypted this value. Add that key; nothing is lost.")
    try:
        return key.decrypt(blob[NONCE], blob[BODY], None).decode()
    except (InvalidTag, ValueError) as error:
        raise DecryptionError(f"A value under the key {blob[KEY_ID].hex()} was altered or cut short in the database.") from error


def blind_index(value: str, *, purpose: str) -> str:
    """Keyed digest (32 hex characters) for exact search over an encrypted value; normalise the value first.

    ``purpose`` ("phone", "phone_tail") keeps indexes apart. An empty value has the empty index and matches nothing.
    """
    if not value:
        return ""
    message = purpose.encode() + b"\0" + value.encode()
    return hmac.digest(settings.BIHUAN_INDEX_KEY.encode(), message, "sha256").hex()[:BLIND_INDEX_LENGTH]


def digest_token(secret: str) -> str:
    """What is stored of a random secret (link, API token, request id); 64 hex characters."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


class EncryptedTextField(models.TextField):
    """Text that is encrypted in the database and plain in Python. It can be neither searched nor sorted: use a blind index."""

    description = "Encrypted text"

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_db_prep_value(self, value, connection, prepared=False):
        value = self.get_prep_value(value)
        return None if value is None else connection.Database.Binary(encrypt(value))

    def from_db_value(self, value, expression, connection):
        return None if value is None else decrypt(value)

    def get_lookup(self, lookup_name):
        # A comparison with ciphertext never matches; refusing it turns a silent hole into an error.
        return IsNull if lookup_name == "isnull" else None

    def get_transform(self, lookup_name):
        return None


def reencrypt(model: type[models.Model], *, after: int = 0, limit: int = 500) -> int | None:
    """Encrypt the next ``limit`` rows of a table with the first key; returns the last primary key, or None at the end.

    Each call is one short transaction, so a rotation can stop anywhere and go on from the returned key.
    """
    names = [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
    rows = model._base_manager.select_for_update(no_key=True).filter(pk__gt=after).order_by("pk").only("pk", *names)
    with transaction.atomic():
        batch = list(rows[:limit])
        model._base_manager.bulk_update(batch, names)
    return batch[-1].pk if batch else None


@cache
def _key_ring(encoded_keys: tuple[str, ...]) -> dict[bytes, AESGCM]:
    """Keys by their public id, in the order of the setting."""
    if not encoded_keys:
        raise ImproperlyConfigured("BIHUAN_KEYS is empty: set at least one key of 32 bytes in base64.")
    keys = [_decode_key(number, encoded) for number, encoded in enumerate(encoded_keys, start=1)]
    return {hashlib.sha256(key).digest()[:4]: AESGCM(key) for key in keys}


def _decode_key(number: int, encoded: str) -> bytes:
    try:
        key = urlsafe_b64decode(encoded)
    except (Base64Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ImproperlyConfigured(f"Key {number} of BIHUAN_KEYS is not 32 bytes in base64.")
    return key
