import socket
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import F

from foundation import limits
from foundation.crypto import blind_index
from foundation.limits import flood, forget_limits, forgive, hit
from foundation.models import LimitCounter


def let_pass(seconds):
    LimitCounter.objects.update(full_at=F("full_at") - timedelta(seconds=seconds))


def test_hit_allows_the_limit_and_refuses_the_next(db):
    assert [hit("code:1", 3, 60) for _ in range(5)] == [True, True, True, False, False]


@pytest.mark.parametrize("limit", [1, 7, 300])
def test_hit_allows_exactly_the_limit_at_once(db, limit):
    allowed = sum(hit("key", limit, 86400) for _ in range(limit + 3))

    assert allowed == limit


def test_hit_counts_each_key_for_itself(db):
    hit("code:1", 1, 60)

    assert hit("code:2", 1, 60) is True


def test_hit_gives_one_try_back_after_its_share_of_the_time(db):
    for _ in range(3):
        hit("code:1", 3, 60)
    let_pass(20)

    assert [hit("code:1", 3, 60), hit("code:1", 3, 60)] == [True, False]


def test_hit_beyond_the_limit_does_not_lengthen_the_wait(db):
    for _ in range(50):
        hit("code:1", 3, 60)
    let_pass(20)

    assert hit("code:1", 3, 60) is True


def test_hit_never_saves_up_more_than_the_limit(db):
    hit("code:1", 3, 60)
    let_pass(86400)

    assert [hit("code:1", 3, 60) for _ in range(4)] == [True, True, True, False]


def test_hit_is_one_query(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        hit("code:1", 3, 60)


def test_hit_counts_exactly_when_many_come_at_once(transactional_db, in_threads):
    def try_often():
        return sum(hit("code:1", 10, 3600) for _ in range(10))

    assert sum(in_threads(*[try_often] * 4)) == 10


def test_hit_stores_no_key_in_clear(db):
    hit("login:someone@example.org", 3, 60)

    assert "someone" not in LimitCounter.objects.get().key


def test_forgive_gives_the_whole_limit_back(db):
    hit("code:1", 1, 60)
    forgive("code:1")

    assert hit("code:1", 1, 60) is True


def test_forget_limits_drops_only_what_is_free_again(db):
    hit("old", 1, 60)
    let_pass(120)
    hit("new", 1, 60)

    assert forget_limits() == 1
    assert hit("new", 1, 60) is False


def test_the_table_of_limits_writes_no_log(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'foundation_limitcounter'")
        assert cursor.fetchone() == ("u",)


@pytest.fixture
def key(monkeypatch):
    """A key of its own, with Valkey believed to be up and nothing counted in this process."""
    monkeypatch.setattr(limits, "_valkey_rests_until", 0.0)
    monkeypatch.setattr(limits, "_local_windows", {})
    return f"form:{uuid4()}"


@pytest.fixture
def no_valkey(settings):
    """An address at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.REDIS_URL = f"redis://127.0.0.1:{free.getsockname()[1]}/0"
    yield
    limits._valkey.cache_clear()


@pytest.fixture
def hanging_valkey(settings):
    """A server that takes connections and never says a word; gives the number of those who came."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        yield server
    limits._valkey.cache_clear()


def test_flood_counts_in_valkey(key):
    assert [flood(key, 2, 60) for _ in range(3)] == [True, True, False]
    assert counted_together(key) == 3


def test_flood_counts_the_first_eighth_here_and_then_hands_it_over(key):
    assert all(flood(key, 80, 60) for _ in range(10))
    assert counted_together(key) == 0

    assert flood(key, 80, 60)
    assert counted_together(key) == 11


def test_flood_of_several_processes_ends_at_the_common_limit(key):
    allowed = 0
    for _process in range(4):
        limits._local_windows.clear()
        allowed += sum(flood(key, 80, 60) for _ in range(60))

    assert allowed == 80 + 2 * 10  # a process that comes when all is used up still lets its own part through


def counted_together(key) -> int:
    name = "flood:" + blind_index(key, purpose="limit")
    return int(limits._valkey(settings.REDIS_URL).get(name) or 0)


def test_flood_in_valkey_ends_with_its_window(key, settings):
    flood(key, 1, 60)
    name = "flood:" + blind_index(key, purpose="limit")
    client = limits._valkey(settings.REDIS_URL)
    lifetime = client.ttl(name)
    client.delete(name)

    assert 0 < lifetime <= 60
    assert flood(key, 1, 60) is True


def test_flood_goes_on_counting_here_without_valkey(key, no_valkey):
    assert [flood(key, 2, 60) for _ in range(3)] == [True, True, False]


def test_flood_asks_a_hanging_valkey_once_and_then_lets_it_rest(key, hanging_valkey):
    assert [flood(key, 2, 60) for _ in range(3)] == [True, True, False]

    hanging_valkey.setblocking(False)
    hanging_valkey.accept()[0].close()
    with pytest.raises(BlockingIOError):
        hanging_valkey.accept()


def test_flood_without_valkey_keeps_a_bounded_number_of_keys(key, no_valkey, monkeypatch):
    monkeypatch.setattr(limits, "MOST_LOCAL_KEYS", 3)
    for number in range(10):
        flood(f"{key}:{number}", 1, 60)

    assert len(limits._local_windows) == 3
    assert flood(f"{key}:9", 1, 60) is False


def test_flood_without_valkey_begins_again_after_the_window(key, no_valkey):
    flood(key, 1, 60)
    ((name, (ends_at, count)),) = limits._local_windows.items()
    limits._local_windows[name] = (ends_at - 60, count)

    assert flood(key, 1, 60) is True
