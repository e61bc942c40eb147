"""Hash-chained events in the form in which they are copied into a table."""

import os
from datetime import datetime
from typing import Any

from foundation.events import GENESIS, canonical_json, chain_hash, payload_digest

from .copying import Table


class Chain:
    """The events of one subject; they must come in the order in which they happened."""

    def __init__(self, table: Table, subject: dict[str, int], first_id: int) -> None:
        self.table, self.subject, self.next_id = table, subject, first_id
        self.seq, self.hash = 0, GENESIS

    def add(
        self, kind: str, at: datetime, codes: dict[str, Any], *, payload: dict | None = None, actor: int | None = None, author: str = ""
    ) -> None:
        author = author or ("system" if actor is None else "human")
        salt = None if payload is None else os.urandom(16)
        digest = payload_digest(salt, payload)
        self.seq += 1
        self.hash = chain_hash(self.hash, self.seq, kind, at, f"{author}:{'' if actor is None else actor}", codes, digest)
        self.table.add(
            id=self.next_id,
            seq=self.seq,
            kind=kind,
            at=at,
            recorded_at=at,
            actor_id=actor,
            author_kind=author,
            codes=canonical_json(codes).decode(),
            payload=payload,
            salt=salt,
            digest=digest,
            hash=self.hash,
            **self.subject,
        )
        self.next_id += 1
