import pytest
from django.db import IntegrityError, transaction

from foundation.batch import Batch, take_ids
from tests.foundation.ledger import Account


def test_rows_and_changes_travel_in_one_statement(tables, django_assert_num_queries):
    parent_id, child_id = take_ids(Account, Account)
    parent, child = Account(pk=parent_id, name="parent"), Account(pk=child_id, name="child", parent_id=parent_id)
    batch = Batch()
    batch.insert(parent, child)
    parent.name = "mother"
    batch.update(parent, "name")

    with django_assert_num_queries(1):
        batch.run()

    assert list(Account.objects.order_by("pk").values_list("pk", "name", "parent")) == [
        (parent_id, "mother", None),
        (child_id, "child", parent_id),
    ]


def test_a_row_is_what_save_would_have_written(tables):
    saved, batched = Account.objects.create(name="同"), Account(pk=take_ids(Account)[0], name="同")
    batch = Batch()
    batch.insert(batched)
    batch.run()

    row, other = (Account.objects.filter(pk=each.pk).values().get() for each in (saved, batched))
    assert {**row, "id": 0} == {**other, "id": 0}


def test_a_written_row_can_be_saved_again(tables):
    account = Account(pk=take_ids(Account)[0], name="old")
    batch = Batch()
    batch.insert(account)
    batch.run()

    account.name = "new"
    account.save()

    assert Account.objects.get().name == "new"


def test_a_row_without_a_key_gets_one(tables):
    batch = Batch()
    batch.insert(Account(name="a"), Account(name="b"))
    batch.run()

    assert sorted(Account.objects.values_list("name", flat=True)) == ["a", "b"]


def test_nothing_is_no_statement(tables, django_assert_num_queries):
    with django_assert_num_queries(0):
        Batch().run()


def test_one_fault_leaves_nothing_behind(tables):
    taken = Account.objects.create(name="taken")
    batch = Batch()
    batch.insert(Account(name="good"), Account(pk=taken.pk, name="bad"))

    with pytest.raises(IntegrityError), transaction.atomic():
        batch.run()

    assert Account.objects.get() == taken


def test_keys_are_never_given_twice(tables):
    first, second = take_ids(Account, Account)

    assert len({first, second, *take_ids(Account)}) == 3
    assert Account.objects.create().pk not in {first, second}
