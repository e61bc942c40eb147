"""Scans of carriers become the state of return parcels, and move a case by its own verbs only."""

import random
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from complaints.models import Event
from foundation.events import sequence_feed
from orders.carriers.base import CarrierScan, CarrierTag, ProblemReason
from orders.models import Carrier, Shipment, WaybillFeed, WaybillScan, WaybillWatch
from orders.services import record_scans
from tests.workflows.house import granted, make_house
from tests.workflows.services.steps import arrived, make_carrier, on_its_way, parcel_of
from workflows.machines.parcel import ParcelState
from workflows.machines.spine import CaseState
from workflows.models import CaseClock, CaseCursor, CasePolicy, Parcel, ParcelNews, Recovery, TrackEvent
from workflows.services.act import lock_act
from workflows.services.returning import attach_parcel, put_return
from workflows.services.tracks import note_news, take_scans
from workflows.tasks import sweep_parcels, sweep_waybill_news

pytestmark = pytest.mark.django_db
T, S, P = CarrierTag, ParcelState, ProblemReason


def scan(parcel: Parcel, hours: int, tag: CarrierTag = T.IN_TRANSIT, problem: str = "", **said) -> CarrierScan:
    at = parcel.announced_at + timedelta(hours=hours)
    return CarrierScan(parcel.waybill, at, tag, text=f"{tag} after {hours} h", problem=problem, **said)


def tell(*scans: CarrierScan) -> None:
    """The carrier tells; its scans go the whole way, through both feeds."""
    Carrier.objects.update(tracker=Carrier.Tracker.DEMO)
    record_scans("demo", scans)
    run()


def run() -> int:
    sequence_feed(WaybillScan, WaybillFeed)
    sweep_waybill_news()
    return sweep_parcels()


def named(**kinds):
    """A case whose customer has named the parcel, and that parcel."""
    case = on_its_way(make_house(**kinds))
    return case, parcel_of(case)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def kinds_of(case, prefix: str = "parcel.") -> list[str]:
    told = Event.objects.filter(complaint=case.complaint, kind__startswith=prefix).order_by("seq")
    return [event.kind for event in told if event.kind != "parcel.expect"]


def spine_of(case) -> list[str]:
    return kinds_of(case, "case.")


def test_scans_of_the_carrier_move_the_parcel():
    case, parcel = named()

    tell(scan(parcel, 1, is_pickup=True), scan(parcel, 5))

    row = fresh(parcel)
    assert (row.state, row.first_scan_at) == (S.MOVING, scan(parcel, 1).at)
    assert kinds_of(case) == ["parcel.move"]
    assert TrackEvent.objects.filter(parcel=parcel).count() == 2


def test_the_same_news_again_change_nothing():
    case, parcel = named()
    tell(scan(parcel, 1), scan(parcel, 2))
    before = (fresh(parcel).version, kinds_of(case), spine_of(case), TrackEvent.objects.count())

    CaseCursor.objects.all().delete()
    assert run() == 1
    take_scans(parcel, [scan(parcel, 2), scan(parcel, 1)])

    assert (fresh(parcel).version, kinds_of(case), spine_of(case), TrackEvent.objects.count()) == before


@pytest.mark.parametrize("seed", range(4))
def test_shuffled_and_doubled_news_end_the_same(seed):
    _case, parcel = named()
    scans = [
        scan(parcel, 1, is_pickup=True), scan(parcel, 5), scan(parcel, 20, T.OUT_FOR_DELIVERY), scan(parcel, 22, T.ATTEMPT_FAIL),
        scan(parcel, 40, T.OUT_FOR_DELIVERY), scan(parcel, 44, T.DELIVERED),
    ]  # fmt: skip
    arriving = scans * 2
    random.Random(seed).shuffle(arriving)  # noqa: S311 - an order to be repeated

    for each in arriving:
        tell(each)

    row = fresh(parcel)
    assert (row.state, row.problem, row.first_scan_at, row.signed_at) == (S.CARRIER_SIGNED, "", scans[0].at, scans[-1].at)


def test_delivery_by_the_carrier_is_not_our_scan():
    case, parcel = named()

    tell(scan(parcel, 5), scan(parcel, 30, T.DELIVERED))

    assert fresh(parcel).state == S.CARRIER_SIGNED
    assert fresh(case).state == CaseState.IN_TRANSIT


def test_the_first_scan_takes_the_place_of_the_customers_word():
    """The shop's own label: its number is known before the customer has said anything."""
    case = granted(make_house())
    parcel = parcel_of(case)
    Parcel.objects.filter(pk=parcel.pk).update(carrier=make_carrier(), waybill="SF1000000000001")
    parcel.refresh_from_db(fields=["carrier", "waybill"])

    take_scans(parcel, [scan(parcel, 0, T.INFO_RECEIVED)])
    assert fresh(case).state == CaseState.AWAITING_RETURN
    take_scans(parcel, [scan(parcel, 1, is_pickup=True)])

    assert fresh(case).state == CaseState.IN_TRANSIT
    assert spine_of(case)[-1] == "case.register_parcel"


def test_a_loss_stops_the_case_and_claims_from_the_carrier():
    case, parcel = named()

    tell(scan(parcel, 5), scan(parcel, 30, T.EXCEPTION, P.LOST))

    assert (fresh(parcel).state, fresh(parcel).problem) == (S.PROBLEM, "lost")
    assert fresh(case).state == CaseState.EXCEPTION
    assert Recovery.objects.filter(case=case, debtor=Recovery.Debtor.CARRIER).exists()


def test_what_is_wrong_may_become_something_else():
    case, parcel = named()
    tell(scan(parcel, 5), scan(parcel, 20, T.ATTEMPT_FAIL))
    assert fresh(case).state == CaseState.IN_TRANSIT

    tell(scan(parcel, 30, T.EXCEPTION, P.LOST))

    assert (fresh(parcel).state, fresh(parcel).problem) == (S.PROBLEM, "lost")
    assert kinds_of(case)[-1] == "parcel.problem_changed"
    assert fresh(case).state == CaseState.EXCEPTION


def test_the_case_moves_by_its_own_verbs_only():
    """T18: of all that carriers tell only C13 and C16 move the case; C15 is the warehouse's."""
    case, parcel = named()
    for tag in T:
        tell(scan(parcel, list(T).index(tag) + 1, tag))
    for problem in P:
        tell(scan(parcel, 40 + list(P).index(problem), T.EXCEPTION, problem))

    moved = {event.kind for event in Event.objects.filter(complaint=case.complaint, kind__startswith="case.") if event.actor_id is None}
    assert moved & {f"case.{verb.name}" for verb in case.machine.verbs} <= {
        "case.submit",
        "case.route_review",
        "case.register_parcel",
        "case.parcel_problem",
    }
    assert fresh(case).state == CaseState.EXCEPTION


def test_scans_after_ours_are_kept_and_move_nothing():
    case = arrived(make_house())
    parcel = parcel_of(case)
    version = parcel.version

    tell(scan(parcel, 50, T.DELIVERED))

    assert (fresh(parcel).state, fresh(parcel).version, parcel.scans.count()) == (S.SCANNED, version, 1)
    assert fresh(case).state == CaseState.RECEIVED
    assert WaybillWatch.objects.get(waybill=parcel.waybill).ended_at


def test_a_problem_of_a_case_that_left_the_way_back_moves_only_the_parcel():
    case, parcel = named()
    tell(scan(parcel, 5, T.EXCEPTION, P.LOST))
    assert fresh(case).state == CaseState.EXCEPTION

    tell(scan(parcel, 90))

    assert fresh(parcel).state == S.MOVING
    assert fresh(case).state == CaseState.EXCEPTION


def test_a_box_of_two_cases_tells_both():
    house = make_house()
    one = on_its_way(house)
    parcel = parcel_of(one)
    two = attach_parcel(granted(house), waybill=parcel.waybill, as_customer=True)

    tell(scan(parcel, 5), scan(parcel, 30, T.EXCEPTION, P.LOST))

    assert [fresh(one).state, fresh(two).state] == [CaseState.EXCEPTION] * 2
    moves = Event.objects.filter(complaint=house.complaint, kind="parcel.report_problem")
    assert [event.codes["case"] for event in moves.order_by("seq")] == [one.pk, two.pk]


def test_our_own_parcel_counts_from_where_it_turns_back():
    """What the customer refused: scans of the way out release nothing."""
    house = make_house(CasePolicy.Type.REFUSED_PARCEL, receipt=CasePolicy.Receipt.CARRIER)
    Shipment.objects.create(order=house.order, external_id="S1", waybill="SF2000000000001", carrier=make_carrier())
    case = granted(house)
    with transaction.atomic():
        act = lock_act(case, "expect", by=None)
        parcel = put_return(act)
        act.finish()
    assert parcel.waybill == "SF2000000000001"

    take_scans(parcel, [scan(parcel, -90, is_pickup=True), scan(parcel, -40), scan(parcel, -20, T.DELIVERED)])
    assert (fresh(parcel).state, fresh(parcel).first_scan_at) == (S.EXPECTED, None)

    take_scans(parcel, [scan(parcel, -19, T.EXCEPTION, P.REFUSED), scan(parcel, 1, T.EXCEPTION, P.RETURNING)])
    assert (fresh(parcel).state, fresh(parcel).first_scan_at) == (S.MOVING, scan(parcel, -19).at)
    assert fresh(case).state == CaseState.IN_TRANSIT


def test_scans_of_an_older_journey_of_the_same_number_release_nothing():
    _case, parcel = named()

    tell(scan(parcel, -900), scan(parcel, -800, T.DELIVERED))

    assert (fresh(parcel).state, fresh(parcel).first_scan_at, parcel.scans.count()) == (S.EXPECTED, None, 2)


def test_a_parcel_that_was_named_late_gets_its_first_scans_too():
    case, parcel = named()
    Carrier.objects.update(tracker="demo")
    Parcel.objects.filter(pk=parcel.pk).update(waybill="SF3000000000001")
    tell(scan(parcel, 1, is_pickup=True))
    assert fresh(parcel).state == S.EXPECTED

    Parcel.objects.filter(pk=parcel.pk).update(waybill=parcel.waybill)
    tell(scan(parcel, 5))

    assert fresh(parcel).first_scan_at == scan(parcel, 1).at
    assert fresh(case).state == CaseState.IN_TRANSIT


def test_a_number_that_is_used_again_tells_the_parcel_that_is_on_its_way():
    old_case = arrived(make_house())
    old = parcel_of(old_case)
    case = on_its_way(make_house(), waybill=old.waybill)

    tell(scan(parcel_of(case), 5))

    assert (fresh(old).state, parcel_of(case).state) == (S.SCANNED, S.MOVING)
    assert (old.scans.count(), parcel_of(case).scans.count()) == (0, 1)


def test_another_carriers_parcel_of_the_same_number_is_not_meant():
    _case, parcel = named()
    other = Carrier.objects.create(code="other", name_zh="另", name_en="O", tracker="aftership")
    WaybillWatch.objects.create(carrier=other, waybill=parcel.waybill)

    record_scans("aftership", [scan(parcel, 5)])
    run()

    assert fresh(parcel).state == S.EXPECTED


def test_every_scan_begins_the_silence_anew():
    case, parcel = named()
    CaseClock.objects.filter(case=case, code=CaseState.IN_TRANSIT).update(due_at=timezone.now())

    tell(scan(parcel, 5))

    clock = CaseClock.objects.get(case=case, code=CaseState.IN_TRANSIT)
    assert clock.due_at > timezone.now() + timedelta(days=9)


def test_a_parcel_that_fails_is_put_off_and_stops_no_other(caplog):
    (_one, broken), (_two, fine) = named(), named()
    broken.links.all().delete()
    Parcel.objects.filter(pk=broken.pk).update(announced_at=timezone.now())
    # A scan with a state that nobody knows, as a hand in the database would leave it.
    TrackEvent.objects.create(parcel=fine, at=fine.announced_at, tag="Nowhere", digest="x")
    note_news([broken, fine])

    assert sweep_parcels() == 1

    row = ParcelNews.objects.get()
    assert (row.pk, row.attempts, row.next_at > timezone.now()) == (fine.pk, 1, True)
    assert sweep_parcels() == 0


def test_news_that_come_while_a_parcel_waits_are_one_obligation():
    _case, parcel = named()
    note_news([parcel])
    ParcelNews.objects.update(next_at=timezone.now() + timedelta(hours=1), attempts=3)

    note_news([parcel])

    assert sweep_parcels() == 1
    assert not ParcelNews.objects.exists()
