"""The carrier that does not exist: its journeys end as they are meant to, whatever happens to the news of them."""

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.carriers.base import CarrierUnavailableError, Cause, InvalidSignatureError
from orders.carriers.demo import DemoCarrier, scans_of
from orders.carriers.demo_core import ENDINGS, Astray, DemoCore, ending_of, plan_journey, plan_pushes, sign_push, written
from orders.carriers.fold import fold_scans

START = datetime(2026, 11, 2, 8, tzinfo=UTC)
LATER = START + timedelta(days=60)
seeds = st.integers(0, 10_000)


def fold(scans) -> tuple:
    return fold_scans(scans_of({"scans": [written(scan) for scan in scans]}))[:2]


@pytest.fixture
def core(server):
    """The carrier behind the server of the test, at the end of every journey."""
    core = DemoCore()
    clock = iter([START])
    server.answer = lambda asked: core.answer(asked.method, asked.path, next(clock, LATER))
    return core


@pytest.fixture
def carrier(server):
    return DemoCarrier(url=server.url, secret="SECRET")


@pytest.mark.parametrize("ending", ENDINGS)
@settings(deadline=None)
@given(seed=seeds)
def test_every_journey_folds_to_the_ending_it_was_meant_to_have(ending, seed):
    tag, problem, _weight = ENDINGS[ending]
    scans = plan_journey(f"DM{ending}{seed}".upper(), start=START, seed=seed)

    assert fold(scans) == (tag, problem)
    assert [scan.at for scan in scans] == sorted({scan.at for scan in scans})


@settings(deadline=None)
@given(seed=seeds, ending=st.sampled_from(sorted(ENDINGS)))
def test_doubled_and_late_pushes_fold_to_the_same(seed, ending):
    scans = plan_journey(f"DM{ending}".upper(), start=START, seed=seed)
    pushes = plan_pushes(scans, seed=seed, astray=Astray(lost=0, doubled=50, late=50))

    assert {scan for _at, scan in pushes} == set(scans)
    assert fold(scan for _at, scan in pushes) == ENDINGS[ending][:2]


@settings(deadline=None)
@given(seed=seeds, ending=st.sampled_from(sorted(ENDINGS)))
def test_one_query_makes_up_for_lost_pushes(seed, ending):
    scans = plan_journey(f"DM{ending}".upper(), start=START, seed=seed)
    pushes = plan_pushes(scans, seed=seed, astray=Astray(lost=60))

    assert fold([*(scan for _at, scan in pushes), *scans]) == ENDINGS[ending][:2]


def test_pushes_do_go_astray():
    scans = [scan for number in range(50) for scan in plan_journey(f"DM{number}", start=START)]
    arrived = [scan for _at, scan in plan_pushes(scans)]

    assert set(arrived) < set(scans)
    assert max(Counter(arrived).values()) == 2
    assert any(one.waybill == two.waybill and one.at > two.at for one, two in zip(arrived, arrived[1:], strict=False))


def test_the_same_seed_gives_the_same_journey_and_another_one_another():
    assert plan_journey("DM1", start=START, seed=1) == plan_journey("DM1", start=START, seed=1)
    assert plan_journey("DM1", start=START, seed=1) != plan_journey("DM1", start=START, seed=2)


def test_every_ending_happens():
    assert {ending_of(f"DM{number}") for number in range(500)} == set(ENDINGS)


def test_a_watched_waybill_is_told_as_far_as_it_has_come(core, carrier):
    carrier.subscribe("DMLOST1")

    tag, problem, times = fold_scans(carrier.query("DMLOST1"))

    assert (tag, problem) == ("Exception", "lost")
    assert times.picked_up_at < times.moving_at < times.problem_since
    assert core.answer("GET", "/carrier/v1/waybills/DMLOST1", START)[1]["scans"] == []


def test_a_waybill_that_nobody_watches_has_no_scans(core, carrier):
    assert carrier.query("DM1") == []


def test_a_journey_may_pass_faster():
    slow, fast = DemoCore(watched={"DM1": START}), DemoCore(watched={"DM1": START}, speed=60)

    assert [(scan.at - START) / 60 for scan in slow.scans("DM1")] == [scan.at - START for scan in fast.scans("DM1")]


def test_due_pushes_come_once_each_and_are_believed_when_signed(carrier):
    core = DemoCore(watched={"DM1": START, "DMLOST1": START}, astray=Astray(0, 0, 0))
    middle = START + timedelta(days=1)
    raws = [*core.due_pushes(START, middle), *core.due_pushes(middle, LATER)]

    scans = [scan for raw in raws for scan in carrier.parse_push(sign_push(raw, "SECRET", timezone.now()), raw)]

    assert set(scans) == set(scans_of({"scans": [written(scan) for waybill in core.watched for scan in core.scans(waybill)]}))
    assert len(scans) == len(set(scans))


RAW = json.dumps({"waybill": "DM1", "scans": []}).encode()


@pytest.mark.parametrize(
    ("secret", "age", "changes"),
    [
        ("OTHER", timedelta(0), {}),
        ("", timedelta(0), {}),
        ("SECRET", timedelta(minutes=6), {}),
        ("SECRET", -timedelta(minutes=6), {}),
        ("SECRET", timedelta(0), {"demo-carrier-signature": ""}),
        ("SECRET", timedelta(0), {"demo-carrier-timestamp": "9999999999"}),
        ("SECRET", timedelta(0), {"demo-carrier-timestamp": "now"}),
    ],
)
def test_a_push_that_is_not_proven_is_not_believed(carrier, secret, age, changes):
    with pytest.raises(InvalidSignatureError):
        carrier.parse_push(sign_push(RAW, secret, timezone.now() - age) | changes, RAW)


def test_a_push_is_believed_over_its_very_bytes(carrier):
    headers = sign_push(RAW, "SECRET", timezone.now())

    assert carrier.parse_push(headers, RAW) == []
    with pytest.raises(InvalidSignatureError):
        carrier.parse_push(headers, RAW + b" ")


def test_without_a_secret_no_push_is_believed():
    with pytest.raises(InvalidSignatureError):
        DemoCarrier().parse_push(sign_push(RAW, "", timezone.now()), RAW)


def test_pages_that_it_does_not_have_are_refused(core, carrier):
    with pytest.raises(CarrierUnavailableError) as raised:
        carrier.query("../secrets")

    assert raised.value.cause is Cause.NOT_ACCEPTED


def test_the_core_runs_without_django():
    code = "import sys; import orders.carriers.demo_core; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
