from threading import Event

import pytest
from django.db import transaction

from foundation.events import HEAD_FIELDS, EventSpec, append_events, consume_feed, read_feed, sequence_feed
from tests.foundation.ledger import Account, Cursor, Entry, EntryFeed, EntryPending


def append(*kinds):
    account = Account.objects.create()
    events = append_events(account, [EventSpec(kind) for kind in kinds])
    account.save(update_fields=HEAD_FIELDS)
    return events


def sequence(**options):
    return sequence_feed(Entry, EntryFeed, **options)


def consume(work, **options):
    return consume_feed(Cursor, EntryFeed, "tester", work=work, **options)


def test_sequence_feed_places_pending_events_in_order(tables):
    events = append("a", "b", "c")

    assert sequence() == 3

    entries = read_feed(EntryFeed, after=0)
    assert [(entry.event_id, entry.subject_id, entry.kind) for entry in entries] == [(e.pk, e.account_id, e.kind) for e in events]
    assert EntryPending.objects.count() == 0


def test_sequence_feed_follows_the_events_and_not_the_order_of_its_list(tables):
    append("a", "b", "c")
    pending = list(EntryPending.objects.order_by("-event_id"))
    EntryPending.objects.all().delete()
    for row in pending:
        row.save(force_insert=True)

    sequence()

    assert [entry.kind for entry in read_feed(EntryFeed, after=0)] == ["a", "b", "c"]


def test_sequence_feed_goes_on_where_it_stopped(tables):
    append("a", "b", "c")

    assert [sequence(limit=2) for _ in range(3)] == [2, 1, 0]
    assert [entry.kind for entry in read_feed(EntryFeed, after=0)] == ["a", "b", "c"]


def test_sequence_feed_lets_only_one_work(committed_tables, in_threads):
    append("a")
    holding, tried = Event(), Event()

    def first():
        with transaction.atomic():
            count = sequence()
            holding.set()
            tried.wait(20)
            return count

    def second():
        holding.wait(20)
        try:
            append("b")
            return sequence()
        finally:
            tried.set()

    assert in_threads(first, second) == [1, 0]
    assert sequence() == 1


def test_an_event_that_commits_late_comes_later_in_the_feed_and_is_not_lost(committed_tables, in_threads):
    slow_wrote, fast_read = Event(), Event()
    seen = []

    def slow():
        with transaction.atomic():
            append("slow")
            slow_wrote.set()
            fast_read.wait(20)

    def fast():
        slow_wrote.wait(20)
        append("fast")
        sequence()
        consume(lambda entries: seen.extend(entry.kind for entry in entries))
        fast_read.set()

    in_threads(slow, fast)
    sequence()
    consume(lambda entries: seen.extend(entry.kind for entry in entries))

    assert seen == ["fast", "slow"]


def test_read_feed_can_choose_kinds(tables):
    append("a", "b", "a")
    sequence()

    assert [entry.kind for entry in read_feed(EntryFeed, after=0, kinds=["a"])] == ["a", "a"]


def test_consume_feed_gives_each_entry_once_in_order(tables):
    append("a", "b", "c")
    sequence()
    batches = []

    counts = [consume(lambda entries: batches.append([entry.kind for entry in entries]), limit=2) for _ in range(3)]

    assert (counts, batches) == ([2, 1, 0], [["a", "b"], ["c"]])


def test_consume_feed_brings_the_same_entries_again_after_a_failure(tables):
    append("a")
    sequence()

    def fail(entries):
        Account.objects.create(name="effect")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        consume(fail)

    assert Account.objects.filter(name="effect").count() == 0
    assert consume(lambda entries: None) == 1


def test_consume_feed_lets_only_one_of_the_same_name_work(committed_tables, in_threads):
    append("a")
    sequence()
    consume(lambda entries: None)
    append("b")
    sequence()
    holding, tried = Event(), Event()

    def hold(entries):
        holding.set()
        tried.wait(20)

    def second():
        holding.wait(20)
        try:
            return consume(lambda entries: None)
        finally:
            tried.set()

    assert in_threads(lambda: consume(hold), second) == [1, 0]
