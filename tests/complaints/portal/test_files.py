"""Files of the public pages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.intake.links import make_link
from complaints.intake.uploads import MOST_FILES, forget_unclaimed_files
from complaints.models import Attachment, Draft
from foundation.files import file_path
from tests.complaints.portal.journey import answer_problem, file_one, photo


def upload(client, name="a.jpg"):
    return client.post("/file/files/", {"file": photo(name)})


def fetch(client, url):
    """The answer and its whole content; reading to the end closes the file."""
    answer = client.get(url)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer, content


def test_an_upload_belongs_to_the_draft_and_can_be_seen_and_removed(visitor):
    visitor.get("/file/")
    answer = upload(visitor)
    told = answer.json()
    shown, content = fetch(visitor, told["thumb_url"])
    removed = visitor.post(told["remove_url"])

    assert answer.status_code == 201
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert content.startswith(b"\xff\xd8\xff")
    assert removed.status_code == 303
    assert Attachment.objects.count() == 0
    assert not file_path(told["id"]).exists()


def test_two_uploads_at_once_share_one_draft(visitor):
    visitor.get("/file/")
    upload(visitor)
    upload(visitor)

    assert Draft.objects.count() == 1
    assert Attachment.objects.filter(draft=Draft.objects.get()).count() == 2


def test_strangers_neither_see_nor_remove_a_draft_file(visitor, stranger):
    visitor.get("/file/")
    told = upload(visitor).json()
    answer_problem(stranger)

    assert stranger.get(f"/files/{told['id']}/").status_code == 404
    assert stranger.post(told["remove_url"]).status_code == 404
    assert Attachment.objects.count() == 1


def test_a_filed_file_is_for_those_who_opened_the_complaint(visitor, stranger):
    complaint = file_one(visitor, problem={"evidence": [photo()]})
    file = complaint.attachments.get()
    before = stranger.get(f"/files/{file.key}/").status_code
    stranger.get(f"/t/{make_link(complaint)}/")

    assert before == 404
    assert fetch(stranger, f"/files/{file.key}/")[0].status_code == 200


def test_internal_files_are_never_shown_to_customers(visitor):
    complaint = file_one(visitor, problem={"evidence": [photo()]})
    Attachment.objects.update(is_internal=True)

    assert visitor.get(f"/files/{complaint.attachments.get().key}/").status_code == 404


def test_only_copies_are_shown_and_originals_are_handed_out(visitor):
    file = file_one(visitor, problem={"evidence": [photo("ein Bild.jpg")]}).attachments.get()
    shown, original = fetch(visitor, f"/files/{file.key}/")[0], fetch(visitor, f"/files/{file.key}/?size=original")[0]

    assert shown.headers["Content-Security-Policy"] == original.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "attachment" not in shown.headers.get("Content-Disposition", "")
    assert original.headers["Content-Disposition"] == 'attachment; filename="ein Bild.jpg"'
    assert shown.headers["Cache-Control"] == "no-store, private"


def test_the_tenth_file_is_refused_in_words(visitor):
    visitor.get("/en/file/")
    answers = [visitor.post("/en/file/files/", {"file": photo(f"{number}.jpg")}) for number in range(MOST_FILES + 1)]

    assert [answer.status_code for answer in answers] == [201] * MOST_FILES + [422]
    assert "At most 9 files" in answers[-1].json()["error"]


@pytest.mark.parametrize(
    ("name", "content"), [("a.svg", b"<svg onload=alert(1)>"), ("a.jpg", b""), ("a.html", b"<html>"), ("a.jpg", b"\xff\xd8\xff broken")]
)
def test_what_is_no_picture_is_refused_in_words(visitor, name, content):
    from django.core.files.uploadedfile import SimpleUploadedFile

    visitor.get("/en/file/")
    answer = visitor.post("/en/file/files/", {"file": SimpleUploadedFile(name, content)})

    assert answer.status_code == 422
    assert answer.json()["error"]
    assert Attachment.objects.count() == 0


def test_removing_without_scripts_keeps_what_was_typed(visitor):
    answer_problem(visitor, category="", evidence=[photo()])
    key = Attachment.objects.get().key
    response = visitor.post(f"/en/file/files/{key}/remove/", {"description": "Typed meanwhile.", "wish": "repair"})
    page = visitor.get(response.headers["Location"]).content.decode()

    assert response.headers["Location"] == "/en/file/#evidence-field"
    assert "Typed meanwhile.</textarea>" in page
    assert 'value="repair" checked' in page


def test_what_nobody_claimed_is_gone_after_a_day(visitor):
    complaint = file_one(visitor, problem={"evidence": [photo("kept.jpg")]})
    url = f"/c/{complaint.number}/files/"
    visitor.post(url, {"file": photo("loose.jpg")})
    loose = Attachment.objects.get(name="loose.jpg")
    early = forget_unclaimed_files()
    Attachment.objects.filter(pk=loose.pk).update(created_at=timezone.now() - timedelta(hours=25))
    forget_unclaimed_files()

    assert early == 0
    assert list(Attachment.objects.values_list("name", flat=True)) == ["kept.jpg"]
