"""Which gateway there is, and what it says when something is missing. Each test builds in a process that has built none yet."""

import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.workflows.gateways.provider import private_pem, public_pem
from workflows import gateways
from workflows.gateways import gateway_for, read_keys
from workflows.gateways.libraries import checked_url, minor_of, yuan_of

ALIPAY = {"APPID": "2021000000000001", "PRIVATE_KEY": private_pem("merchant"), "PUBLIC_KEY": public_pem("alipay")}
KEYS = {
    "stripe": {"API_KEY": "sk_test_1", "WEBHOOK_SECRET": "whsec_1"},
    "alipay": ALIPAY,
    "wechat": {
        **ALIPAY,
        "MCHID": "1900000001",
        "CERT_SERIAL_NO": "5157",
        "APIV3_KEY": "0" * 32,
        "PUBLIC_KEY_ID": "PUB_KEY_ID_1",
    },
}
LIBRARIES = {"stripe": "stripe", "alipay": "alipay", "wechat": "wechatpayv3"}


@pytest.fixture(autouse=True)
def _nothing_built():
    gateways._build.cache_clear()
    yield
    gateways._build.cache_clear()


def set_keys(monkeypatch, code: str, **overrides: str) -> None:
    for name, value in {**KEYS[code], **overrides}.items():
        monkeypatch.setenv(f"BIHUAN_GATEWAY_{code.upper()}_{name}", value)


@pytest.mark.parametrize("code", KEYS)
def test_a_gateway_is_built_once_from_the_environment(monkeypatch, code):
    set_keys(monkeypatch, code)

    gateway = gateway_for(code)

    assert gateway.code == code
    assert gateway_for(code) is gateway


def test_other_keys_are_another_gateway_and_no_keys_are_none(monkeypatch):
    set_keys(monkeypatch, "stripe")
    before = gateway_for("stripe")

    set_keys(monkeypatch, "stripe", API_KEY="sk_test_2")

    assert gateway_for("stripe") is not before
    monkeypatch.delenv("BIHUAN_GATEWAY_STRIPE_API_KEY")
    with pytest.raises(ImproperlyConfigured, match="'api_key'"):
        gateway_for("stripe")


@pytest.mark.parametrize("code", KEYS)
def test_no_adapter_goes_round_the_rules_of_every_gateway(monkeypatch, code):
    set_keys(monkeypatch, code)

    own = set(vars(type(gateway_for(code))))

    assert own & {"submit", "query", "retry_bounced", "parse_notification", "bill_lines", "time_limit", "_ask"} == set()


@pytest.mark.parametrize("code", KEYS)
def test_a_missing_library_is_named_with_its_cure(monkeypatch, code):
    set_keys(monkeypatch, code)
    monkeypatch.setitem(sys.modules, LIBRARIES[code], None)

    with pytest.raises(ImproperlyConfigured, match=f"{LIBRARIES[code]} is not installed.*requirements-gateways.txt"):
        gateway_for(code)


@pytest.mark.parametrize("code", KEYS)
def test_a_missing_key_is_named(monkeypatch, code):
    set_keys(monkeypatch, code)
    last = list(KEYS[code])[-1]
    monkeypatch.delenv(f"BIHUAN_GATEWAY_{code.upper()}_{last}")

    with pytest.raises(ImproperlyConfigured, match=f"BIHUAN_GATEWAY_{code.upper()}_.*'{last.lower()}'"):
        gateway_for(code)


def test_a_key_nobody_reads_is_named(monkeypatch):
    set_keys(monkeypatch, "stripe", APIKEY="sk_test_1")

    with pytest.raises(ImproperlyConfigured, match="'apikey'"):
        gateway_for("stripe")


def test_what_is_said_of_missing_keys_shows_none_of_the_others(monkeypatch):
    set_keys(monkeypatch, "stripe", APIKEY="sk_live_s3cret")

    with pytest.raises(ImproperlyConfigured) as caught:
        gateway_for("stripe")

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("code", ["alipay", "wechat"])
def test_a_key_that_cannot_be_used_is_told_without_the_key(monkeypatch, code):
    set_keys(monkeypatch, code, PRIVATE_KEY="s3cret")

    with pytest.raises(ImproperlyConfigured, match=f"BIHUAN_GATEWAY_{code.upper()}_.*cannot be used") as caught:
        gateway_for(code)

    assert "s3cret" not in str(caught.value)


def test_an_unknown_gateway_is_refused():
    with pytest.raises(ImproperlyConfigured, match="'paypal'.*wechat"):
        gateway_for("paypal")


def test_a_key_may_hold_its_line_breaks_as_letters(monkeypatch):
    monkeypatch.setenv("BIHUAN_GATEWAY_ALIPAY_PUBLIC_KEY", "-----BEGIN-----\\nabc")
    monkeypatch.setenv("BIHUAN_GATEWAY_ALIPAY_URL", "")

    assert read_keys("alipay") == {"public_key": "-----BEGIN-----\nabc"}


@pytest.mark.parametrize("url", ["https://api2.mch.weixin.qq.com/", "http://127.0.0.1:8000", "http://localhost:1"])
def test_an_address_is_safe_with_tls_or_on_this_machine(url):
    assert checked_url(url) == url.rstrip("/")


@pytest.mark.parametrize("url", ["http://pay.example", "ftp://127.0.0.1", "127.0.0.1:80", ""])
def test_an_address_that_anybody_could_answer_is_refused(url):
    with pytest.raises(ImproperlyConfigured):
        checked_url(url)


@pytest.mark.parametrize(("text", "minor"), [("0.01", 1), ("12.3", 1230), ("12", 1200), ("-12.34", -1234), (" 1.00\t", 100)])
def test_yuan_become_fen(text, minor):
    assert minor_of(text) == minor


@pytest.mark.parametrize("text", ["12.345", "1e3", "", "1,000.00", "12.", "١٢"])
def test_what_is_no_amount_in_yuan_is_refused(text):
    with pytest.raises(ValueError):
        minor_of(text)


@pytest.mark.parametrize(("minor", "text"), [(1, "0.01"), (50, "0.50"), (1234, "12.34"), (100000000000001, "1000000000000.01")])
def test_fen_become_yuan(minor, text):
    assert yuan_of(minor) == text
