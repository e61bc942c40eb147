"""Hash-chained events in the form in which they are copied into a table.

The same bytes as ``foundation.events`` makes, with what repeats (kinds, actors, small numbers) framed only once: a large
demo shop has some twenty million events.
"""

import json
import os
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from foundation.events import GENESIS

from .copying import NULL, Table

COLUMNS = ["id", "seq", "kind", "at", "recorded_at", "actor_id", "author_kind", "codes", "payload", "salt", "digest", "hash"]
HASH_FRAME = (32).to_bytes(8, "big")
EMPTY = (0).to_bytes(8, "big")
encode_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def check_columns(table: Table) -> None:
    """Refuse to write a table of events that has other columns than the ones below."""
    if table.columns[:-1] != COLUMNS:
        raise ValueError(f"{table.name} has changed: {table.columns}")


class Chain:
    """The events of one subject; they must come in the order in which they happened, at times in UTC."""

    def __init__(self, table: Table, subject_id: int, first_id: int) -> None:
        self.table, self.subject_id, self.next_id = table, subject_id, first_id
        self.seq, self.hash = 0, GENESIS

    def add(
        self, kind: str, at: datetime, codes: dict[str, Any], *, payload: dict | None = None, actor: int | None = None, author: str = ""
    ) -> None:
        author = author or ("system" if actor is None else "human")
        self.seq += 1
        instant, text = at.isoformat(timespec="microseconds"), encode_json(codes)
        digest, salt_cell, payload_cell = b"", NULL, NULL
        if payload is not None:
            salt, told = os.urandom(16), encode_json(payload)
            digest = sha256(frame(salt) + frame(told.encode())).digest()
            salt_cell, payload_cell = f"\\\\x{salt.hex()}", told.replace("\\", "\\\\")
        who = "" if actor is None else str(actor)
        self.hash = sha256(
            HASH_FRAME + self.hash + frame_of(str(self.seq)) + frame_of(kind) + frame(instant.encode()) + frame_of(f"{author}:{who}")
            + frame(text.encode()) + (HASH_FRAME + digest if digest else EMPTY)
        ).digest()  # fmt: skip
        self.table.push(
            f"{self.next_id}\t{self.seq}\t{kind}\t{instant}\t{instant}\t{who or NULL}\t{author}\t"
            + text.replace("\\", "\\\\")
            + f"\t{payload_cell}\t{salt_cell}\t\\\\x{digest.hex()}\t\\\\x{self.hash.hex()}\t{self.subject_id}"
        )
        self.next_id += 1


def frame(part: bytes) -> bytes:
    """A field with its length in front."""
    return len(part).to_bytes(8, "big") + part


@lru_cache(maxsize=10_000)
def frame_of(text: str) -> bytes:
    return frame(text.encode())
