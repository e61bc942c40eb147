import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.foundation.pictures import picture
from tests.security.visitors import read_all
from tests.workflows.house import granted, make_house
from tests.workflows.scan.builders import packer_of, scan, send
from workflows.models import Case, UnclaimedParcel

pytestmark = pytest.mark.django_db
PHOTO = "a.jpg"


def unclaimed(house) -> UnclaimedParcel:
    send(packer_of(house), scan("W1234567890"))
    return UnclaimedParcel.objects.get()


def test_photos_and_a_note_are_kept_and_shown_to_the_own_warehouse_only():
    house = make_house()
    row, client = unclaimed(house), packer_of(house)
    files = [SimpleUploadedFile(PHOTO, picture("jpeg"), content_type="image/jpeg")]

    answer = client.post(reverse("admin:scan-unclaimed-photos", args=[row.pk]), {"photos": files, "note": "没有面单"})

    assert answer.status_code == 303
    row.refresh_from_db()
    shown = reverse("admin:scan-unclaimed-photo", args=[row.pk, row.photos[0]["id"], "thumb"])
    picture_shown = client.get(shown)
    assert picture_shown["Content-Type"] == "image/jpeg"
    read_all(picture_shown)
    assert "没有面单" in client.get(reverse("admin:scan-unclaimed")).content.decode()
    client.force_login(make_house().packer)
    assert client.get(shown).status_code == 404


def test_a_file_that_is_no_picture_is_refused_with_the_note_kept():
    house = make_house()
    row = unclaimed(house)
    files = [SimpleUploadedFile("a.jpg", b"nothing", content_type="image/jpeg")]

    answer = packer_of(house).post(reverse("admin:scan-unclaimed-photos", args=[row.pk]), {"photos": files, "note": "没有面单"})

    assert answer.status_code == 422
    assert "没有面单" in answer.content.decode()


def test_a_parcel_is_found_by_its_case_and_taken_in_for_it():
    house = make_house()
    row, case = unclaimed(house), granted(house)
    client = packer_of(house)
    page = client.get(reverse("admin:scan-unclaimed-parcel", args=[row.pk]), {"clue": case.number}).content.decode()
    assert f'value="{case.number}"' in page

    answer = client.post(reverse("admin:scan-unclaimed-attach", args=[row.pk]), {"case": case.number, "request_id": "r1"})

    assert answer.status_code == 303
    assert Case.objects.get(pk=case.pk).state == "received"
    row.refresh_from_db()
    assert row.parcel is not None


def test_a_number_that_is_none_is_told_so():
    house = make_house()
    row = unclaimed(house)

    answer = packer_of(house).post(reverse("admin:scan-unclaimed-attach", args=[row.pk]), {"case": "A000"})

    assert answer.status_code == 422
    assert UnclaimedParcel.objects.get().parcel is None


def test_a_matched_parcel_leaves_the_list():
    house = make_house()
    row, case = unclaimed(house), granted(house)
    client = packer_of(house)
    client.post(reverse("admin:scan-unclaimed-attach", args=[row.pk]), {"case": case.number, "request_id": "r1"})

    assert client.get(reverse("admin:scan-unclaimed-parcel", args=[row.pk])).status_code == 404
