"""What is taken out of a text before others may read it, and what stays."""

import pytest

from knowledge.redaction import Kind, Known, redact

KNOWN = Known(
    names=("李小满", "Anna Schmidt"),
    addresses=("浙江省杭州市西湖区文三路 88 号 3 幢 502 室", "12 Garden Street, Flat 4, Leeds"),
    codes=("QH20261122001", "SF1234567890123"),
    phones=("13912345678",),
    emails=("xiaoman@mail.example",),
)


def marked(text: str, known: Known = KNOWN) -> str:
    return redact(text, known, mark=lambda kind: f"<{kind}>").text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("打我 13800138000 吧", "打我 <phone> 吧"),
        ("打我１３８００１３８０００吧", "打我<phone>吧"),
        ("138 0013 8000", "<phone>"),
        ("138-0013-8000", "<phone>"),
        ("1 3 8 0 0 1 3 8 0 0 0", "<phone>"),
        ("138\u200b0013\u200b8000", "<phone>"),
        ("138.0013.8000", "<phone>"),
        ("+86 138 0013 8000", "<phone>"),
        ("008613800138000", "<phone>"),
        ("13800138000 13900139000", "<phone> <phone>"),
        ("13800138000或13900139000", "<phone>或<phone>"),
        ("一三八零零一三八零零零", "<phone>"),
        ("幺三八零零幺三八零零零", "<phone>"),
        ("①③⑧⓪⓪①③⑧⓪⓪⓪", "<phone>"),
        ("0571-87654321", "<phone>"),
        ("(0571) 8765 4321", "<phone>"),
        ("+44 20 7946 0958", "<phone>"),
        ("call (415) 555-0199", "call <phone>"),
        ("Call me on 13800138000.", "Call me on <phone>."),
    ],
)
def test_phone_numbers_go_however_they_are_written(text, left):
    assert marked(text, Known()) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("写信 a.b+c@mail.example.com。", "写信 <email>。"),
        ("a.b＠mail．example．com", "<email>"),
        ("a.b @ mail . example", "<email>"),
        ("anna (at) mail (dot) example", "<email>"),
        ("身份证110101199003071234", "身份证<identity>"),
        ("110101 19900307 123X", "<identity>"),
        ("１１０１０１１９９００３０７１２３Ｘ", "<identity>"),
        ("卡号 6222 0212 3456 7890 128", "卡号 <card>"),
        ("卡号6222021234567890128", "卡号<card>"),
        ("4111-1111-1111-1111", "<card>"),
        ("单号 YT8834567890123", "单号 <code>"),
        ("账号 202611220000123", "账号 <number>"),
        ("微信号 li_xiaoman88", "微信号 <contact>"),
        ("加我VX：man2026", "加我VX：<contact>"),
        ("QQ 34567891", "QQ <contact>"),
        ("看 https://shop.example/t/AbCdEf12/ 这里", "看 <link> 这里"),
        ("看https://pay.example/x?token=1。", "看<link>。"),
        ("https://cdn.example/f/aZ09aZ09aZ09aZ09aZ09", "<link>"),
        ("住在幸福路 12 号 3 栋", "<address>"),
        ("送到 3 栋 2 单元 501 室", "送到 <address>"),
        ("浦东新区世纪大道100号 13800138000", "<address> <phone>"),
        ("浦东新区世纪大道100号13800138000张三收", "<address><phone>张三收"),
        ("中山路8号 a@mail.example", "<address> <email>"),
        ("世紀大道100號 13800138000", "<address> <phone>"),
        ("人民路12号金色阳光花园小区北门进来左手边第二排3栋501室", "<address>"),
        ("人民路12号\ue000 13800138000", "<address>\ue000 <phone>"),
    ],
)
def test_what_leads_to_a_person_goes(text, left):
    assert marked(text, Known()) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("李小满您好", "<name>您好"),
        ("李 小满您好", "<name>您好"),
        ("李女士您好，小满", "<name>您好，<name>"),
        ("Dear anna schmidt,", "Dear <name>,"),
        ("Dear Ms Schmidt,", "Dear Ms <name>,"),
        ("订单 QH2026-1122-001 已发", "订单 <code> 已发"),
        ("订单ｑｈ20261122001已发", "订单<code>已发"),
        ("运单 SF 1234 5678 90123", "运单 <code>"),
        ("尾号是 139 1234 5678", "尾号是 <phone>"),
        ("XIAOMAN@mail.example", "<email>"),
        ("送到杭州市西湖区文三路88号3幢", "送到<address>"),
        ("送到浙江省杭州市西湖区 文三路 88号", "送到<address>"),
        ("送到朝阳区小满路 93 号", "送到朝阳区<name><address>"),
        ("sent to 12 Garden Street, Flat 4, Leeds today", "sent to <address> today"),
    ],
)
def test_what_is_known_of_the_customer_goes(text, left):
    assert marked(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "签收后 7 天内可退，满 99 元包邮。",
        "2026-11-22 到 2026-11-25 之间送达",
        "2026年11月22日 10:30 前",
        "退款 1299.00 元，1-3 个工作日到账",
        "型号 RTX-4090、iPhone15",
        "客服热线 400-820-1234",
        "请看 https://shop.example/help/refund/ 一页",
        "第一步：打开订单。第二步：点退款。",
        "The refund arrives in May, within 3 to 5 days.",
        "周一到周五 9:00-21:00",
        "李子和小米",
        "Please phone before you come; the phone number is on the page.",
        "",
    ],
)
def test_what_belongs_to_nobody_stays(text):
    assert marked(text) == text


def test_of_two_known_values_that_overlap_both_go_whole():
    known = Known(names=("楼满",), addresses=("文三路 88 号 3 号楼",))

    assert marked("文三路88号3号楼满", known) == "<address><name>"


def test_it_says_what_was_taken_out_and_nothing_of_it():
    found = redact("李小满 13800138000，13900139000", KNOWN)

    assert found.taken == {Kind.NAME: 1, Kind.PHONE: 2}
    assert "138" not in repr(found) and "李" not in repr(found)


def test_redacting_again_finds_nothing_more():
    once = redact("李小满，电话 13800138000，文三路 88 号 3 幢 502 室，a@mail.example", KNOWN)

    assert redact(once.text, KNOWN).taken == {}


@pytest.mark.parametrize("text", ["1" * 8000, "a@" * 4000, "1 " * 4000, "浙江省杭州市" * 1300, "(0" * 4000, "+" * 8000, "1-" * 4000])
def test_no_text_takes_long(text):
    import time

    started = time.perf_counter()
    redact(text, KNOWN)

    assert time.perf_counter() - started < 2


def test_digits_in_a_name_do_not_break_a_number():
    assert redact("李小满 13912345678", Known(names=["李小满", "王391"])).text == "〔姓名〕 〔电话号码〕"
