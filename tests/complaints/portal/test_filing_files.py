"""Filing with photos."""

from django.core.files.uploadedfile import SimpleUploadedFile

from complaints.models import Attachment
from tests.complaints.portal.journey import answer_problem, file_one, photo


def text_of(response) -> str:
    return response.content.decode()


def test_files_of_page_one_travel_with_the_complaint(visitor):
    answer_problem(visitor, evidence=[photo("a.jpg"), photo("b.jpg")])
    complaint = file_one(visitor, problem={"evidence": [photo("c.jpg")]})

    assert list(complaint.attachments.order_by("id").values_list("name", flat=True)) == ["a.jpg", "b.jpg", "c.jpg"]
    assert complaint.attachments.filter(draft__isnull=False).count() == 0


def test_a_photo_is_enough_to_say(visitor):
    complaint = file_one(visitor, problem={"description": "", "order_text": "", "evidence": [photo()]})

    assert complaint.attachments.count() == 1


def test_a_refused_file_is_named_and_nothing_else_is_lost(visitor):
    bad = SimpleUploadedFile("page.jpg", b"<script>alert(1)</script>", content_type="image/jpeg")
    response = answer_problem(visitor, "/en", evidence=[photo("good.jpg"), bad], description="Kept words.")
    page = text_of(response)

    assert response.status_code == 422
    assert 'href="#evidence">page.jpg:' in page
    assert "good.jpg" in page
    assert "Kept words.</textarea>" in page
    assert Attachment.objects.count() == 1


def test_files_stay_when_an_answer_is_missing(visitor):
    response = answer_problem(visitor, category="", evidence=[photo("kept.jpg")])

    assert response.status_code == 422
    assert "kept.jpg" in text_of(response)
