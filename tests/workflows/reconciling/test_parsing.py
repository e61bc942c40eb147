from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from tests.workflows.reconciling.files import DAY, alipay_file, demo_file, stripe_file, wechat_file, wechat_row
from workflows.gateways.base import BillLine
from workflows.gateways.libraries import BEIJING
from workflows.reconciling.listed import Listed, Standing, listed_of
from workflows.reconciling.parsing import MOST_BYTES, UnreadableStatementError, read_statement

AT = datetime(2026, 3, 3, 10, 0, 5, tzinfo=BEIJING)


def refused(gateway: str, raw: bytes | str, day: date = DAY) -> list[str]:
    with pytest.raises(UnreadableStatementError) as caught:
        read_statement(gateway, raw.encode() if isinstance(raw, str) else raw, day=day)
    return [reason.code for reason in caught.value.reasons]


def test_wechat():
    read = read_statement("wechat", wechat_file(wechat_row("RF1", "12.34"), wechat_row("RF2", "5.00")).encode(), day=DAY)

    assert read.lines == [
        Listed(2, "RF1", 1234, "CNY", AT, "SUCCESS", "4200001"),
        Listed(3, "RF2", 500, "CNY", AT, "SUCCESS", "4200001"),
    ]
    assert read.has_total


@pytest.mark.parametrize(
    ("status", "standing"), [("SUCCESS", Standing.PAID), ("PROCESSING", Standing.UNDER_WAY), ("CLOSED", Standing.NOTHING)]
)
def test_wechat_lists_refunds_that_are_not_paid_yet(status, standing):
    read = read_statement("wechat", wechat_file(wechat_row("RF1", "12.34", status=status)).encode(), day=DAY)

    assert [line.standing for line in read.lines] == [standing]


def test_a_wechat_file_of_everything_counts_its_payments_and_takes_its_refunds():
    payment = wechat_row("0", "0.00").replace("`REFUND", "`SUCCESS")

    read = read_statement("wechat", wechat_file(payment, wechat_row("RF1", "12.34")).encode(), day=DAY)

    assert [line.out_refund_no for line in read.lines] == ["RF1"]


def test_alipay_below_its_remarks():
    text = alipay_file(("", "50.00", "交易"), ("RF1", "-12.34", "退款"), total="-12.34")

    read = read_statement("alipay", text.encode("gb18030"), day=DAY)

    assert read.lines == [Listed(7, "RF1", 1234, "CNY", AT, "退款", "2026030322001")]
    assert read.has_total


def test_stripe_says_no_total_and_counts_in_the_smallest_unit():
    text = stripe_file(("RF1", "12.34", "succeeded"), ("", "1.00", "pending"))

    read = read_statement("stripe", text.encode(), day=DAY)

    assert read.lines == [
        Listed(2, "RF1", 1234, "USD", datetime(2026, 3, 3, 2, 0, 5, tzinfo=UTC), "succeeded", "pi_1"),
        Listed(3, "re_1", 100, "USD", datetime(2026, 3, 3, 2, 0, 5, tzinfo=UTC), "pending", "pi_1", Standing.UNDER_WAY),
    ]
    assert not read.has_total


def test_an_amount_in_a_currency_without_a_point():
    text = stripe_file(("RF1", "1200", "succeeded")).replace("usd", "jpy")

    assert read_statement("stripe", text.encode(), day=DAY).lines[0].amount_minor == 1200
    assert refused("stripe", text.replace("1200", "12.34")) == ["bad_line"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_usual_encoding_and_line_end(encoding, line_end):
    raw = wechat_file(wechat_row("RF1", "12.34")).replace("\n", line_end).encode(encoding)

    assert [line.amount_minor for line in read_statement("wechat", raw, day=DAY).lines] == [1234]


def test_the_heading_is_found_wherever_it_stands():
    text = "微信支付账单\n\n导出人,某某\n" + wechat_file(wechat_row("RF1", "12.34"))

    assert [line.position for line in read_statement("wechat", text.encode(), day=DAY).lines] == [5]


def test_columns_may_stand_in_another_order():
    text = "kind,at,currency,amount,transaction_id,out_refund_no\npaid,2026-03-03 10:00:05,cny,1.00,T1,RF1\ntotal,1,1.00\n"

    assert read_statement("demo", text.encode(), day=DAY).lines == [Listed(2, "RF1", 100, "CNY", AT, "paid", "T1")]


def test_one_number_several_times_adds_up():
    text = demo_file(("RF1", "10.00", "paid"), ("RF1", "10.00", "bounced"), ("RF1", "10.00", "paid"), ("RF2", "3.00", "bounced"))

    lines = read_statement("demo", text.encode(), day=DAY).lines

    assert [(line.out_refund_no, line.amount_minor) for line in lines] == [("RF1", 1000), ("RF2", -300)]


def test_lines_without_a_number_stay_apart():
    lines = listed_of("stripe", [BillLine("", 100, "USD", AT, "succeeded"), BillLine("", 100, "USD", AT, "succeeded")])

    assert [line.position for line in lines] == [1, 2]


@pytest.mark.parametrize(
    ("gateway", "text", "code"),
    [
        ("wechat", wechat_file(wechat_row("RF1", "12.34"), count=3), "partial"),
        ("wechat", wechat_file(wechat_row("RF1", "12.34"), total="99.00"), "partial_sum"),
        ("wechat", wechat_file(wechat_row("RF1", "12.34")).split("总交易")[0], "no_total"),
        ("alipay", alipay_file(("RF1", "-1.00", "退款"), count=2), "partial"),
        ("alipay", alipay_file(("RF1", "-1.00", "退款"), total="-3.00"), "partial_sum"),
        ("alipay", alipay_file(("RF1", "-1.00", "退款"), end=False), "no_total"),
        ("demo", demo_file(("RF1", "1.00", "paid"), count=2), "partial"),
        ("demo", demo_file(("RF1", "1.00", "paid"), total="2.00"), "partial_sum"),
        ("demo", demo_file(("RF1", "1.00", "paid")).split("total")[0], "no_total"),
        ("demo", demo_file(("RF1", "1.00", "paid"), day="2026-03-09"), "other_day"),
        ("demo", alipay_file(("RF1", "-1.00", "退款")), "no_heading"),
        ("demo", "", "empty"),
        ("demo", " \n ", "empty"),
        ("demo", b"PK\x03\x04rest", "packed"),
        ("demo", b"\x89PNG\r\n\x1a\n\xff\xff", "not_text"),
        ("demo", b"a\x00b", "not_text"),
    ],
)
def test_what_is_not_a_whole_statement_of_the_day_is_refused(gateway, text, code):
    assert refused(gateway, text) == [code]


def test_a_file_that_is_too_big_is_refused():
    assert refused("demo", b"x" * (MOST_BYTES + 1)) == ["too_big"]


def test_every_line_that_cannot_be_read_is_named_with_its_number():
    text = demo_file(("RF1", "1.05", "paid"), ("RF2", "1.00", "paid"), ("RF\x07", "2.34", "paid"))
    text = text.replace("RF1", "R" * 65).replace("1.05", "1.0x").replace("T1,1.00", "T1").replace("2.34", "2.345")

    with translation.override("en"), pytest.raises(UnreadableStatementError) as caught:
        read_statement("demo", text.encode(), day=DAY)

    assert [str(reason.text) for reason in caught.value.reasons] == [
        "Line 2: the refund number cannot be read: “" + "R" * 40 + "”.",
        "Line 2: the amount cannot be read: “1.0x”.",
        "Line 3: it has too few columns.",
        "Line 4: the refund number cannot be read: “RF\N{REPLACEMENT CHARACTER}”.",
        "Line 4: the amount cannot be read: “2.345”.",
    ]


def test_a_time_that_cannot_be_read():
    assert refused("demo", demo_file(("RF1", "1.00", "paid")).replace("T10:00:05+08:00", " ten")) == ["bad_line"]


def test_a_day_without_refunds_is_a_whole_statement():
    assert read_statement("wechat", wechat_file(count=0, total="0.00").encode(), day=DAY).lines == []
