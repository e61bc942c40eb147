"""The demo carrier in the process of the demo gateway: asked over HTTP, telling by itself, and remembering what it watches."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from orders.carriers.base import CarrierUnavailableError, InvalidSignatureError
from orders.carriers.demo import DemoCarrier
from tests.stack import wait_for
from tests.workflows.demo_gateway.running import PATIENCE, SECRET, Receiver, RunningGateway
from workflows.demo_gateway.carrier import PlayedCarrier
from workflows.demo_gateway.clock import Clock

START = datetime(2026, 11, 2, 8, tzinfo=UTC)
HASTY = "1000000"


@pytest.fixture(scope="module")
def inbox():
    listening = Receiver()
    yield listening
    listening.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory, inbox):
    gateway = RunningGateway(tmp_path_factory.mktemp("carrier"), "--webhook-url", inbox.url, "--carrier-speed", HASTY)
    yield gateway
    gateway.terminate()


@pytest.fixture
def adapter(running):
    return DemoCarrier(url=running.url, secret=SECRET)


def pushes_about(inbox, waybill: str) -> list:
    return [each for each in list(inbox.received) if each.words.get("waybill") == waybill]


def make_played(folder, clock, *, speed=1):
    told = []
    return PlayedCarrier(folder / "waybills.jsonl", clock, told.append, speed=speed), told


def watch(played, waybill: str) -> dict:
    return played.answer("POST", f"/carrier/v1/waybills/{waybill}")[1]


def test_a_watched_waybill_travels_and_is_told_of(adapter, inbox):
    adapter.subscribe("DMDELIVERED1")
    wait_for(lambda: [scan for scan in adapter.query("DMDELIVERED1") if scan.tag == "Delivered"], within=PATIENCE)
    wait_for(lambda: pushes_about(inbox, "DMDELIVERED1"), within=PATIENCE)

    push = pushes_about(inbox, "DMDELIVERED1")[0]
    told = adapter.parse_push(push.headers, push.body)

    assert set(told) <= set(adapter.query("DMDELIVERED1"))
    with pytest.raises(InvalidSignatureError):
        DemoCarrier(url="", secret="another secret").parse_push(push.headers, push.body)


def test_a_notice_of_money_is_no_push_of_the_carrier(adapter, running, inbox):
    from tests.workflows.demo_gateway.running import refund

    running.adapter.submit(refund("told-beside", 700))
    wait_for(lambda: inbox.received and [each for each in list(inbox.received) if "out_refund_no" in each.words], within=PATIENCE)
    notice = next(each for each in list(inbox.received) if "out_refund_no" in each.words)

    with pytest.raises(InvalidSignatureError):
        adapter.parse_push(notice.headers, notice.body)


def test_other_pages_are_refused(adapter):
    with pytest.raises(CarrierUnavailableError):
        adapter.query("a/b")


def test_money_is_still_asked_for_with_a_signature_only(running):
    assert running.send_raw("GET", "/v1/ledger", headers={}).status == 401


def test_pushes_come_when_they_are_due(tmp_path):
    clock = Clock(START)
    played, told = make_played(tmp_path, clock)
    watch(played, "DMDELIVERED1")

    assert played.push_due() == 0
    clock.advance(60 * 86400)

    assert played.push_due() == len(told) > 5
    assert played.push_due() == 0
    assert {json.loads(body)["waybill"] for body in told} == {"DMDELIVERED1"}


def test_a_journey_and_its_pushes_pass_as_fast_as_told(tmp_path):
    clock = Clock(START)
    played, told = make_played(tmp_path, clock, speed=1440)
    watch(played, "DMDELIVERED1")

    clock.advance(int(timedelta(days=10).total_seconds() / 1440) + 180)

    assert played.push_due() == len(told) > 5


def test_who_starts_again_knows_what_it_watched(tmp_path):
    clock = Clock(START)
    watch(make_played(tmp_path, clock)[0], "DMDELIVERED1")
    clock.advance(86400)
    with (tmp_path / "waybills.jsonl").open("a") as file:
        file.write('{"waybill": "cut sho')

    again, told = make_played(tmp_path, clock)

    assert again.answer("GET", "/carrier/v1/waybills/DMDELIVERED1")[1]["scans"]
    clock.advance(60 * 86400)
    assert again.push_due() == len(told) > 0
    assert min(json.loads(body)["scans"][0]["at"] for body in told) > START.isoformat()


def test_watching_twice_begins_one_journey(tmp_path):
    clock = Clock(START)
    played, _told = make_played(tmp_path, clock)
    watch(played, "DM1")
    clock.advance(86400)

    first = watch(played, "DM1")["scans"]

    assert first
    assert len((tmp_path / "waybills.jsonl").read_text().splitlines()) == 1
