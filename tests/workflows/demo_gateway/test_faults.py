"""Which fault meets which refund, the same in each run."""

from collections import Counter

import pytest

from workflows.demo_gateway.faults import OK, Fault, FaultError, Faults, Plan


@pytest.fixture
def path(tmp_path):
    return tmp_path / "faults.json"


def names(faults, key, *, times):
    return [faults.next_for(key).name for _ in range(times)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("ok", Fault("ok")),
        ("500_then_ok", Fault("500_then_ok")),
        ("processing:3", Fault("processing", 3)),
        ("bounce", Fault("bounce", 1)),
        ("bounce:0", Fault("bounce", 0)),
        ("absent_then_lands:600", Fault("absent_then_lands", 600)),
    ],
)
def test_a_fault_is_read(text, fault):
    assert Fault.parse(text) == fault


@pytest.mark.parametrize("text", ["", "okay", "processing", "processing:", "processing:-1", "reject:1", "slow:1.5", "OK", None, 7, ["ok"]])
def test_nonsense_is_no_fault(text):
    with pytest.raises(FaultError):
        Fault.parse(text)


@pytest.mark.parametrize("name", ["ok_but_drop_reply", "slow", "500_then_ok", "absent_then_lands:5"])
def test_what_happens_once_is_followed_by_ok(path, name):
    faults = Faults(path)
    faults.replace({"keys": {"RF1": name}})

    assert names(faults, "RF1", times=3) == [name.split(":")[0], "ok", "ok"]


def test_a_rejection_stays(path):
    faults = Faults(path)
    faults.replace({"keys": {"RF1": "reject"}})

    assert names(faults, "RF1", times=3) == ["reject"] * 3
    assert names(faults, "RF2", times=1) == ["ok"]


def test_a_list_names_each_time_in_turn(path):
    faults = Faults(path)
    faults.replace({"keys": {"RF1": ["slow", "slow", "reject", "500_then_ok"]}})

    assert names(faults, "RF1", times=6) == ["slow", "slow", "reject", "500_then_ok", "ok", "ok"]


def test_the_same_seed_meets_the_same_keys_in_any_order():
    source = {"ratios": {"reject": 0.2, "processing:2": 0.3}, "seed": 7}
    keys = [f"RF{number}" for number in range(1000)]

    first = {key: Plan.parse(source).fault_for(key, attempt=0) for key in keys}
    again = {key: Plan.parse(source).fault_for(key, attempt=0) for key in reversed(keys)}
    other = {key: Plan.parse({**source, "seed": 8}).fault_for(key, attempt=0) for key in keys}

    assert first == again != other
    assert {fault: round(count, -2) for fault, count in Counter(first.values()).items()} == {
        Fault("reject"): 200,
        Fault("processing", 2): 300,
        OK: 500,
    }


def test_a_named_key_goes_before_the_ratio(path):
    faults = Faults(path)
    faults.replace({"keys": {"RF1": "ok"}, "ratios": {"reject": 1}})

    assert names(faults, "RF1", times=1) + names(faults, "RF2", times=1) == ["ok", "reject"]


def test_copies_are_known_without_sending():
    plan = Plan.parse({"keys": {"RF1": "duplicate_webhook:4", "RF2": "processing:9"}})

    assert [plan.copies_for(key) for key in ("RF1", "RF2", "RF3")] == [4, 0, 0]


def test_the_plan_survives_a_restart_and_a_given_seed_replaces_its_seed(path):
    Faults(path, seed=5).replace({"keys": {"RF1": "reject"}})

    assert Faults(path).plan.source == {"keys": {"RF1": "reject"}, "ratios": {}, "seed": 5}
    assert Faults(path, seed=6).plan.source == {"keys": {"RF1": "reject"}, "ratios": {}, "seed": 6}


@pytest.mark.parametrize(
    "source",
    [
        [],
        {"kyes": {}},
        {"keys": []},
        {"keys": {"RF1": "nonsense"}},
        {"keys": {"RF1": []}},
        {"ratios": {"reject": 1.1}},
        {"ratios": {"reject": 0.6, "slow": 0.6}},
        {"ratios": {"reject": -0.1}},
        {"ratios": {"reject": "0.1"}},
        {"ratios": {"reject": True}},
        {"seed": "7"},
    ],
)
def test_a_plan_that_cannot_be_read_leaves_the_old_one(path, source):
    faults = Faults(path)
    faults.replace({"keys": {"RF1": "reject"}})

    with pytest.raises(FaultError):
        faults.replace(source)

    assert faults.next_for("RF1").name == "reject"
    assert Faults(path).next_for("RF1").name == "reject"
