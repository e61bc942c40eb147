"""The inspection: each piece once, with its photos; and what the whole of it means for money and goods."""

import pytest
from django.utils import timezone

from complaints.models import Attachment, Event, Outbox
from foundation.exceptions import NotAllowedError, RefusedError
from orders.models import WarehouseMember
from tests.factories import make_user
from tests.workflows.house import granted, make_house, refund_of
from tests.workflows.services.steps import (
    arrived,
    lines_of,
    make_carrier,
    new_waybill,
    on_its_way,
    opened,
    photo_by,
    record_bad,
    record_good,
)
from workflows.machines.spine import CaseState
from workflows.models import CasePolicy, CaseUnit, InspectionLine, Parcel, Task
from workflows.services.arriving import scan_in
from workflows.services.deciding import resend_goods
from workflows.services.inspecting import (
    begin_inspection,
    dispose_line,
    fail_inspection,
    inspect_again,
    pass_inspection,
    progress_of,
    record_line,
    take_over_inspection,
)
from workflows.services.refunds import authorise_refund
from workflows.services.returning import ask_for_goods_back, register_parcel

pytestmark = pytest.mark.django_db


def reasons(refusal) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def colleague(house):
    packer = make_user("warehouse")
    WarehouseMember.objects.create(warehouse=house.warehouse, user=packer)
    return packer


def test_an_inspection_belongs_to_who_began_it():
    house = make_house()
    case = opened(house)

    assert case.state == CaseState.INSPECTING
    assert Task.objects.get(case=case, role="warehouse", done_at__isnull=True).owner == house.packer


def test_a_task_that_a_colleague_holds_is_taken_over_first():
    house = make_house()
    case = arrived(house)
    Task.objects.filter(case=case, role="warehouse", done_at__isnull=True).update(owner=house.packer)
    other = colleague(house)

    with pytest.raises(NotAllowedError) as refusal:
        begin_inspection(case, by=other)
    assert reasons(refusal) == {"not_your_task"}

    take_over_inspection(case, by=other)
    assert begin_inspection(case, by=other).state == CaseState.INSPECTING


def test_a_good_piece_is_counted_graded_passed_and_put_away_in_one_act():
    house = make_house()
    case = opened(house)

    line = record_good(lines_of(case)[0], house, serial="SN1", accessories=["box"])

    assert (line.state, line.graded, line.serial, line.disposition) == ("disposed", "a", "SN1", "restock")
    assert line.claim.case_id == case.pk and CaseUnit.objects.get(case=case).received_at is not None
    kinds = list(Event.objects.filter(complaint=house.complaint, kind__startswith="inspection.").values_list("kind", flat=True))
    assert kinds == ["inspection.count", "inspection.grade", "inspection.pass_line", "inspection.dispose"]


def test_recording_twice_under_one_number_is_one_record():
    house = make_house()
    line = lines_of(opened(house))[0]

    first = record_good(line, house, request_id="one")
    again = record_good(line, house, request_id="one")

    assert (first.version, again.version) == (first.version, first.version)


def test_a_piece_without_a_grade_is_not_recorded():
    house = make_house()
    line = lines_of(opened(house))[0]

    with pytest.raises(RefusedError) as refusal:
        record_line(line, graded="", by=house.packer)

    assert reasons(refusal) == {"grade_missing"}
    assert InspectionLine.objects.get(pk=line.pk).state == "pending"


def test_a_failed_piece_needs_a_photo_which_the_customer_sees():
    house = make_house()
    case = opened(house)
    line = lines_of(case)[0]

    with pytest.raises(RefusedError) as refusal:
        record_bad(line, house, photos=[])
    assert reasons(refusal) == {"photos_missing"}

    photo = photo_by(house.packer)
    line = record_bad(line, house, photos=[photo.pk])
    photo.refresh_from_db()
    assert (line.state, photo.complaint, photo.is_internal) == ("failed", house.complaint, False)
    assert Event.objects.filter(complaint=house.complaint, kind="evidence.added", codes__inspection=line.pk).exists()


def test_nobody_shows_the_photos_of_somebody_else():
    house = make_house()
    photo = photo_by(colleague(house))

    with pytest.raises(RefusedError):
        record_bad(lines_of(opened(house))[0], house, photos=[photo.pk])

    assert Attachment.objects.get(pk=photo.pk).complaint is None


def test_another_serial_than_the_one_sent_out_does_not_pass():
    house = make_house()
    case = opened(house)
    unit = case.units.get().unit_id
    case.snapshot = case.snapshot | {"serials": {str(unit): "SN1"}}
    case.save(update_fields=["snapshot"])
    line = lines_of(case)[0]

    with pytest.raises(RefusedError) as refusal:
        record_good(line, house, serial="SN2")
    assert reasons(refusal) == {"serial_differs"}

    assert record_bad(line, house, serial="SN2", fault="wrong").state == "failed"


def test_a_second_look_is_somebody_elses():
    house = make_house()
    line = record_bad(lines_of(opened(house))[0], house)

    with pytest.raises(NotAllowedError) as refusal:
        inspect_again(line, by=house.packer)
    assert reasons(refusal) == {"same_inspector"}

    other = colleague(house)
    line = inspect_again(line, by=other, note="划痕是包装膜")
    assert (line.state, line.round, line.fault) == ("pending", 2, "")
    assert record_line(line, graded="a", by=other).state == "disposed"


def test_who_asked_for_nothing_does_not_give_the_second_look_either():
    house = make_house()
    line = inspect_again(record_bad(lines_of(opened(house))[0], house), by=house.lead)

    with pytest.raises(NotAllowedError) as refusal:
        record_good(line, house)

    assert reasons(refusal) == {"same_inspector"}


def test_an_inspection_passes_only_with_a_result_for_every_piece():
    house = make_house(quantity=2)
    case = opened(house, pieces=2)
    first, second = lines_of(case)
    record_good(first, house)

    with pytest.raises(RefusedError) as refusal:
        pass_inspection(case, by=house.packer)
    assert (reasons(refusal), progress_of(case)) == ({"unit_unrecorded"}, (1, 2))

    record_good(second, house)
    assert pass_inspection(case, by=house.packer).state == CaseState.SETTLING
    assert set(case.units.values_list("verdict", flat=True)) == {"passed"}


def test_failed_pieces_are_split_off_before_the_rest_passes():
    house = make_house(quantity=2)
    case = opened(house, pieces=2)
    first, second = lines_of(case)
    record_good(first, house)
    record_bad(second, house)

    with pytest.raises(RefusedError) as refusal:
        pass_inspection(case, by=house.packer)

    assert reasons(refusal) == {"remainder_inside"}


def test_the_passing_inspection_releases_a_refund_that_finance_approved_meanwhile():
    house = make_house()
    case = on_its_way(house)
    refund = refund_of(case)
    authorise_refund(refund, proposal_hash=refund.proposal_hash, by=house.finance)
    assert refund_of(case).state == "armed"
    case = begin_inspection(scan_in(case, by=house.packer), by=house.packer)
    record_good(lines_of(case)[0], house)
    assert refund_of(case).state == "armed"

    pass_inspection(case, by=house.packer)

    assert refund_of(case).state == "queued"
    assert Outbox.objects.filter(complaint=house.complaint, node="case_inspected").exists()


def test_a_failed_inspection_goes_to_a_lead_and_tells_the_customer():
    house = make_house()
    case = opened(house)
    record_bad(lines_of(case)[0], house, fault="wrong")

    case = fail_inspection(case, by=house.packer)

    assert (case.state, case.units.get().verdict) == (CaseState.EXCEPTION, "failed")
    assert Task.objects.filter(case=case, role="lead", done_at__isnull=True).exists()
    assert Outbox.objects.get(complaint=house.complaint, node="case_inspection_failed").values["faults"] == ["wrong"]


def test_what_is_as_it_should_be_does_not_fail():
    house = make_house()
    case = opened(house)
    record_good(lines_of(case)[0], house)

    with pytest.raises(RefusedError) as refusal:
        fail_inspection(case, by=house.packer)

    assert reasons(refusal) == {"nothing_wrong"}


def test_goods_that_the_customer_wants_back_fail_although_nothing_is_wrong():
    house = make_house()
    case = on_its_way(house)
    ask_for_goods_back(case, as_customer=True)
    case = begin_inspection(scan_in(case, by=house.packer), by=house.packer)
    record_good(lines_of(case)[0], house)

    assert fail_inspection(case, by=house.packer).state == CaseState.EXCEPTION


def test_a_missing_piece_has_no_grade_and_does_not_count_as_here():
    house = make_house(quantity=2)
    case = opened(house, pieces=2)

    line = record_bad(lines_of(case)[0], house, fault="missing", graded="")

    assert (line.state, line.claim.received_at) == ("failed", None)
    assert CaseUnit.objects.get(pk=line.claim_id).received_at is None


def test_a_failed_piece_is_put_where_somebody_says():
    house = make_house()
    line = record_bad(lines_of(opened(house))[0], house)

    with pytest.raises(RefusedError) as refusal:
        dispose_line(line, disposition="", by=house.packer)
    assert reasons(refusal) == {"place_missing"}

    assert dispose_line(line, disposition="ship_back", by=house.packer).disposition == "ship_back"


def test_nobody_from_outside_the_warehouse_records_anything():
    house = make_house()
    line = lines_of(opened(house))[0]

    for stranger in (house.agent, house.finance, make_user("warehouse")):
        with pytest.raises(NotAllowedError):
            record_line(line, graded="a", by=stranger)


def test_a_refund_on_arrival_waits_for_the_count_only():
    house = make_house(release=CasePolicy.Release.RECEIVED, release_trusted=CasePolicy.Release.RECEIVED, auto_limit_fen=20000)
    case = granted(house)
    case = begin_inspection(scan_in(case, by=house.packer), by=house.packer)
    assert refund_of(case).state == "armed"

    record_good(lines_of(case)[0], house)

    assert refund_of(case).state == "queued"


def test_the_right_item_comes_after_the_wrong_one():
    house = make_house()
    case = on_its_way(house)
    Parcel.objects.filter(links__case=case).update(first_scan_at=timezone.now())
    case = begin_inspection(scan_in(case, by=house.packer), by=house.packer)
    record_bad(lines_of(case)[0], house, fault="wrong")
    case = resend_goods(fail_inspection(case, by=house.packer), by=house.lead)
    assert (case.state, case.parcels.latest("pk").state) == (CaseState.AWAITING_RETURN, "expected")

    case = register_parcel(case, carrier=make_carrier(), waybill=new_waybill(), as_customer=True)
    case = begin_inspection(scan_in(case, by=house.packer), by=house.packer)
    wrong, right = lines_of(case)
    record_good(right, house)

    assert (wrong.state, right.round) == ("failed", 2)
    assert pass_inspection(case, by=house.packer).state == CaseState.SETTLING
    assert case.units.get().verdict == "passed"
