"""Files that wait for their message belong to whoever brought them: a visitor's draft, a complaint's page, an account."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from complaints.models import Attachment
from complaints.services import post_customer_message, post_note
from foundation.exceptions import RefusedError
from orders.models import ApiToken
from tests.api.machine import FILED, Machine
from tests.complaints.builders import make_file
from tests.factories import make_complaint, make_merchant, make_user
from tests.foundation.pictures import picture
from tests.security.visitors import file_complaint, follow_link, open_draft, status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.jpg", picture("JPEG"), content_type="image/jpeg")


def upload_to_draft(client: Client) -> str:
    return client.post("/file/files/", {"file": photo()}).json()["id"]


def test_another_visitor_neither_reads_nor_removes_a_drafts_file():
    owner, thief = Client(), Client()
    open_draft(owner)
    open_draft(thief)
    key = upload_to_draft(owner)

    removed = thief.post(f"/file/files/{key}/remove/").status_code

    assert [removed, status(thief, f"/files/{key}/"), status(thief, f"/files/{key}/?size=thumb")] == [404, 404, 404]
    assert status(owner, f"/files/{key}/") == 200


def test_a_drafts_file_stays_closed_to_others_once_it_is_filed():
    owner, thief = Client(), Client()
    open_draft(owner)
    key = upload_to_draft(owner)
    file_complaint(owner)
    open_draft(thief)

    assert Attachment.objects.get(key=key).complaint is not None
    assert [status(client, f"/files/{key}/") for client in (owner, thief)] == [200, 404]
    assert thief.post(f"/file/files/{key}/remove/").status_code == 404


def test_a_page_of_another_complaint_cannot_spend_a_waiting_file():
    mine, theirs = make_complaint(), make_complaint()
    client = Client()
    follow_link(client, mine)
    follow_link(client, theirs)
    token = client.post(f"/c/{theirs.number}/files/", {"file": photo()}).json()["id"]

    answer = client.post(f"/c/{mine.number}/reply/", {"body": "看照片", "evidence": [token]})

    assert answer.status_code == 303
    assert not mine.attachments.exists()
    assert Attachment.objects.get().complaint is None


@pytest.mark.parametrize("token", ["1", "1:2", "[1,1]", "", "\x00", "x" * 5000])
def test_a_file_is_not_taken_by_a_token_that_the_page_did_not_make(token):
    waiting, complaint, client = make_file(), make_complaint(), Client()
    follow_link(client, complaint)

    client.post(f"/c/{complaint.number}/reply/", {"body": "看照片", "evidence": [token, str(waiting.pk)]})

    waiting.refresh_from_db()
    assert waiting.complaint is None


def test_a_customers_message_does_not_take_the_file_of_an_agent():
    file = make_file(uploaded_by=make_user())

    with pytest.raises(RefusedError):
        post_customer_message(make_complaint(), body="看照片", attachments=[file.pk])

    file.refresh_from_db()
    assert file.complaint is None


def test_an_agents_note_does_not_take_the_file_of_a_customer():
    file = make_file()

    with pytest.raises(RefusedError):
        post_note(make_complaint(), body="看照片", by=make_user(), attachments=[file.pk])


def test_a_machine_passes_its_own_file_on_as_the_customers(machine):
    complaint = make_complaint()
    key = machine.upload(photo()).json()["id"]

    answer = machine.post(f"complaints/{complaint.number}/customer-messages/", {"body": "看照片", "attachments": [key]})

    assert answer.status_code == 201
    assert Attachment.objects.get(key=key).complaint == complaint


@pytest.mark.parametrize("path", ["complaints/", "complaints/{}/customer-messages/", "complaints/{}/notes/", "complaints/{}/messages/"])
def test_a_machine_does_not_take_the_file_of_another_machine(machine, path):
    make_merchant("other")
    rival = Machine(*ApiToken.Scope.values, shop="other")
    key = rival.upload(photo()).json()["id"]
    body = FILED if path == "complaints/" else {"body": "看照片"} | ({"expected_version": 1} if path.endswith("/messages/") else {})

    answer = machine.post(path.format(make_complaint().number), body | {"attachments": [key]})

    assert (answer.status_code, answer.json()["code"]) == (409, "files_gone")
    assert machine.get(f"attachments/{key}/").status_code == 404
    assert machine.get(f"attachments/{key}/content/").status_code == 404
    assert Attachment.objects.get(key=key).complaint is None
