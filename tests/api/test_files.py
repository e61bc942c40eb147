import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AccessLog
from orders.models import ApiToken
from tests.api.machine import FILED, Machine
from tests.foundation.pictures import picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offer")]
Scope = ApiToken.Scope


def jpeg(name="photo.jpg"):
    return SimpleUploadedFile(name, picture("JPEG"), content_type="image/jpeg")


def test_files_are_uploaded_first_and_belong_to_the_complaint_then(machine):
    key = machine.upload(jpeg()).json()["id"]

    number = machine.post("complaints/", FILED | {"attachments": [key]}).json()["number"]

    (file,) = machine.get(f"complaints/{number}/attachments/").json()
    assert (file["id"], file["kind"], len(file["sha256"])) == (key, "image", 64)
    content = machine.get(f"attachments/{key}/content/")
    assert content.headers["Content-Disposition"].startswith("attachment")
    assert b"".join(content.streaming_content) == picture("JPEG")


def test_without_pii_a_file_is_only_seen_re_encoded(machine, masked):
    key = machine.upload(jpeg()).json()["id"]
    machine.post("complaints/", FILED | {"attachments": [key]})

    shown = b"".join(masked.get(f"attachments/{key}/content/").streaming_content)

    assert shown.startswith(b"\xff\xd8") and shown != picture("JPEG")


def test_original_of_a_file_leaves_a_trace(machine):
    key = machine.upload(jpeg()).json()["id"]
    assert b"".join(machine.get(f"attachments/{key}/content/").streaming_content)

    assert AccessLog.objects.filter(act="download", actor=machine.token.actor).count() == 1


def test_uploads_of_other_machines_can_neither_be_used_nor_seen(machine):
    key = Machine(*Scope.values, shop="other").upload(jpeg()).json()["id"]

    answer = machine.post("complaints/", FILED | {"attachments": [key]})

    assert (answer.status_code, answer.json()["code"]) == (409, "files_gone")
    assert machine.get(f"attachments/{key}/").status_code == 404
    assert machine.get(f"attachments/{key}/content/").status_code == 404


def test_uploads_of_other_machines_cannot_be_sent_in_a_customers_name(machine):
    number = machine.post("complaints/", FILED).json()["number"]
    key = Machine(*Scope.values, shop="other").upload(jpeg()).json()["id"]

    answer = machine.post(f"complaints/{number}/customer-messages/", {"body": "请看照片", "attachments": [key]})

    assert (answer.status_code, answer.json()["code"]) == (409, "files_gone")


def test_a_file_is_used_once(machine):
    key = machine.upload(jpeg()).json()["id"]
    machine.post("complaints/", FILED | {"attachments": [key]})

    assert machine.post("complaints/", FILED | {"attachments": [key]}).status_code == 409


@pytest.mark.parametrize(("name", "content"), [("a.svg", b"<svg/>"), ("a.jpg", b"<html>"), ("a.jpg", b""), ("a.exe", b"MZ")])
def test_files_that_are_no_pictures_are_refused(machine, name, content):
    answer = machine.upload(SimpleUploadedFile(name, content, content_type="image/jpeg"))

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["file"])
