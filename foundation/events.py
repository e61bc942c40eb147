"""Append-only facts: hash-chained events per subject, and a feed that puts all of them in commit order.

An app that keeps events declares four small tables::

    class Complaint(ChainSubject): ...

    class EventPending(PendingEvent): ...

    class Event(ChainedEvent):
        complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="events")   # always "events"
        subject_field = "complaint"
        pending_model = EventPending

    class EventFeed(FeedEntry): ...

with a unique constraint on (complaint, seq) and ``append_only_sql`` in a migration. Each consumer keeps a ``FeedCursor`` table.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from psycopg2 import sql

from foundation.batch import Batch

GENESIS = bytes(32)
HEAD_FIELDS = ("head_seq", "head_hash")


class ChainSubject(models.Model):
    """A row with a chain of events; its head says how many there are and what the last one hashed to."""

    head_seq = models.PositiveIntegerField(default=0, editable=False)
    head_hash = models.BinaryField(max_length=32, default=GENESIS)

    class Meta:
        abstract = True


class ChainedEvent(models.Model):
    """Something that happened. ``codes`` (ids, codes, integers) stays for ever; ``payload`` (text) and ``salt`` may be erased."""

    subject_field: str
    pending_model: type[models.Model]

    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=60)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    actor_id = models.BigIntegerField(null=True)
    author_kind = models.CharField(max_length=20)
    codes = models.JSONField(default=dict)
    payload = models.JSONField(null=True)
    salt = models.BinaryField(max_length=16, null=True)
    digest = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class PendingEvent(models.Model):
    """An event that the sequencer has not yet put into the feed."""

    event_id = models.BigIntegerField(primary_key=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.event_id)


class FeedEntry(models.Model):
    """An event at its place in commit order; ``pos`` only grows, so "after the last seen" loses nothing."""

    pos = models.BigAutoField(primary_key=True)
    event_id = models.BigIntegerField(unique=True)
    subject_id = models.BigIntegerField()
    kind = models.CharField(max_length=60)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.pos} {self.kind}"


class FeedCursor(models.Model):
    """How far one consumer has read one feed; moved in the same transaction as the consumer's effect."""

    consumer = models.CharField(max_length=60)
    feed = models.CharField(max_length=60)
    pos = models.BigIntegerField(default=0)

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["consumer", "feed"], name="%(app_label)s_%(class)s_once")]

    def __str__(self) -> str:
        return f"{self.consumer} at {self.pos} of {self.feed}"


@dataclass(frozen=True)
class EventSpec:
    """An event to be appended. ``by`` is the acting user or None; ``at`` defaults to now."""

    kind: str
    codes: dict[str, Any] = field(default_factory=dict)
    payload: dict[str, Any] | None = None
    by: Any = None
    author_kind: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class ChainBreak:
    """The first entry at which a chain does not verify, and what is wrong there."""

    seq: int
    fault: str


def append_events(subject: ChainSubject, specs: Sequence[EventSpec]) -> list:
    """Append events to a locked subject: one INSERT for the events, one for the sequencer's list.

    The subject's head moves in memory only; the caller saves ``HEAD_FIELDS`` in its own UPDATE. Forgetting that makes the
    next event collide with the unique (subject, seq), so it cannot go unnoticed.
    """
    events = chain_events(subject, specs)
    store_events(events)
    return events


def chain_events(subject: ChainSubject, specs: Sequence[EventSpec]) -> list:
    """Build events and move the subject's head, writing nothing; a new subject can so be saved once, head included."""
    model = type(subject).events.rel.related_model
    now = timezone.now()
    return [_link_event(model, subject, spec, now) for spec in specs]


def store_events(events: list) -> None:
    """Insert built events and queue them for the feed."""
    if not events:
        return
    pending = type(events[0]).pending_model
    type(events[0])._base_manager.bulk_create(events)
    pending._base_manager.bulk_create([pending(event_id=event.pk) for event in events])


def put_events(batch: Batch, events: list, ids: Iterable[int]) -> None:
    """Add built events, and their places in the sequencer's list, to a batch; ``ids`` are keys taken from the table of events."""
    for event, event.pk in zip(events, ids, strict=False):
        batch.insert(event, event.pending_model(event_id=event.pk))


def payload_digest(salt: bytes | None, payload: Any) -> bytes:
    """sha256 over salt and canonical payload; empty for an event without payload. The salt keeps short texts from being guessed."""
    return b"" if payload is None else _digest_fields(salt or b"", canonical_json(payload))


def chain_hash(prev: bytes, seq: int, kind: str, at: datetime, actor: str, codes: dict, digest: bytes) -> bytes:
    """sha256 over the length-prefixed fields of an event and the hash of the one before it. ``actor`` is "kind:id"."""
    instant = at.astimezone(UTC).isoformat(timespec="microseconds")
    return _digest_fields(prev, str(seq).encode(), kind.encode(), instant.encode(), actor.encode(), canonical_json(codes), digest)


def canonical_json(value: Any) -> bytes:
    """JSON that reads back from ``jsonb`` to the same bytes; floats do not, so they are refused."""
    _refuse_floats(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def find_break(events: Iterable, *, head_seq: int, head_hash: bytes) -> ChainBreak | None:
    """Check a chain, given in ``seq`` order, against the subject's head; None when every entry holds."""
    prev, seq = GENESIS, 0
    for event in events:
        seq += 1
        fault = _find_fault(event, seq, prev)
        if fault:
            return ChainBreak(seq, fault)
        prev = bytes(event.hash)
    if seq != head_seq:
        return ChainBreak(seq + 1, "missing")
    return None if prev == bytes(head_hash) else ChainBreak(seq, "head")


def erase_payloads(event_model: type[ChainedEvent], event_ids: Sequence[int]) -> int:
    """Erase text and salt of events for good; their codes, digests and the chain stay. Returns the number of events."""
    erase = sql.SQL("SELECT {}(%s)").format(sql.Identifier(f"{event_model._meta.db_table}_erase"))
    with connection.cursor() as cursor:
        cursor.execute(erase, [list(event_ids)])
        return cursor.fetchone()[0]


def sequence_feed(event_model: type[ChainedEvent], feed_model: type[FeedEntry], *, limit: int = 1000) -> int:
    """Give the next pending events their place in the feed; returns how many. Only one sequencer of a feed works at a time.

    A position is visible only after the commit that also ends the advisory lock, so positions grow in commit order.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('feed'), hashtext(%s))", [feed_model._meta.db_table])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_sequence_sql(event_model, feed_model), [limit])
        return cursor.rowcount


def read_feed(feed_model: type[FeedEntry], *, after: int, limit: int = 500, kinds: Iterable[str] | None = None) -> list:
    """Entries after a position, in commit order."""
    entries = feed_model._base_manager.filter(pos__gt=after).order_by("pos")
    return list((entries if kinds is None else entries.filter(kind__in=list(kinds)))[:limit])


def consume_feed(
    cursor_model: type[FeedCursor], feed_model: type[FeedEntry], consumer: str, *, work: Callable[[list], Any], limit: int = 500
) -> int:
    """Give a consumer its next entries and move its cursor in the same transaction; returns how many there were.

    ``work`` gets a non-empty list of entries. If it raises, nothing has happened and the same entries come again.
    """
    feed = feed_model._meta.label_lower
    with transaction.atomic():
        cursors = cursor_model._base_manager.filter(consumer=consumer, feed=feed)
        if not cursors.exists():
            cursor_model._base_manager.bulk_create([cursor_model(consumer=consumer, feed=feed)], ignore_conflicts=True)
        cursor = cursors.select_for_update(no_key=True, skip_locked=True).first()
        entries = read_feed(feed_model, after=cursor.pos, limit=limit) if cursor else []
        if entries:
            work(entries)
            cursors.update(pos=entries[-1].pos)
    return len(entries)


def append_only_sql(table: str, *, erasable: bool = True) -> tuple[str, str]:
    """Forward and reverse SQL for ``migrations.RunSQL``: triggers that refuse every change, and the function that erases.

    Erasure runs as the owner of the function, so the application's role needs neither UPDATE nor DELETE on the table.
    A table without payload and salt is not ``erasable``. The migration must depend on ("foundation", "0002_database_objects").
    """
    parts = [(APPEND_ONLY, APPEND_ONLY_REVERSE), (ERASE, ERASE_REVERSE)][: 2 if erasable else 1]
    forward, reverse = ("".join(texts).replace("{table}", table) for texts in zip(*parts, strict=True))
    return forward, reverse


APPEND_ONLY = """
CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION bihuan_append_only();
CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION bihuan_append_only();
"""
APPEND_ONLY_REVERSE = """
DROP TRIGGER {table}_whole ON {table};
DROP TRIGGER {table}_rows ON {table};
"""
ERASE = """
CREATE FUNCTION {table}_erase(ids bigint[]) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path FROM CURRENT AS $$
DECLARE erased integer;
BEGIN
    -- Not a SET clause of the function: only a superuser may give it a setting that no extension declares.
    PERFORM set_config('bihuan.erasure', 'on', true);
    UPDATE {table} SET payload = NULL, salt = NULL WHERE id = ANY(ids) AND payload IS NOT NULL;
    GET DIAGNOSTICS erased = ROW_COUNT;
    PERFORM set_config('bihuan.erasure', 'off', true);
    RETURN erased;
END $$;
"""
ERASE_REVERSE = """
DROP FUNCTION {table}_erase(bigint[]);
"""


def _link_event(model: type[ChainedEvent], subject: ChainSubject, spec: EventSpec, now: datetime) -> ChainedEvent:
    salt = None if spec.payload is None else os.urandom(16)
    event = model(
        **{model.subject_field: subject},
        seq=subject.head_seq + 1,
        kind=spec.kind,
        at=spec.at or now,
        actor_id=getattr(spec.by, "pk", None),
        author_kind=spec.author_kind or ("system" if spec.by is None else "human"),
        codes=spec.codes,
        payload=spec.payload,
        salt=salt,
        digest=payload_digest(salt, spec.payload),
    )
    event.hash = _hash_event(event, bytes(subject.head_hash))
    subject.head_seq, subject.head_hash = event.seq, event.hash
    return event


def _hash_event(event: ChainedEvent, prev: bytes) -> bytes:
    actor = f"{event.author_kind}:{'' if event.actor_id is None else event.actor_id}"
    return chain_hash(prev, event.seq, event.kind, event.at, actor, event.codes, bytes(event.digest))


def _find_fault(event: ChainedEvent, seq: int, prev: bytes) -> str:
    if event.seq != seq:
        return "missing" if event.seq > seq else "reordered"
    is_erased = event.payload is None and event.salt is None
    if not is_erased and payload_digest(bytes(event.salt or b""), event.payload) != bytes(event.digest):
        return "payload"
    return "" if _hash_event(event, prev) == bytes(event.hash) else "altered"


def _digest_fields(*fields: bytes) -> bytes:
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in fields)).digest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("Events hold integers, text and true or false; a float does not read back from the database unchanged.")
    if isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            _refuse_floats(part)


def _sequence_sql(event_model: type[ChainedEvent], feed_model: type[FeedEntry]) -> sql.Composed:
    return sql.SQL(
        """
        WITH taken AS (
            DELETE FROM {pending} WHERE event_id IN (SELECT event_id FROM {pending} ORDER BY event_id LIMIT %s) RETURNING event_id
        )
        INSERT INTO {feed} (event_id, subject_id, kind)
        SELECT event.id, event.{subject}, event.kind FROM taken JOIN {event} AS event ON event.id = taken.event_id ORDER BY event.id
        """
    ).format(
        pending=sql.Identifier(event_model.pending_model._meta.db_table),
        feed=sql.Identifier(feed_model._meta.db_table),
        event=sql.Identifier(event_model._meta.db_table),
        subject=sql.Identifier(event_model._meta.get_field(event_model.subject_field).column),
    )
