"""What holds for every carrier, and how one is found by its code."""

import pytest
from django.db import transaction
from django.utils import translation

from orders.carriers import ADAPTERS, adapter_for, variable_of
from orders.carriers.base import (
    CarrierScan,
    CarrierTag,
    CarrierUnavailableError,
    Cause,
    InsideTransactionError,
    ProblemReason,
    WatchEnded,
)
from tests.orders.carriers.test_fold import START


@pytest.mark.parametrize("code", ADAPTERS)
@pytest.mark.django_db(transaction=True)
def test_no_carrier_is_called_inside_a_transaction(server, monkeypatch, code):
    monkeypatch.setenv(variable_of(code, "url"), server.url)
    carrier = adapter_for(code, courier="yunda")

    for call in (carrier.query, carrier.subscribe):
        with transaction.atomic(), pytest.raises(InsideTransactionError):
            call("DM1")

    assert server.asked == []


@pytest.mark.parametrize("code", ADAPTERS)
def test_adapter_for_reads_the_keys_of_a_carrier_from_the_environment(monkeypatch, code):
    names = ADAPTERS[code][2]
    for name in names:
        monkeypatch.setenv(variable_of(code, name), f"value of {name}")

    carrier = adapter_for(code, courier="sf")

    assert (carrier.code, carrier.courier, carrier.keys) == (code, "sf", {name: f"value of {name}" for name in names})


@pytest.mark.parametrize("code", ADAPTERS)
def test_a_carrier_without_keys_says_so(monkeypatch, code):
    for name in ADAPTERS[code][2]:
        monkeypatch.delenv(variable_of(code, name), raising=False)
    carrier = adapter_for(code, courier="yunda")

    for call in (carrier.query, carrier.subscribe):
        with pytest.raises(CarrierUnavailableError) as raised:
            call("DM1")
        assert raised.value.cause is Cause.NOT_CONFIGURED


def test_the_demo_carrier_is_where_the_demo_gateway_is():
    assert [variable_of(code, "url") for code in ("demo", "kuaidi100")] == ["BIHUAN_GATEWAY_DEMO_URL", "BIHUAN_KUAIDI100_URL"]


def test_adapter_for_knows_no_other_carrier():
    with pytest.raises(LookupError):
        adapter_for("pigeon")


@pytest.mark.parametrize("code", ADAPTERS)
def test_labels_and_pickups_are_not_offered(code):
    carrier = adapter_for(code)

    for call in (carrier.create_label, carrier.book_pickup):
        with pytest.raises(CarrierUnavailableError) as raised:
            call(name="x")
        assert raised.value.cause is Cause.NOT_OFFERED


def test_a_scan_fits_into_its_row():
    scan = CarrierScan("SF1", START, CarrierTag.PENDING, subtag="s" * 50, text="t\x00" + "字" * 400, place="地" * 100)

    assert (len(scan.subtag), len(scan.text), len(scan.place), "\x00" in scan.text) == (40, 300, 80, False)


def test_a_waybill_is_written_as_shipments_store_it():
    assert CarrierScan("sf 1234-5678", START, CarrierTag.PENDING).waybill == "SF12345678"
    assert WatchEnded("sf 1234-5678", "60天无变化").waybill == "SF12345678"


@pytest.mark.parametrize("choice", [*CarrierTag, *ProblemReason, *Cause])
def test_every_word_is_said_in_chinese_and_in_english(choice):
    with translation.override("en"):
        english = str(choice.label)
    with translation.override("zh-hans"):
        chinese = str(choice.label)

    assert english.isascii() and not chinese.isascii()
