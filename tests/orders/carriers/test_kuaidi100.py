"""Kuaidi100: what is sent, how answers and pushes are read, and what is not believed."""

import hashlib
import json
import socket
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from orders.carriers.base import CarrierTag, CarrierUnavailableError, Cause, InvalidSignatureError, ProblemReason, WatchEnded
from orders.carriers.kuaidi100 import STATES, Kuaidi100

Tag, Problem = CarrierTag, ProblemReason
KEYS = {"customer": "CUST", "key": "KEY", "salt": "SALT", "callback": "https://help.shop.example/hooks/carrier/kuaidi100/"}


@pytest.fixture
def carrier(server):
    adapter = Kuaidi100(courier="yunda", url=server.url, **KEYS)
    adapter.seconds = 0.5
    return adapter


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def make_row(code: str | None = "0", time: str = "2026-11-02 08:30:00", **overrides) -> dict:
    return {"ftime": time, "time": time, "context": "快件在途", "areaName": "浙江,杭州市", "statusCode": code} | overrides


def make_result(*rows: dict, **overrides) -> dict:
    return {"message": "ok", "nu": "43001", "com": "yunda", "status": "200", "state": "0", "data": list(rows)} | overrides


def make_push(told: dict, salt: str = "SALT", **overrides) -> bytes:
    param = json.dumps(told, ensure_ascii=False)
    return urlencode({"param": param, "sign": md5(param + salt).upper()} | overrides).encode()


def cause_of(call) -> Cause:
    with pytest.raises(CarrierUnavailableError) as raised:
        call()
    return raised.value.cause


def test_query_is_signed_over_the_very_bytes_it_sends(server, carrier):
    server.answer = lambda asked: (200, make_result())

    carrier.query("43001", "1234")

    [asked] = server.asked
    form = asked.form
    assert (asked.method, asked.path, form["customer"]) == ("POST", "/poll/query.do", "CUST")
    assert form["sign"] == md5(form["param"] + "KEY" + "CUST").upper()
    assert json.loads(form["param"]) == {"com": "yunda", "num": "43001", "resultv2": "4", "phone": "1234"}
    assert "KEY" not in asked.body.decode()


def test_query_reads_scans_oldest_first_in_chinese_time(server, carrier):
    server.answer = lambda asked: (200, make_result(make_row("3", "2026-11-03 00:10:00"), make_row("103")))

    first, last = carrier.query("43001")

    assert (first.waybill, first.at, first.tag) == ("43001", datetime(2026, 11, 2, 0, 30, tzinfo=UTC), Tag.IN_TRANSIT)
    assert (first.subtag, first.text, first.place, first.is_pickup) == ("103", "快件在途", "浙江,杭州市", True)
    assert (last.at, last.tag, last.is_pickup) == (datetime(2026, 11, 2, 16, 10, tzinfo=UTC), Tag.DELIVERED, False)


@pytest.mark.parametrize(
    ("codes", "tag", "problem"),
    [
        ("101 102", Tag.INFO_RECEIVED, ""),
        ("1 103 0 1001 1002 1003 7 8 10 11 12", Tag.IN_TRANSIT, ""),
        ("5", Tag.OUT_FOR_DELIVERY, ""),
        ("501", Tag.AVAILABLE_FOR_PICKUP, ""),
        ("3 301 302 303 304", Tag.DELIVERED, ""),
        ("2 201 202 204 205 206 207 208 209 13", Tag.EXCEPTION, Problem.DIFFICULT),
        ("14 203", Tag.EXCEPTION, Problem.REFUSED),
        ("4 6", Tag.EXCEPTION, Problem.RETURNING),
        ("401 210", Tag.EXCEPTION, Problem.UNKNOWN_NO),
        ("999 -1", Tag.PENDING, ""),
    ],
)
def test_every_code_says_one_thing(server, carrier, codes, tag, problem):
    for code in codes.split():
        server.answer = lambda asked, code=code: (200, make_result(make_row(code)))

        [scan] = carrier.query("43001")

        assert (scan.tag, scan.problem, scan.subtag, scan.is_pickup) == (tag, problem, code, code in {"1", "103"})


def test_the_codes_are_those_tested_above():
    tested = "101 102 1 103 0 1001 1002 1003 7 8 10 11 12 5 501 3 301 302 303 304 2 201 202 204 205 206 207 208 209 13 14 203 4 6 401 210"

    assert set(STATES) == set(tested.split())


def test_only_the_newest_scan_is_spoken_for_by_the_code_of_the_whole(server, carrier):
    rows = [make_row(None, "2026-11-03 09:00:00"), make_row(None)]
    server.answer = lambda asked: (200, make_result(*rows, state="6"))

    assert [(scan.tag, scan.problem) for scan in carrier.query("43001")] == [(Tag.PENDING, ""), (Tag.EXCEPTION, "returning")]


def test_a_scan_without_a_readable_time_is_left_out(server, carrier):
    server.answer = lambda asked: (200, make_result(make_row("3", "yesterday"), make_row("0"), make_row("5", "")))

    assert [scan.subtag for scan in carrier.query("43001")] == ["0"]


def test_nothing_known_yet_is_an_empty_answer(server, carrier):
    server.answer = lambda asked: (200, {"result": False, "returnCode": "500", "message": "查询无结果，请隔段时间再查"})

    assert carrier.query("43001") == []


@pytest.mark.parametrize(
    ("code", "cause", "is_passing"),
    [
        ("400", Cause.NOT_ACCEPTED, False),
        ("408", Cause.PHONE_WRONG, False),
        ("501", Cause.SERVER_ERROR, True),
        ("502", Cause.BUSY, True),
        ("503", Cause.NOT_AUTHORISED, False),
        ("504", Cause.TOO_SOON, True),
        ("601", Cause.NOT_AUTHORISED, False),
        ("777", Cause.BAD_ANSWER, True),
    ],
)
def test_query_names_what_was_refused(server, carrier, code, cause, is_passing):
    server.answer = lambda asked: (200, {"result": False, "returnCode": code, "message": "x"})

    with pytest.raises(CarrierUnavailableError) as raised:
        carrier.query("43001")

    assert (raised.value.cause, raised.value.detail, raised.value.is_passing) == (cause, code, is_passing)


ODD = [
    ((500, {}), Cause.SERVER_ERROR),
    ((503, b"<html>"), Cause.SERVER_ERROR),
    ((200, b"<html>"), Cause.BAD_ANSWER),
    ((200, []), Cause.BAD_ANSWER),
    ((200, {"status": "200"}), Cause.BAD_ANSWER),
    ((200, {"data": "x"}), Cause.BAD_ANSWER),
    ((200, b"x" * 1_000_001), Cause.BAD_ANSWER),
    ("drop", Cause.DROPPED),
    ("cut", Cause.DROPPED),
    ("hang", Cause.TIMEOUT),
    ("drip", Cause.TIMEOUT),
]


@pytest.mark.parametrize(("answer", "cause"), ODD, ids=lambda value: str(value)[:30])
def test_odd_answers_have_a_name(server, carrier, answer, cause):
    server.answer = lambda asked: answer

    assert cause_of(lambda: carrier.query("43001")) is cause
    assert cause_of(lambda: carrier.subscribe("43001")) is cause


def test_nobody_there_has_a_name():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"

    assert cause_of(lambda: Kuaidi100(courier="yunda", url=url, **KEYS).query("43001")) is Cause.UNREACHABLE


def test_subscribe_gives_the_salt_and_where_to_push(server, carrier):
    server.answer = lambda asked: (200, {"result": True, "returnCode": "200", "message": "提交成功"})

    carrier.subscribe("43001", "1234")

    [asked] = server.asked
    param = json.loads(asked.form["param"])
    assert (asked.path, asked.form["schema"]) == ("/poll", "json")
    assert {name: param[name] for name in ("company", "number", "key")} == {"company": "yunda", "number": "43001", "key": "KEY"}
    assert param["parameters"] == {"callbackurl": KEYS["callback"], "salt": "SALT", "resultv2": "4", "phone": "1234"}


def test_subscribing_twice_is_harmless(server, carrier):
    server.answer = lambda asked: (200, {"result": False, "returnCode": "501", "message": "重复订阅"})

    carrier.subscribe("43001")

    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("500", Cause.SERVER_ERROR),
        ("600", Cause.NOT_AUTHORISED),
        ("601", Cause.NOT_AUTHORISED),
        ("700", Cause.NOT_ACCEPTED),
        ("701", Cause.NOT_ACCEPTED),
        ("702", Cause.NOT_ACCEPTED),
        ("999", Cause.BAD_ANSWER),
    ],
)
def test_subscribe_names_what_was_refused(server, carrier, code, cause):
    server.answer = lambda asked: (200, {"result": False, "returnCode": code})

    assert cause_of(lambda: carrier.subscribe("43001")) is cause


@pytest.mark.parametrize("courier", ["sf", "zto", "shunfeng", "zhongtong"])
def test_sf_and_zto_need_a_phone_tail_before_anything_is_sent(server, courier):
    carrier = Kuaidi100(courier=courier, url=server.url, **KEYS)

    assert cause_of(lambda: carrier.query("SF1")) is Cause.PHONE_NEEDED
    assert cause_of(lambda: carrier.subscribe("SF1")) is Cause.PHONE_NEEDED
    assert server.asked == []


@pytest.mark.parametrize("tail", ["123", "12345", "abcd", "13800138000"])
def test_a_phone_tail_is_four_digits(server, carrier, tail):
    assert cause_of(lambda: carrier.query("43001", tail)) is Cause.PHONE_WRONG
    assert server.asked == []


@pytest.mark.parametrize("name", ["key", "salt", "callback"])
def test_nothing_is_subscribed_with_half_the_keys(server, name):
    carrier = Kuaidi100(courier="yunda", url=server.url, **KEYS | {name: ""})

    with pytest.raises(CarrierUnavailableError) as raised:
        carrier.subscribe("43001")

    assert (raised.value.cause, raised.value.detail, server.asked) == (Cause.NOT_CONFIGURED, name, [])


def test_one_waybill_is_asked_about_every_half_an_hour_at_most(carrier):
    asked_at = datetime(2026, 11, 2, tzinfo=UTC)

    assert carrier.may_ask_at(asked_at) == asked_at + timedelta(minutes=30)


def test_a_push_is_read(carrier):
    raw = make_push({"status": "polling", "message": "", "lastResult": make_result(make_row("5"))})

    [scan] = carrier.parse_push({}, raw)

    assert (scan.waybill, scan.tag, carrier.read_push({}, raw).ended) == ("43001", Tag.OUT_FOR_DELIVERY, None)


def test_a_push_may_be_signed_in_small_letters(carrier):
    param = json.dumps({"lastResult": make_result(make_row())})

    assert len(carrier.parse_push({}, urlencode({"param": param, "sign": md5(param + "SALT")}).encode())) == 1


GOOD = {"status": "polling", "lastResult": make_result(make_row("3"))}


@pytest.mark.parametrize(
    "raw",
    [
        make_push(GOOD, salt="OTHER"),
        make_push(GOOD, salt=""),
        make_push(GOOD, sign=""),
        make_push(GOOD, sign="签"),
        make_push(GOOD).replace(b"%22state%22", b"%22stats%22"),
        make_push(GOOD).split(b"&sign=")[0],
        b"param=%7B%7D&" + make_push(GOOD),
        b"sign=0&" + make_push(GOOD),
        b"sign=0",
        b"",
        b"\xff\xfe",
        b"&".join([make_push(GOOD)] + [b"a=1"] * 50),
    ],
    ids=range(12),
)
def test_a_push_that_is_not_proven_is_not_believed(carrier, raw):
    with pytest.raises(InvalidSignatureError):
        carrier.parse_push({}, raw)


def test_without_a_salt_no_push_is_believed(server):
    carrier = Kuaidi100(courier="yunda", url=server.url, **KEYS | {"salt": ""})

    with pytest.raises(InvalidSignatureError):
        carrier.parse_push({}, make_push(GOOD, salt=""))


@pytest.mark.parametrize("told", [[], {"lastResult": {"data": "x"}}, {"lastResult": make_result("x")}, "text"], ids=range(4))
def test_a_proven_push_that_nobody_can_read_says_so(carrier, told):
    assert cause_of(lambda: carrier.parse_push({}, make_push(told))) is Cause.BAD_ANSWER


def test_a_push_without_scans_has_none(carrier):
    assert carrier.parse_push({}, make_push({"status": "polling", "lastResult": make_result()})) == []


def test_the_end_of_a_watch_is_a_result_of_its_own(carrier):
    told = {"status": "abort", "message": "60天无变化", "comOld": "", "comNew": "", "lastResult": make_result(make_row())}

    push = carrier.read_push({}, make_push(told))

    assert (push.ended, len(push.scans)) == (WatchEnded("43001", "60天无变化", "yunda", ""), 1)


def test_a_corrected_courier_comes_with_the_end_of_the_watch(carrier):
    told = {"status": "abort", "message": "3天查询无记录", "autoCheck": "0", "comOld": "", "comNew": "ems"}
    told["lastResult"] = make_result(data=[], status="400")

    push = carrier.read_push({}, make_push(told))

    assert (push.ended, push.scans) == (WatchEnded("43001", "3天查询无记录", "yunda", "ems"), ())
