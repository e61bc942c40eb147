"""The sweeper keeps every sweep going, each at its own pace."""

import threading

import pytest

from config.management.commands.sweeper import LONGEST_PAUSE, keep_beating, pause_after, repeat
from foundation.models import Heartbeat
from foundation.sweeps import Sweep


def test_a_sweep_is_repeated_until_the_sweeper_stops():
    stopping, rounds = threading.Event(), []

    def work() -> int:
        rounds.append(1)
        if len(rounds) == 3:
            stopping.set()
        return 0

    in_its_thread(Sweep("counted", 0.001, work), stopping)

    assert len(rounds) == 3


def test_a_failing_sweep_is_tried_again(caplog):
    stopping, rounds = threading.Event(), []

    def work() -> int:
        rounds.append(1)
        if len(rounds) == 2:
            stopping.set()
            return 1
        raise RuntimeError("broken")

    in_its_thread(Sweep("broken", 0.001, work), stopping)

    assert len(rounds) == 2
    assert "sweep broken failed" in caplog.text


@pytest.mark.parametrize(("every", "failures", "base"), [(2, 0, 2), (2, 1, 4), (2, 9, LONGEST_PAUSE), (30, 0, 30), (30, 3, 30)])
def test_the_pause_grows_with_failures_up_to_a_bound(every, failures, base):
    pauses = [pause_after(Sweep("any", every, int), failures=failures) for _ in range(50)]

    assert base * 0.8 <= min(pauses) <= max(pauses) <= base * 1.2
    assert len(set(pauses)) > 1


@pytest.mark.django_db
@pytest.mark.parametrize(("is_alive", "beats"), [(True, 1), (False, 0)])
def test_a_sweeper_that_lost_a_sweep_falls_silent(is_alive, beats, monkeypatch):
    stopping = threading.Event()
    thread = threading.Thread(target=stopping.wait, daemon=True)
    if is_alive:
        thread.start()
    monkeypatch.setattr("config.management.commands.sweeper.connection.close", lambda: None)
    monkeypatch.setattr(stopping, "wait", lambda timeout=None: stopping.set())

    keep_beating([thread], stopping)

    assert Heartbeat.objects.filter(kind="sweeper").count() == beats


def in_its_thread(each: Sweep, stopping: threading.Event) -> None:
    """As the sweeper does it: the thread closes the connections that are its own."""
    thread = threading.Thread(target=repeat, args=(each, stopping), daemon=True)
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()
