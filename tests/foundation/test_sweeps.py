import pytest

from foundation import sweeps
from foundation.sweeps import registered_sweeps, run_sweeps, sweep


@pytest.fixture(autouse=True)
def _only_our_sweeps(monkeypatch):
    monkeypatch.setattr(sweeps, "_registered", {})


def test_registered_sweeps_come_most_frequent_first():
    sweep("slow", every=30)(lambda: 0)
    sweep("fast", every=2)(lambda: 0)

    assert [(each.name, each.every) for each in registered_sweeps()] == [("fast", 2), ("slow", 30)]


def test_sweep_leaves_the_function_as_it_is():
    def work():
        return 1

    assert sweep("work", every=2)(work) is work


def test_two_apps_cannot_share_a_name():
    def ours():
        return 0

    def theirs():
        return 0

    theirs.__module__ = "elsewhere.tasks"
    sweep("outbox", every=2)(ours)

    with pytest.raises(ValueError, match="outbox"):
        sweep("outbox", every=2)(theirs)


def test_run_sweeps_goes_on_after_one_that_fails():
    @sweep("a-broken", every=2)
    def fail():
        raise RuntimeError("broken")

    sweep("b-sound", every=2)(lambda: 3)

    outcomes = run_sweeps(registered_sweeps())

    assert outcomes["b-sound"] == 3
    assert str(outcomes["a-broken"]) == "broken"
