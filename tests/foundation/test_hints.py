import json
import os
import socket
from base64 import b64decode
from uuid import uuid4

import pytest
import redis
from celery import Celery
from django.db import transaction

from config.celery import DEFAULT_QUEUE
from foundation import hints
from foundation.hints import Publisher, hint, seconds_failing


@pytest.fixture
def task(settings):
    """A task name of this test's own; whatever arrived under it is taken out of the real queue afterwards."""
    name = f"tests.{uuid4()}"
    yield name
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for message in client.lrange(DEFAULT_QUEUE, 0, -1):
            if name.encode() in message:
                client.lrem(DEFAULT_QUEUE, 0, message)


@pytest.fixture
def publisher(monkeypatch):
    publisher = Publisher()
    monkeypatch.setattr(hints, "_publisher", publisher)
    return publisher


@pytest.fixture
def arrived(settings, publisher, task):
    """The arguments of the hints that reached Valkey so far, in order."""

    def read():
        publisher.waiting.join()
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            messages = [json.loads(message) for message in reversed(client.lrange(DEFAULT_QUEUE, 0, -1))]
        return [json.loads(b64decode(message["body"]))[0] for message in messages if message["headers"]["task"] == task]

    return read


def application(port):
    options = {"socket_connect_timeout": 1, "socket_timeout": 1}
    return Celery("tests", broker=f"redis://127.0.0.1:{port}/0", set_as_current=False, broker_transport_options=options)


def test_hint_reaches_the_broker(arrived, task, transactional_db):
    hint(task, 7, "bulk")

    assert arrived() == [[7, "bulk"]]


def test_hint_waits_for_the_commit(arrived, task, transactional_db):
    with transaction.atomic():
        hint(task, 1)
        before = arrived()

    assert (before, arrived()) == ([], [[1]])


def test_hint_of_a_rolled_back_transaction_is_never_sent(arrived, task, transactional_db):
    with pytest.raises(RuntimeError), transaction.atomic():
        hint(task, 1)
        raise RuntimeError
    hint(task, 2)

    assert arrived() == [[2]]


def test_a_forked_child_sends_its_own_hints(arrived, task, publisher):
    publisher.put(task, (1,))
    publisher.waiting.join()
    child = os.fork()
    if child == 0:
        hints._put(task, (2,))
        hints._publisher.waiting.join()
        os._exit(0)
    _, status = os.waitpid(child, 0)

    assert status == 0
    assert arrived() == [[1], [2]]


def test_a_lost_broker_costs_the_hint_and_is_noted(monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        publisher = Publisher(application(free.getsockname()[1]))
    monkeypatch.setattr(hints, "_publisher", publisher)

    publisher.put("tests.lost", (1,))
    publisher.waiting.join()

    assert seconds_failing() > 0


def test_hints_that_get_through_again_end_the_failure(arrived, publisher, task):
    publisher.failing_since = 1.0

    publisher.put(task, (1,))
    publisher.waiting.join()

    assert seconds_failing() == 0


def test_a_hanging_broker_blocks_nobody_and_the_overflow_is_dropped(monkeypatch):
    monkeypatch.setattr(hints, "MOST_WAITING", 3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        publisher = Publisher(application(silent.getsockname()[1]))
        publisher.put("tests.hanging", (0,))
        connection, _ = silent.accept()  # the thread is now waiting for an answer that never comes
        taken = [publisher.put("tests.hanging", (number,)) for number in range(1, 6)]
        connection.close()

    assert taken == [True, True, True, False, False]


def test_equal_hints_that_wait_become_one(arrived, publisher, task):
    for _each in range(5):
        publisher.put(task, (7,))
    publisher.put(task, (8,))

    assert arrived() == [[7], [8]]


def test_an_equal_hint_after_the_first_has_left_goes_as_well(arrived, publisher, task):
    publisher.put(task, (7,))
    arrived()
    publisher.put(task, (7,))

    assert arrived() == [[7], [7]]


def test_a_dropped_hint_does_not_stand_for_later_ones(publisher, task, monkeypatch):
    monkeypatch.setattr(publisher, "_start", lambda: None)
    while publisher.put(task, (publisher.waiting.qsize(),)):
        pass

    assert not publisher.put(task, (publisher.waiting.qsize(),))
