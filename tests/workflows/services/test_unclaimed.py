"""Parcels that belong to no case yet: shown to their warehouse, matched by what is known of them, taken in for a case."""

import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from complaints.intake.uploads import forget_unclaimed_files
from complaints.models import Attachment, Event
from foundation.crypto import blind_index
from foundation.exceptions import NotAllowedError, RefusedError
from foundation.files import StoredFile, accept_upload, file_path
from tests.factories import make_user
from tests.foundation.pictures import picture
from tests.workflows.house import granted, in_review, make_house
from tests.workflows.services.steps import arrived, lines_of, new_waybill, parcel_of, record_good, scan
from workflows.machines.spine import CaseState
from workflows.models import Case, UnclaimedParcel, WarehouseScan
from workflows.services.inspecting import begin_inspection
from workflows.services.unclaimed import attach_unclaimed, describe_unclaimed, known_photos, matches_for, unclaimed_for

pytestmark = pytest.mark.django_db
PHOTO = StoredFile(id="p" * 32, name="box.jpg", content_type="image/jpeg", size=9, sha256="a" * 64)


def reasons(refusal) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def found(house) -> UnclaimedParcel:
    """A parcel at the door that nobody knows."""
    scan(house, new_waybill())
    return UnclaimedParcel.objects.latest("pk")


def test_each_warehouse_sees_its_own():
    house, other = make_house(), make_house()
    mine = found(house)
    found(other)

    assert list(unclaimed_for(house.packer)) == [mine]
    assert not unclaimed_for(house.agent).exists()


def test_the_senders_phone_finds_the_case_and_is_not_kept_in_clear():
    house = make_house()
    case = granted(house)
    granted(make_house())

    row = describe_unclaimed(found(house), sender_phone=f" {house.order.receiver_phone} ", by=house.packer)

    assert matches_for(row) == [case]
    assert row.phone_index == blind_index(house.order.receiver_phone, purpose="phone")


@pytest.mark.parametrize("clue", ["case", "order", "serial"])
def test_a_number_in_the_box_finds_the_case(clue):
    house = make_house()
    case = begin_inspection(arrived(house), by=house.packer)
    record_good(lines_of(case)[0], house, serial="SN-77")
    told = {"case": case.number, "order": case.order.number.lower(), "serial": "SN-77"}[clue]

    assert matches_for(found(house), clue=told) == [case]


def test_nothing_known_matches_nothing():
    house = make_house()
    granted(house)

    assert matches_for(found(house)) == []


def test_cases_that_wait_come_first():
    house = make_house(quantity=3)
    waiting = granted(house)
    reviewed = in_review(house)

    row = describe_unclaimed(found(house), sender_phone=house.order.receiver_phone, by=house.packer)

    assert matches_for(row) == [waiting, reviewed]


def test_a_match_is_received_as_if_its_number_had_been_known():
    house = make_house()
    case = granted(house)
    row = describe_unclaimed(found(house), photos=[PHOTO], by=house.packer)

    parcel = attach_unclaimed(row, case, by=house.packer)

    row.refresh_from_db()
    assert (parcel, parcel.waybill, parcel.state) == (parcel_of(case), row.waybill, "scanned")
    assert Case.objects.get(pk=case.pk).state == CaseState.RECEIVED
    assert (row.parcel, list(unclaimed_for(house.packer))) == (parcel, [])


def test_its_photos_become_evidence():
    house = make_house()
    row = describe_unclaimed(found(house), photos=[PHOTO], by=house.packer)
    assert known_photos([PHOTO.id, "other"]) == {PHOTO.id}

    attach_unclaimed(row, granted(house), by=house.packer)

    assert Attachment.objects.get(complaint=house.complaint).key == PHOTO.id
    assert Event.objects.filter(complaint=house.complaint, kind="evidence.added").exists()
    assert known_photos([PHOTO.id]) == set()


def test_a_parcel_is_matched_once():
    house = make_house(quantity=3)
    row, case = found(house), granted(house)
    first = attach_unclaimed(row, case, by=house.packer, request_id="one")

    assert attach_unclaimed(row, case, by=house.packer, request_id="one") == first
    with pytest.raises(RefusedError) as refusal:
        attach_unclaimed(row, granted(house), by=house.packer)

    assert reasons(refusal) == {"matched"}


def test_nobody_else_matches_it():
    house = make_house()

    with pytest.raises(NotAllowedError):
        attach_unclaimed(found(house), granted(house), by=make_user("warehouse"))


def test_a_case_that_is_only_a_draft_takes_no_goods():
    house = make_house()
    case = in_review(house)
    Case.objects.filter(pk=case.pk).update(state="draft")

    with pytest.raises(RefusedError) as refusal:
        attach_unclaimed(found(house), case, by=house.packer)

    assert reasons(refusal) == {"state"}


def test_photos_of_what_still_waits_are_not_swept_away(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    stored = accept_upload(SimpleUploadedFile("box.png", picture("PNG")))
    house = make_house()
    row = describe_unclaimed(found(house), photos=[stored], by=house.packer)
    for path in (file_path(stored.id), file_path(stored.id).parent):
        os.utime(path, (0, 0))

    assert (forget_unclaimed_files(), file_path(stored.id).exists()) == (0, True)

    WarehouseScan.objects.all().delete()
    row.delete()
    assert (forget_unclaimed_files(), file_path(stored.id).exists()) == (1, False)
