import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, IntegrityError, connection, transaction

from foundation.events import (
    GENESIS,
    HEAD_FIELDS,
    ChainBreak,
    EventSpec,
    append_events,
    canonical_json,
    chain_events,
    chain_hash,
    erase_payloads,
    find_break,
    payload_digest,
    store_events,
)
from tests.foundation.ledger import Account, Entry, EntryPending

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def account(tables):
    """An account with three events: with text, without, with text."""
    account = Account.objects.create()
    append_events(account, [EventSpec("opened", {"by": 1}, {"note": "你好 \U0001f44b"}), EventSpec("moved", {"to": None, "n": 2**60})])
    append_events(account, [EventSpec("closed", payload={"note": "bye"}, at=NOON)])
    account.save(update_fields=HEAD_FIELDS)
    return Account.objects.get(pk=account.pk)


def check(account):
    return find_break(account.events.order_by("seq"), head_seq=account.head_seq, head_hash=account.head_hash)


def tamper(statement, *values):
    """Change a table behind the triggers, as someone who owns the database can."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")


def test_append_events_numbers_and_links_them(account):
    events = list(account.events.order_by("seq"))

    assert [(event.seq, event.kind) for event in events] == [(1, "opened"), (2, "moved"), (3, "closed")]
    assert account.head_seq == 3
    assert bytes(account.head_hash) == bytes(events[-1].hash)


def test_append_events_takes_two_inserts(tables, django_assert_num_queries):
    account = Account.objects.create()

    with django_assert_num_queries(2):
        append_events(account, [EventSpec("opened"), EventSpec("moved"), EventSpec("closed")])


def test_append_events_queues_them_for_the_feed(account):
    assert set(EntryPending.objects.values_list("event_id", flat=True)) == set(Entry.objects.values_list("pk", flat=True))


def test_append_events_of_nothing_asks_nothing(tables, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert append_events(Account(), []) == []


def test_append_events_knows_who_acted(tables):
    user = get_user_model()(pk=7)
    specs = [EventSpec("a"), EventSpec("b", by=user), EventSpec("c", author_kind="customer")]

    events = append_events(Account.objects.create(), specs)

    assert [(event.actor_id, event.author_kind) for event in events] == [(None, "system"), (7, "human"), (None, "customer")]


def test_append_events_cannot_forget_the_head_unnoticed(tables):
    account = Account.objects.create()
    append_events(account, [EventSpec("opened")])
    stale = Account.objects.get(pk=account.pk)

    with pytest.raises(IntegrityError), transaction.atomic():
        append_events(stale, [EventSpec("opened")])


def test_chain_events_let_a_new_subject_be_saved_once_with_its_head(tables, django_assert_num_queries):
    account = Account(name="new")

    with django_assert_num_queries(3):
        events = chain_events(account, [EventSpec("opened")])
        account.save()
        store_events(events)

    assert check(Account.objects.get(pk=account.pk)) is None


def test_chain_hash_is_sha256_over_length_prefixed_fields():
    at = NOON.astimezone(timezone(timedelta(hours=8)))
    fields = [GENESIS, b"1", b"opened", b"2026-03-01T12:00:00.000000+00:00", b"human:7", b'{"a":1,"b":"x"}', b"digest"]
    expected = hashlib.sha256(b"".join(len(field).to_bytes(8, "big") + field for field in fields)).digest()

    assert chain_hash(GENESIS, 1, "opened", at, "human:7", {"b": "x", "a": 1}, b"digest") == expected


def test_payload_digest_depends_on_salt_and_payload():
    digests = {payload_digest(b"s", {"a": 1}), payload_digest(b"t", {"a": 1}), payload_digest(b"s", {"a": 2}), payload_digest(None, None)}

    assert len(digests) == 4


@pytest.mark.parametrize("value", [1.5, {"a": 1.0}, [[{"b": float("nan")}]]])
def test_canonical_json_refuses_what_does_not_read_back_unchanged(value):
    with pytest.raises(TypeError):
        canonical_json(value)


def test_find_break_accepts_an_untouched_chain(account):
    assert check(account) is None


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("kind = 'closed' WHERE seq = 2", ChainBreak(2, "altered")),
        ("codes = '{}' WHERE seq = 1", ChainBreak(1, "altered")),
        ("at = at + interval '1 microsecond' WHERE seq = 3", ChainBreak(3, "altered")),
        ("actor_id = 9 WHERE seq = 2", ChainBreak(2, "altered")),
        ("author_kind = 'human' WHERE seq = 2", ChainBreak(2, "altered")),
        ("digest = sha256('x') WHERE seq = 2", ChainBreak(2, "altered")),
        ("digest = sha256('x') WHERE seq = 3", ChainBreak(3, "payload")),
        ('payload = \'{"note": "bye!"}\' WHERE seq = 3', ChainBreak(3, "payload")),
        ("payload = NULL WHERE seq = 3", ChainBreak(3, "payload")),
        ("salt = NULL WHERE seq = 3", ChainBreak(3, "payload")),
        ("payload = '{}' WHERE seq = 2", ChainBreak(2, "payload")),
        ("hash = sha256('x') WHERE seq = 3", ChainBreak(3, "altered")),
        ("seq = 5 - seq WHERE seq > 1", ChainBreak(2, "altered")),
    ],
)
def test_find_break_names_the_first_altered_entry(account, change, found):
    connection.check_constraints()
    tamper("ALTER TABLE ledgertests_entry DROP CONSTRAINT ledgertests_entry_seq_once")
    tamper(f"UPDATE ledgertests_entry SET {change}")

    assert check(account) == found


@pytest.mark.parametrize(("seq", "found"), [(1, ChainBreak(1, "missing")), (2, ChainBreak(2, "missing")), (3, ChainBreak(3, "missing"))])
def test_find_break_names_a_missing_entry(account, seq, found):
    tamper("DELETE FROM ledgertests_entry WHERE seq = %s", seq)

    assert check(account) == found


def test_find_break_sees_entries_in_the_wrong_order(account):
    events = list(account.events.order_by("seq"))

    found = find_break([events[0], events[0], events[2]], head_seq=3, head_hash=account.head_hash)

    assert found == ChainBreak(2, "reordered")


def test_find_break_sees_a_chain_that_was_replaced_as_a_whole(account):
    other = Account.objects.create()
    append_events(other, [EventSpec("x"), EventSpec("y"), EventSpec("z")])

    assert find_break(other.events.order_by("seq"), head_seq=3, head_hash=account.head_hash) == ChainBreak(3, "head")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledgertests_entry SET kind = 'x'",
        "UPDATE ledgertests_entry SET payload = NULL, salt = NULL",
        "DELETE FROM ledgertests_entry",
        "TRUNCATE ledgertests_entry CASCADE",
    ],
)
def test_events_refuse(account, statement):
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("change", ["kind = 'x'", "payload = '{}', salt = NULL", "payload = NULL", "digest = ''"])
def test_erasure_can_change_nothing_but_payload_and_salt_to_nothing(account, change):
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL bihuan.erasure = 'on'")
        cursor.execute(f"UPDATE ledgertests_entry SET {change} WHERE seq = 1")


def test_erase_payloads_removes_the_text_and_keeps_the_chain(account):
    first = account.events.get(seq=1)

    assert erase_payloads(Entry, [first.pk]) == 1

    first.refresh_from_db()
    assert (first.payload, first.salt, first.codes) == (None, None, {"by": 1})
    assert account.events.get(seq=3).payload == {"note": "bye"}
    assert check(account) is None


def test_erase_payloads_again_does_nothing(account):
    ids = list(account.events.values_list("pk", flat=True))

    assert [erase_payloads(Entry, ids) for _ in range(2)] == [2, 0]


def test_erase_payloads_leaves_the_table_closed_afterwards(account):
    erase_payloads(Entry, [account.events.get(seq=1).pk])
    connection.check_constraints()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        account.events.filter(seq=3).update(payload=None, salt=None)
