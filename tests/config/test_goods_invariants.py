"""I8 is seen broken once by each thing that breaks it; goods on their ordinary way break nothing."""

import pytest

from config.goods_invariants import goods_faults
from tests.workflows.builders import make_case
from tests.workflows.house import make_house
from tests.workflows.services.steps import arrived, lines_of, opened, parcel_of, record_bad, record_good
from workflows.models import Case, CaseClock, CasePolicy, CaseUnit, InspectionLine, Outbound, Parcel
from workflows.services.arriving import scan_in
from workflows.services.inspecting import pass_inspection
from workflows.services.splitting import split_case

pytestmark = pytest.mark.django_db
EXCHANGE = {"release": "none", "release_trusted": "none", "ships": "inspected", "ships_trusted": "inspected"}


def settled():
    """An exchange of two pieces of which one failed and went its own way."""
    house = make_house(CasePolicy.Type.EXCHANGE_QUALITY, quantity=2, **EXCHANGE)
    case = opened(house, pieces=2)
    good, bad = lines_of(case)
    record_good(good, house)
    record_bad(bad, house)
    split_case(case, units=[bad.claim.unit_id], kind="failed", by=house.packer)
    return pass_inspection(case, by=house.packer)


def test_goods_on_their_way_break_nothing():
    settled()

    assert goods_faults() == []


@pytest.mark.parametrize("values", [{"state": "moving"}, {"scanned_at": None}])
def test_a_parcel_is_scanned_or_it_is_not(values):
    Parcel.objects.filter(pk=parcel_of(arrived(make_house())).pk).update(**values)

    assert len(goods_faults()) == 1


def test_a_parcel_is_taken_in_once_for_a_case():
    house = make_house()
    case = arrived(house)
    Parcel.objects.update(state="moving", scanned_at=None)
    Case.objects.update(state="in_transit")
    CaseClock.objects.filter(code="received").delete()

    scan_in(case, by=house.packer)

    assert [fault.partition(": ")[2] for fault in goods_faults()] == ["was taken in 2 times for one case"]


def test_what_nobody_counted_is_not_here():
    case = arrived(make_house())
    CaseUnit.objects.filter(case=case).update(received_at=case.since)

    assert [fault.partition(": ")[2] for fault in goods_faults()] == ["counts as received, but nobody counted it"]


def test_what_nobody_passed_has_not_passed():
    CaseUnit.objects.filter(case=opened(make_house())).update(verdict="passed")

    assert [fault.partition(": ")[2] for fault in goods_faults()] == ["counts as passed, its inspection says otherwise"]


def test_a_piece_is_inspected_once_at_a_time():
    line = lines_of(opened(make_house()))[0]
    InspectionLine.objects.create(claim=line.claim, round=2)

    assert [fault.partition(": ")[2] for fault in goods_faults()] == ["is inspected twice at once"]


def test_a_unit_is_in_one_open_case():
    case = arrived(make_house())
    other = make_case(order=case.order, complaint=case.complaint, policy=case.policy, state="in_review")
    CaseUnit.objects.create(case=other, unit=case.units.get().unit)

    assert [fault.partition(": ")[2] for fault in goods_faults()] == ["is claimed by 2 open cases"]


def test_a_piece_goes_out_once():
    row = Outbound.objects.filter(state="released").get(case=settled())
    again = Outbound.objects.create(case=row.case, kind=row.kind, sku=row.sku, warehouse=row.warehouse)
    again.units.set(row.units.all())

    assert [fault.partition(": ")[2] for fault in goods_faults()] == ["goes out 2 times"]


def test_a_parcel_holds_what_it_says():
    Outbound.objects.filter(case=settled()).update(quantity=2)

    assert [fault.partition(": ")[2] for fault in goods_faults()] == ["holds 1 pieces and says 2"]
