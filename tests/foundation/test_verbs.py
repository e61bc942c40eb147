from threading import Barrier, Event

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, transaction
from django.dispatch import Signal

from foundation.exceptions import Forbidden, NotAllowedError, Reason, RefusedError, VersionConflictError
from foundation.models import RequestRecord
from foundation.verbs import announce, is_replay, lock, require, require_version, reserve
from tests.foundation.ledger import Account


def test_lock_returns_the_fresh_row_in_one_query(tables, django_assert_num_queries):
    account = Account.objects.create(name="old")
    Account.objects.filter(pk=account.pk).update(name="new")

    with django_assert_num_queries(1):
        locked = lock(account)

    assert locked.name == "new"


def test_lock_fetches_related_rows_in_the_same_query(tables, django_assert_num_queries):
    account = Account.objects.create(parent=Account.objects.create(name="parent"))

    with django_assert_num_queries(1):
        name = lock(account, "parent").parent.name

    assert name == "parent"


def test_lock_takes_rows_whose_related_row_is_missing(tables):
    account = Account.objects.create(parent=None)

    assert lock(account, "parent") == account


def test_lock_keeps_others_out_until_the_end_of_the_transaction(committed_tables, in_threads):
    account = Account.objects.create()
    locked, tried = Event(), Event()

    def hold():
        with transaction.atomic():
            lock(account)
            locked.set()
            tried.wait(20)

    def try_to_take():
        locked.wait(20)
        try:
            with transaction.atomic():
                Account.objects.select_for_update(nowait=True, no_key=True).get(pk=account.pk)
        finally:
            tried.set()

    _, outcome = in_threads(hold, try_to_take)

    assert isinstance(outcome, DatabaseError)


def test_is_replay_tells_the_second_request_from_the_first(tables):
    account = Account.objects.create()

    assert [is_replay(account, "close", "r1", by=None) for _ in range(3)] == [False, True, True]


def test_is_replay_costs_one_query(tables, django_assert_num_queries):
    account = Account.objects.create()

    with django_assert_num_queries(1):
        is_replay(account, "close", "r1", by=None)


@pytest.mark.parametrize("change", ["subject", "verb", "request", "actor"])
def test_is_replay_keeps_requests_apart_by(tables, change):
    first, second = Account.objects.create(), Account.objects.create()
    user = get_user_model()(pk=7)
    is_replay(first, "close", "r1", by=None)

    again = is_replay(
        second if change == "subject" else first,
        "open" if change == "verb" else "close",
        "r2" if change == "request" else "r1",
        by=user if change == "actor" else None,
    )

    assert again is False


def test_is_replay_without_a_request_id_records_nothing(tables):
    account = Account.objects.create()

    assert [is_replay(account, "close", None, by=None) for _ in range(2)] == [False, False]
    assert RequestRecord.objects.count() == 0


def test_is_replay_stores_no_request_id_in_clear(tables):
    is_replay(Account.objects.create(), "close", "secret-token\0" + "x" * 500, by=None)

    assert "secret" not in RequestRecord.objects.get().request_id


def test_is_replay_forgets_what_was_rolled_back(tables):
    account = Account.objects.create()
    with pytest.raises(RuntimeError), transaction.atomic():
        is_replay(account, "close", "r1", by=None)
        raise RuntimeError

    assert is_replay(account, "close", "r1", by=None) is False


def test_is_replay_refuses_the_same_id_with_other_content(tables):
    account = Account.objects.create()
    is_replay(account, "close", "r1", by=None, fingerprint="a")

    assert is_replay(account, "close", "r1", by=None, fingerprint="a") is True
    with pytest.raises(RefusedError) as refusal:
        is_replay(account, "close", "r1", by=None, fingerprint="b")
    assert [reason.code for reason in refusal.value.reasons] == ["request_reused"]


def test_is_replay_lets_one_of_two_simultaneous_requests_through(committed_tables, in_threads):
    account = Account.objects.create()
    together = Barrier(2)

    def request():
        together.wait(20)
        with transaction.atomic():
            return is_replay(account, "close", "r1", by=None)

    assert sorted(in_threads(request, request)) == [False, True]


def test_reserve_gives_the_key_of_the_new_row_and_gives_it_again(tables):
    first = reserve(Account, "open", "r1", by=None)
    account = Account.objects.create(pk=first.id)
    again = reserve(Account, "open", "r1", by=None)

    assert (first.is_replay, again.is_replay, again.id) == (False, True, account.pk)


def test_reserve_leaves_the_sequence_behind_the_key_it_gave(tables):
    reserved = reserve(Account, "open", "r1", by=None)

    assert Account.objects.create().pk > reserved.id


def test_reserve_without_a_request_id_reserves_nothing(tables):
    assert reserve(Account, "open", None, by=None) == (None, False)


def test_reserve_makes_one_row_of_two_simultaneous_requests(committed_tables, in_threads):
    together = Barrier(2)

    def open_account():
        together.wait(20)
        with transaction.atomic():
            reserved = reserve(Account, "open", "r1", by=None)
            if not reserved.is_replay:
                Account.objects.create(pk=reserved.id)
            return reserved.id

    ids = in_threads(open_account, open_account)

    assert set(ids) == set(Account.objects.values_list("pk", flat=True))
    assert Account.objects.count() == 1


def test_require_version_refuses_a_change_that_the_caller_has_not_seen():
    account = Account(version=3)

    with pytest.raises(VersionConflictError) as conflict:
        require_version(account, 2)

    assert conflict.value.current is account


@pytest.mark.parametrize("expected", [3, None])
def test_require_version_lets_pass(expected):
    require_version(Account(version=3), expected)


def test_require_lets_pass_without_reasons():
    require([])


def test_require_names_every_reason():
    reasons = [Reason("closed", "It is closed."), Reason("paid", "It is paid.", cure="Ask finance.")]

    with pytest.raises(RefusedError) as refusal:
        require(iter(reasons))

    assert refusal.value.reasons == reasons


def test_require_is_a_matter_of_rights_as_soon_as_one_reason_is():
    with pytest.raises(NotAllowedError) as refusal:
        require([Reason("closed", "It is closed."), Forbidden("not_yours", "It is not yours.")])

    assert [reason.code for reason in refusal.value.reasons] == ["closed", "not_yours"]


@pytest.fixture
def heard():
    """A signal, and what its hearer has heard; a second hearer always fails."""
    signal, news = Signal(), []

    def listen(sender, **kwargs):
        news.append(kwargs["account"])

    def fail(sender, **kwargs):
        raise RuntimeError

    signal.connect(fail, weak=False)
    signal.connect(listen, weak=False)
    return signal, news


def test_announce_waits_for_the_commit_and_survives_a_failing_hearer(committed_tables, heard):
    signal, news = heard
    with transaction.atomic():
        announce(signal, account=1)
        assert news == []

    assert news == [1]


def test_announce_is_silent_after_a_rollback(committed_tables, heard):
    signal, news = heard
    with pytest.raises(RuntimeError), transaction.atomic():
        announce(signal, account=1)
        raise RuntimeError

    assert news == []
