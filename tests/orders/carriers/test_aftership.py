"""AfterShip: its pushes, read and verified by the house itself, and its API, asked through its own optional package."""

import base64
import hashlib
import hmac
import importlib.util
import json
from datetime import UTC, datetime

import pytest

from orders.carriers.aftership import AfterShip
from orders.carriers.base import CarrierTag, CarrierUnavailableError, Cause, InvalidSignatureError

has_package = importlib.util.find_spec("tracking") is not None
# The package itself uses what its HTTP client wants to give up.
pytestmark = [pytest.mark.filterwarnings("ignore:URL.raw is deprecated"), pytest.mark.filterwarnings("ignore:Use 'content=")]
needs_package = pytest.mark.skipif(not has_package, reason="aftership-tracking-sdk is not installed")


@pytest.fixture
def carrier(server):
    adapter = AfterShip(key="KEY", webhook_secret="SECRET", url=server.url)
    adapter.seconds = 0.5
    return adapter


def make_checkpoint(tag: str = "InTransit", subtag: str = "InTransit_003", **overrides) -> dict:
    row = {"checkpoint_time": "2026-11-02T08:30:00+08:00", "tag": tag, "subtag": subtag, "message": "Arrival scan", "location": "Hangzhou"}
    return row | overrides


def make_tracking(*rows: dict) -> dict:
    return {"id": "1", "tracking_number": "RA123", "slug": "china-post", "tag": "InTransit", "checkpoints": list(rows)}


def make_push(*rows: dict) -> bytes:
    return json.dumps({"ts": 1, "event": "tracking_update", "event_id": "x", "msg": make_tracking(*rows)}).encode()


def sign(raw: bytes, secret: str = "SECRET") -> dict[str, str]:
    return {"Aftership-Hmac-Sha256": base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()}


def cause_of(call) -> Cause:
    with pytest.raises(CarrierUnavailableError) as raised:
        call()
    return raised.value.cause


def test_a_push_is_read(carrier):
    raw = make_push(make_checkpoint())

    [scan] = carrier.parse_push(sign(raw), raw)

    assert (scan.waybill, scan.at, scan.tag, scan.subtag) == (
        "RA123",
        datetime(2026, 11, 2, 0, 30, tzinfo=UTC),
        "InTransit",
        "InTransit_003",
    )
    assert (scan.text, scan.place, scan.problem, scan.is_pickup) == ("Arrival scan", "Hangzhou", "", False)


@pytest.mark.parametrize("tag", CarrierTag)
def test_tags_are_ours(carrier, tag):
    raw = make_push(make_checkpoint(tag.value, f"{tag.value}_001"))

    [scan] = carrier.parse_push(sign(raw), raw)

    assert (scan.tag, scan.problem) == (tag, "difficult" if tag in {CarrierTag.EXCEPTION, CarrierTag.ATTEMPT_FAIL} else "")


@pytest.mark.parametrize(
    ("subtag", "problem"),
    [
        ("Exception_003", "refused"),
        ("Exception_010", "returning"),
        ("Exception_011", "returning"),
        ("Exception_012", "difficult"),
        ("Exception_013", "lost"),
    ],
)
def test_problems_are_told_by_the_fine_code(carrier, subtag, problem):
    raw = make_push(make_checkpoint("Exception", subtag))

    assert [scan.problem for scan in carrier.parse_push(sign(raw), raw)] == [problem]


def test_an_acceptance_scan_is_a_pickup(carrier):
    raw = make_push(make_checkpoint(subtag="InTransit_002"))

    assert carrier.parse_push(sign(raw), raw)[0].is_pickup


def test_a_time_without_a_zone_is_ours(carrier):
    raw = make_push(make_checkpoint(checkpoint_time="2026-11-02T08:30:00"))

    assert carrier.parse_push(sign(raw), raw)[0].at == datetime(2026, 11, 2, 0, 30, tzinfo=UTC)


RAW = make_push(make_checkpoint())


@pytest.mark.parametrize(
    ("headers", "raw"),
    [
        ({}, RAW),
        ({"aftership-hmac-sha256": ""}, RAW),
        (sign(RAW, "OTHER"), RAW),
        (sign(RAW, ""), RAW),
        (sign(RAW), RAW + b" "),
        ({"aftership-hmac-sha256": "签"}, RAW),
    ],
    ids=range(6),
)
def test_a_push_that_is_not_proven_is_not_believed(carrier, headers, raw):
    with pytest.raises(InvalidSignatureError):
        carrier.parse_push(headers, raw)


def test_without_a_secret_no_push_is_believed():
    with pytest.raises(InvalidSignatureError):
        AfterShip(key="KEY").parse_push(sign(RAW, ""), RAW)


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"msg": {}}', make_push(make_checkpoint("Teleported"))], ids=range(4))
def test_a_proven_push_that_nobody_can_read_says_so(carrier, raw):
    assert cause_of(lambda: carrier.parse_push(sign(raw), raw)) is Cause.BAD_ANSWER


@pytest.mark.skipif(has_package, reason="aftership-tracking-sdk is installed")
def test_without_its_package_it_is_not_set_up(server, carrier):
    assert cause_of(lambda: carrier.query("RA123")) is Cause.NOT_CONFIGURED
    assert server.asked == []


@needs_package
def test_query_asks_for_one_waybill_and_reads_its_scans(server, carrier):
    answer = {
        "meta": {"code": 200},
        "data": {"trackings": [make_tracking(make_checkpoint("Delivered", "Delivered_001"), make_checkpoint())]},
    }
    server.answer = lambda asked: (200, answer)

    scans = carrier.query("RA123")

    [asked] = server.asked
    assert (asked.method, asked.path, asked.headers["as-api-key"]) == ("GET", "/tracking/2026-07/trackings?tracking_numbers=RA123", "KEY")
    assert {(scan.waybill, scan.tag) for scan in scans} == {("RA123", "InTransit"), ("RA123", "Delivered")}


@needs_package
def test_nothing_known_yet_is_an_empty_answer(server, carrier):
    server.answer = lambda asked: (200, {"meta": {"code": 200}, "data": {"trackings": []}})

    assert carrier.query("RA123") == []


@needs_package
def test_subscribe_names_the_courier_if_it_was_given(server):
    server.answer = lambda asked: (201, {"meta": {"code": 201}, "data": make_tracking()})

    AfterShip(key="KEY", url=server.url, courier="china-ems").subscribe("RA123")
    AfterShip(key="KEY", url=server.url).subscribe("RA123")

    bodies = [json.loads(asked.body) for asked in server.asked]
    assert bodies == [{"tracking_number": "RA123", "slug": "china-ems"}, {"tracking_number": "RA123"}]


@needs_package
def test_subscribing_twice_is_harmless(server, carrier):
    server.answer = lambda asked: (400, {"meta": {"code": 4003, "type": "BadRequest", "message": "Tracking already exists."}})

    carrier.subscribe("RA123")

    assert len(server.asked) == 1


@needs_package
@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ((401, {"meta": {"code": 401, "type": "Unauthorized", "message": "x"}}), Cause.NOT_AUTHORISED),
        ((429, {"meta": {"code": 429, "type": "TooManyRequests", "message": "x"}}), Cause.BUSY),
        ((400, {"meta": {"code": 4005, "type": "BadRequest", "message": "x"}}), Cause.NOT_ACCEPTED),
        ((500, {"meta": {"code": 500, "type": "InternalError", "message": "x"}}), Cause.SERVER_ERROR),
        ((502, b"<html>"), Cause.SERVER_ERROR),
        ((200, b"<html>"), Cause.BAD_ANSWER),
        ((200, []), Cause.BAD_ANSWER),
        ("drop", Cause.DROPPED),
        ("cut", Cause.DROPPED),
        ("hang", Cause.TIMEOUT),
    ],
    ids=lambda value: str(value)[:30],
)
def test_odd_answers_have_a_name_and_are_asked_for_once(server, carrier, answer, cause):
    server.answer = lambda asked: answer

    assert cause_of(lambda: carrier.query("RA123")) is cause
    assert len(server.asked) == 1
