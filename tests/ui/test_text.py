"""Masking, money, numbers that people paste, placeholders and pinyin."""

import pytest

from ui.masking import mask_address, mask_email, mask_name, mask_phone, mask_text
from ui.money import format_money
from ui.normalise import normalise_code, normalise_phone, normalise_text
from ui.pinyin import initials
from ui.placeholders import fill, missing


@pytest.mark.parametrize(
    ("minor", "currency", "printed"),
    [
        (12900, "CNY", "¥129.00"),
        (129000000, "CNY", "¥1,290,000.00"),
        (-3000, "CNY", "−¥30.00"),
        (-5, "CNY", "−¥0.05"),
        (0, "CNY", "¥0.00"),
        (1050, "BRL", "BRL\u00a010.50"),
        (500, "JPY", "JPY\u00a0500"),
        (1500, "KWD", "KWD\u00a01.500"),
        (None, "CNY", ""),
    ],
)
def test_money_is_printed_from_minor_units(minor, currency, printed):
    assert format_money(minor, currency) == printed


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (mask_phone, "13812343898", "138****3898"),
        (mask_phone, "+5511987654321", "+55****4321"),
        (mask_phone, "12345", "1****45"),
        (mask_phone, "123", "****"),
        (mask_phone, "", ""),
        (mask_email, "zhang.san@example.com", "z***@example.com"),
        (mask_email, "not a mailbox", "not****ox"),
        (mask_name, "张三", "张*"),
        (mask_name, "张三丰", "张**"),
        (mask_name, "欧阳娜娜", "欧阳**"),
        (mask_name, "张", "张*"),
        (mask_name, "Maria Silva", "M*** S***"),
        (mask_name, "", ""),
        (mask_address, "浙江省杭州市西湖区文三路 1 号", "浙江省杭州市****"),
        (mask_address, "西湖", "西湖****"),
    ],
)
def test_a_masked_value_shows_its_ends_only(mask, value, shown):
    assert mask(value) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请打13812343898谢谢", "请打138****3898谢谢"),
        ("+86 138 1234 3898", "138****3898"),
        ("１３８１２３４３８９８", "138****3898"),
        ("0571-87654321", "057****4321"),
        ("身份证11010519491231002X。", "身份证110****2X。"),
        ("卡号 6222 0202 0011 2238 4", "卡号 6222 0202 0011 2238 4"),
        ("卡 4111 1111 1111 1111", "卡 411****11"),
        ("邮箱 a.b@c.example.cn", "邮箱 a***@c.example.cn"),
        ("订单 202511121234567890 运单 SF1234567890123", "订单 202511121234567890 运单 SF1234567890123"),
    ],
)
def test_free_text_hides_personal_numbers_and_keeps_the_rest(text, shown):
    assert mask_text(text) == shown


def test_masking_a_masked_text_changes_nothing():
    text = "13812343898, 11010519491231002X, a@b.example"

    assert mask_text(mask_text(text)) == mask_text(text)


@pytest.mark.parametrize(
    ("pasted", "stored"),
    [
        (" ＳＦ１２３４－５６７８ ", "SF12345678"),
        ("sf 1234–5678", "SF12345678"),
        ("20251112\u200b0042", "202511120042"),
        ("a\u00a0b\u3000c", "ABC"),
        ("", ""),
    ],
)
def test_pasted_codes_come_to_one_form(pasted, stored):
    assert normalise_code(pasted) == stored


@pytest.mark.parametrize(
    ("pasted", "stored"),
    [
        ("138-1234-3898", "13812343898"),
        ("+86 138 1234 3898", "13812343898"),
        ("0086１３８１２３４３８９８", "13812343898"),
        ("(11) 98765.4321", "11987654321"),
        ("+55 11 98765 4321", "+5511987654321"),
    ],
)
def test_pasted_phones_come_to_one_form(pasted, stored):
    assert normalise_phone(pasted) == stored


def test_normalise_text_joins_white_space_and_widths():
    assert normalise_text("  退　款\n ＡＢ１ ") == "退 款 AB1"


def test_fill_puts_values_in_one_pass():
    values = {"name": "{order}", "order": "42"}

    assert fill("{name} {order}", values) == "{order} 42"


@pytest.mark.parametrize(
    "text",
    [
        "{0.__class__}",
        "{name.real}",
        "{name[0]}",
        "{name!r}",
        "{{name}}",
        "{{ settings.SECRET_KEY }}",
        "%(name)s",
        "${other}",
        "{% include 'x' %}",
        "{NAME}",
    ],
)
def test_fill_leaves_everything_but_a_bare_name_as_it_is(text):
    assert fill(text, {"name": "secret", "other": ""}) == text


def test_missing_names_come_once_in_reading_order():
    assert missing("{b} {a} {b} {c}", {"a": "x", "c": ""}) == ["b", "c"]


@pytest.mark.parametrize(("text", "letters"), [("退款说明", "tksm"), ("补发 SF 快递", "bfsfkd"), ("１２３", "123"), ("—！", "")])
def test_initials_are_what_an_agent_types(text, letters):
    assert initials(text) == letters
