import os
import resource
import signal
from threading import Barrier, Thread

import pytest

from foundation import image_pool
from foundation.image_pool import ImageChildError, Pool
from tests.foundation.pictures import picture


@pytest.fixture
def pool(monkeypatch):
    pool = Pool()
    yield pool
    pool.stop()


@pytest.fixture
def order(tmp_path):
    (tmp_path / "original").write_bytes(picture(size=(300, 300)))
    paths = {"source": "original", "preview": "preview", "thumb": "thumb"}
    return {**{key: str(tmp_path / name) for key, name in paths.items()}, "most_pixels": 1_000_000, "most_frames": 10}


def idle(pool):
    return list(pool._idle.queue)


def test_a_child_is_used_again(pool, order):
    pool.ask(order)
    (first,) = idle(pool)
    pool.ask(order)

    assert idle(pool) == [first]


def test_children_start_only_when_they_are_needed(pool):
    assert idle(pool) == []


def test_a_child_that_died_is_replaced(pool, order):
    pool.ask(order)
    (dead,) = idle(pool)
    os.kill(dead.popen.pid, signal.SIGKILL)
    dead.popen.wait()

    assert pool.ask(order)["width"] == 300
    assert idle(pool) != [dead]


def test_a_child_that_dies_at_work_costs_one_image_and_no_more(pool, order, tmp_path):
    pool.ask(order)
    (child,) = idle(pool)
    os.mkfifo(tmp_path / "endless")
    failures = []

    def ask():
        try:
            pool.ask({**order, "source": str(tmp_path / "endless")})
        except ImageChildError as error:
            failures.append(error.code)

    thread = Thread(target=ask)
    thread.start()
    with open(tmp_path / "endless", "wb"):  # opens as soon as the child has begun to read
        os.kill(child.popen.pid, signal.SIGKILL)
    thread.join(timeout=30)

    assert failures == ["too_complex"]
    assert pool.ask(order)["width"] == 300


def test_a_child_that_hangs_is_ended(pool, order, monkeypatch):
    pool.ask(order)
    (child,) = idle(pool)
    monkeypatch.setattr(image_pool, "MOST_SECONDS", 0.05)
    os.kill(child.popen.pid, signal.SIGSTOP)

    with pytest.raises(ImageChildError, match="too_complex"):
        pool.ask(order)

    assert child.popen.returncode == -signal.SIGKILL


def test_a_child_retires_after_some_images(pool, order, monkeypatch):
    monkeypatch.setattr(image_pool, "IMAGES_PER_CHILD", 2)
    children = []
    for _ in range(3):
        pool.ask(order)
        children += idle(pool)

    assert children[0] is children[1] is not children[2]
    assert children[0].popen.returncode is not None


def test_never_more_children_than_allowed(pool, order):
    together = Barrier(6)

    def ask():
        together.wait(20)
        pool.ask(order)

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert 1 <= len(idle(pool)) <= image_pool.MOST_CHILDREN


def test_whoever_waits_too_long_is_told_so(pool, order, monkeypatch):
    monkeypatch.setattr(image_pool, "MOST_SECONDS", 0.01)
    for _ in range(image_pool.MOST_CHILDREN):
        pool._slots.acquire()

    with pytest.raises(ImageChildError, match="busy"):
        pool.ask(order)


@pytest.mark.parametrize(
    ("limit", "most"), [(resource.RLIMIT_AS, 1536 * 1024**2), (resource.RLIMIT_FSIZE, 64 * 1024**2), (resource.RLIMIT_CORE, 0)]
)
def test_a_child_is_limited(pool, order, limit, most):
    pool.ask(order)
    (child,) = idle(pool)

    assert resource.prlimit(child.popen.pid, limit) == (most, most)


def test_a_child_has_some_seconds_of_processor_time_for_each_image(pool, order):
    pool.ask(order)
    (child,) = idle(pool)
    soft, _ = resource.prlimit(child.popen.pid, resource.RLIMIT_CPU)

    assert 20 <= soft < 40


def test_a_child_knows_no_secret(pool, order, monkeypatch):
    monkeypatch.setenv("BIHUAN_KEYS", "canary")
    pool.ask(order)
    (child,) = idle(pool)

    with open(f"/proc/{child.popen.pid}/environ", "rb") as environment:
        assert b"canary" not in environment.read()


def test_a_child_that_cannot_write_says_so(pool, order):
    order["preview"] = "/proc/nowhere/preview"

    assert pool.ask(order) == {"refused": "not_stored"}
