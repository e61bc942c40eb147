"""What carriers tell, written to shipments and to the waybills that we watch."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.events import read_feed
from orders.carriers.base import CarrierScan, CarrierTag, WatchEnded
from orders.carriers.fold import fold_scans
from orders.models import Carrier, OrderEvent, WaybillFeed, WaybillScan
from orders.services import carrier_scan, record_scans
from orders.services.tracking import record_end
from orders.tasks import sequence_waybill_feed
from tests.orders.carriers.news import START, make_carrier, make_shipment, make_watch, scan

pytestmark = pytest.mark.django_db


def texts(shipment) -> list[str]:
    return list(shipment.scans.order_by("at").values_list("text", flat=True))


def test_a_shipment_takes_scans_and_tells_its_order():
    shipment = make_shipment(carrier=make_carrier())

    record_scans("demo", [scan(3, "OutForDelivery"), scan(1)])

    shipment.refresh_from_db()
    assert (shipment.status, shipment.last_scan_at) == ("out_for_delivery", START + timedelta(hours=3))
    assert list(
        OrderEvent.objects.filter(order=shipment.order, kind="shipment.scanned").order_by("seq").values_list("codes__status", flat=True)
    ) == [
        "in_transit",
        "out_for_delivery",
    ]


def test_the_same_scans_again_change_nothing():
    shipment, watch = make_shipment(), make_watch()
    record_scans("demo", [scan(1), scan(2)])
    events = OrderEvent.objects.count()

    assert record_scans("demo", [scan(2), scan(1)]) == 0
    assert (shipment.scans.count(), watch.scans.count(), OrderEvent.objects.count()) == (2, 2, events)


def test_the_same_scan_twice_in_one_push_is_one():
    watch = make_watch()

    assert record_scans("demo", [scan(1), scan(1)]) == 1
    assert watch.scans.count() == 1


@pytest.mark.parametrize(
    ("problem", "status"), [("returning", "returning"), ("lost", "lost"), ("refused", "exception"), ("difficult", "exception")]
)
def test_what_is_wrong_becomes_the_state_of_the_shipment(problem, status):
    shipment = make_shipment()

    record_scans("demo", [scan(1, "Exception", problem=problem)])

    shipment.refresh_from_db()
    assert shipment.status == status


def test_a_code_that_says_nothing_does_not_put_a_shipment_back():
    shipment = make_shipment()

    record_scans("demo", [scan(1), scan(2, "Pending")])

    shipment.refresh_from_db()
    assert (shipment.status, texts(shipment)) == ("in_transit", ["InTransit after 1 h"])


def test_signs_that_cannot_be_stored_stop_no_scan():
    shipment, watch = make_shipment(), make_watch()

    record_scans("demo", [scan(1, text="到达\u202e\ud800\x00", place="\x07上海"), scan(2)])

    assert texts(shipment) == ["到达", "InTransit after 2 h"]
    assert watch.scans.count() == 2


def test_a_scan_without_words_has_the_carriers_own():
    shipment = make_shipment()

    record_scans("demo", [scan(1, text="", subtag="hub_in")])

    assert texts(shipment) == ["hub_in"]


def test_a_scan_of_an_impossible_time_is_left_out_of_the_shipment():
    shipment = make_shipment()
    odd = CarrierScan("DM1", START.replace(year=1970), CarrierTag.IN_TRANSIT, text="odd")

    record_scans("demo", [odd, scan(2)])

    assert texts(shipment) == ["InTransit after 2 h"]


def test_a_waybill_of_two_orders_tells_both():
    one, two = make_shipment(), make_shipment()

    record_scans("demo", [scan(1)])

    assert [one.scans.count(), two.scans.count()] == [1, 1]


def test_another_carriers_parcel_of_the_same_number_is_not_meant():
    other = make_carrier(Carrier.Tracker.KUAIDI100, "zto")
    shipment, watch = make_shipment(carrier=other), make_watch(carrier=other)

    record_scans("demo", [scan(1)])

    assert (shipment.scans.count(), watch.scans.count()) == (0, 0)


def test_a_waybill_that_nobody_knows_is_dropped():
    make_watch("DM2")

    assert record_scans("demo", [scan(1)]) == 0
    assert not WaybillScan.objects.exists()


def test_statements_do_not_grow_with_the_scans(django_assert_num_queries):
    make_watch()

    with django_assert_num_queries(8):
        record_scans("demo", [scan(1)])
    with django_assert_num_queries(8):
        record_scans("demo", [scan(hours) for hours in range(2, 40)])


def test_a_scan_stands_as_it_was_told():
    watch, told = make_watch(), scan(1, subtag="hub", place="上海", problem="", is_pickup=True)
    record_scans("demo", [told])

    assert carrier_scan(watch.scans.get(), watch.waybill) == told
    for change in (lambda: watch.scans.update(text="x"), lambda: watch.scans.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_scans_come_through_the_feed_once_in_order_of_their_commits():
    watch = make_watch()
    record_scans("demo", [scan(5)])
    record_scans("demo", [scan(3)])

    assert (sequence_waybill_feed(), sequence_waybill_feed()) == (2, 0)

    entries = read_feed(WaybillFeed, after=0)
    rows = WaybillScan.objects.in_bulk([entry.event_id for entry in entries])
    assert [rows[entry.event_id].at for entry in entries] == [START + timedelta(hours=5), START + timedelta(hours=3)]
    assert {(entry.kind, entry.subject_id) for entry in entries} == {("waybill.scanned", watch.pk)}


numbers = count()
scans = st.lists(
    st.builds(
        scan,
        st.integers(0, 6),
        st.sampled_from(list(CarrierTag)),
        problem=st.sampled_from(["", "lost", "returning", "refused"]),
        is_pickup=st.booleans(),
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=scans, cut=st.integers(0, 8), seed=st.randoms(use_true_random=False))
def test_told_in_any_order_and_twice_a_waybill_is_the_same(told, cut, seed):
    watch = make_watch(f"DM{next(numbers)}")
    mine = [CarrierScan(**(vars(each) | {"waybill": watch.waybill})) for each in told]
    again = seed.sample(mine, len(mine))

    for batch in (again[:cut], again[cut:], again[::2]):
        record_scans("demo", batch)

    assert fold_scans(carrier_scan(row, watch.waybill) for row in watch.scans.all()) == fold_scans(mine)


def test_a_carrier_that_found_the_right_courier_is_asked_again():
    watch = make_watch(subscribed_at=timezone.now(), next_at=timezone.now() + timedelta(days=1), fence=3)

    assert record_end("demo", WatchEnded("DM1", "no record", "sf", "zhongtong"), at=START) == 0

    watch.refresh_from_db()
    assert (watch.tracker_code, watch.subscribed_at, watch.ended_at, watch.fence) == ("zhongtong", None, None, 4)
    assert watch.next_at <= timezone.now() + timedelta(seconds=5)


@pytest.mark.parametrize("better", ["", "another"])
def test_a_carrier_that_gives_up_says_so_as_a_scan(better):
    watch = make_watch(tracker_code="zhongtong", phone_tail="1234", fence=3)

    assert record_end("demo", WatchEnded("DM1", "60 days", "zhongtong", better), at=START) == 1

    watch.refresh_from_db()
    assert (watch.phone_tail, watch.fence, bool(watch.ended_at)) == ("", 4, True)
    assert [(row.tag, row.text) for row in watch.scans.all()] == [("Expired", "60 days")]
    assert record_end("demo", WatchEnded("DM1", "60 days", "zhongtong", better), at=START) == 0
