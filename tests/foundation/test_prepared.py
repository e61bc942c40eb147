import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from foundation.prepared import Prepared, Value
from foundation.verbs import lock
from tests.foundation.ledger import Account


def by_name():
    return Account.objects.filter(name=Value("name")).select_related("parent").order_by("pk")


def test_each_call_reads_with_its_own_values(tables):
    first, second = Account.objects.create(name="first"), Account.objects.create(name="second")
    find = Prepared(by_name)

    assert (find.all(name="first"), find.all(name="second"), find.all(name="none")) == ([first], [second], [])


def test_first_gives_one_row_or_none(tables):
    account = Account.objects.create(name="one")
    find = Prepared(by_name)

    assert (find.first(name="one"), find.first(name="none")) == (account, None)


def test_the_server_prepares_what_the_queryset_would_send(tables):
    with CaptureQueriesContext(connection) as asked:
        list(Account.objects.filter(name="x").select_related("parent").order_by("pk"))
        Prepared(by_name).all(name="x")

    plain, execution = (query["sql"] for query in asked)
    name = execution.removeprefix("EXECUTE ").split()[0]
    assert execution == f"EXECUTE {name} ('x')"
    assert text_of(name) == f"PREPARE {name} AS " + plain.replace("'x'", "($1)")


def test_a_statement_is_prepared_once_on_each_connection(committed_tables, in_threads):
    find, alike = Prepared(by_name), Prepared(by_name)

    def ask():
        found = [find.all(name="a"), alike.all(name="b")]
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements")
            return found, cursor.fetchone()[0]

    assert [in_threads(ask)[0] for _thread in range(2)] == [([[], []], 1)] * 2


def test_a_new_connection_prepares_anew(committed_tables):
    account, find = Account.objects.create(name="a"), Prepared(by_name)
    find.all(name="a")

    connection.close()

    assert find.all(name="a") == [account]


def text_of(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE name = %s", [name])
        return cursor.fetchone()[0]


def test_the_query_is_built_once(tables):
    built = []
    find = Prepared(lambda: built.append(1) or by_name())

    find.all(name="a"), find.all(name="b")

    assert built == [1]


def test_what_one_thread_compiled_serves_the_next(committed_tables, in_threads):
    Account.objects.create(name="a")
    built = []
    find = Prepared(lambda: built.append(1) or by_name())

    found = [in_threads(lambda: len(find.all(name="a")))[0] for _thread in range(3)]

    assert (found, built) == ([1, 1, 1], [1])


def test_joined_rows_come_along(tables, django_assert_num_queries):
    Account.objects.create(name="child", parent=Account.objects.create(name="parent"))
    find = Prepared(by_name)

    with django_assert_num_queries(1):
        assert find.first(name="child").parent.name == "parent"


def test_values_come_as_tuples(tables):
    Account.objects.create(name="a")

    assert Prepared(lambda: by_name().values_list("name")).all(name="a") == [("a",)]


@pytest.mark.parametrize(("names", "found"), [(["a", "b"], ["a", "b"]), (["b"], ["b"]), ([], [])], ids=str)
def test_any_takes_lists_of_every_length(tables, names, found):
    for name in "abc":
        Account.objects.create(name=name)
    find = Prepared(lambda: Account.objects.filter(name__any=Value("names")).order_by("name"))

    assert [account.name for account in find.all(names=names)] == found


def test_any_works_on_a_foreign_key_and_without_preparing(tables):
    parent = Account.objects.create()
    child = Account.objects.create(parent=parent)

    assert list(Account.objects.filter(parent__any=[parent.pk])) == [child]


def test_a_value_cannot_become_a_statement(tables):
    Account.objects.create(name="a")

    assert Prepared(by_name).all(name="' OR true --") == []


def test_a_forgotten_value_is_an_error(tables):
    with pytest.raises(KeyError):
        Prepared(by_name).all(nmae="a")


@pytest.mark.parametrize("built", ["anew", "once"])
def test_threads_do_not_share_values(committed_tables, in_threads, built):
    names = ["a", "b", "c", "d"]
    for name in names:
        Account.objects.create(name=name)
    rows = by_name()
    find = Prepared(by_name if built == "anew" else lambda: rows)

    def read(name):
        return {account.name for _time in range(50) for account in find.all(name=name)}

    assert in_threads(*(lambda name=name: read(name) for name in names)) == [{name} for name in names]


def test_a_lock_outside_a_transaction_is_refused_every_time(committed_tables):
    account = Account.objects.create()
    with transaction.atomic():
        lock(account)

    with pytest.raises(TransactionManagementError):
        lock(account)
