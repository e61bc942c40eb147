"""The survey after a resolution."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.intake.links import make_link
from complaints.lifecycle import Status
from complaints.models import Survey
from complaints.services import reopen_complaint
from tests.factories import make_complaint


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def resolved():
    return make_complaint(status=Status.RESOLVED)


@pytest.fixture
def url(visitor, resolved):
    visitor.get(f"/t/{make_link(resolved)}/")
    return f"/en/c/{resolved.number}/survey/"


def test_a_link_preselects_and_only_the_button_answers(visitor, resolved, url):
    page = text_of(visitor.get(url + "?score=4"))

    assert 'value="4" id="score_3" checked' in page
    assert Survey.objects.get(complaint=resolved).score is None


def test_the_answer_is_kept_with_its_event(visitor, resolved, url):
    response = visitor.post(url, {"score": "5", "reasons": ["speed", "manner"], "comment": "Quick.", "request_id": "a" * 20})
    survey = Survey.objects.get(complaint=resolved)
    event = resolved.events.order_by("seq").last()

    assert response.headers["Location"] == url + "?done=1"
    assert (survey.score, survey.reasons, survey.comment) == (5, ["speed", "manner"], "Quick.")
    assert survey.answered_at is not None
    assert (event.kind, event.codes["score"], event.codes["cycle"]) == ("survey.answered", 5, 1)
    assert "Thank you." in text_of(visitor.get(response.headers["Location"]))


def test_it_can_be_changed_for_seven_days(visitor, resolved, url):
    visitor.post(url, {"score": "5"})
    visitor.post(url, {"score": "3"})
    changed = Survey.objects.get(complaint=resolved)
    Survey.objects.update(answered_at=timezone.now() - timedelta(days=7, seconds=1))
    late = visitor.post(url, {"score": "1"})

    assert changed.score == 3
    assert resolved.events.order_by("seq").last().kind == "survey.edited"
    assert "This survey is over" in text_of(late)
    assert Survey.objects.get(complaint=resolved).score == 3


def test_the_same_answer_sent_twice_counts_once(visitor, resolved, url):
    for _time in range(2):
        visitor.post(url, {"score": "5", "request_id": "b" * 20})

    assert resolved.events.filter(kind__startswith="survey.").exclude(kind="survey.invited").count() == 1


@pytest.mark.parametrize("score", ["", "0", "6", "five"])
def test_a_score_outside_the_scale_is_asked_again(visitor, resolved, url, score):
    response = visitor.post(url, {"score": score, "comment": "Kept."})

    assert response.status_code == 422
    assert 'href="#score_0"' in text_of(response)
    assert "Kept.</textarea>" in text_of(response)
    assert Survey.objects.get(complaint=resolved).score is None


def test_a_low_score_offers_to_reopen(visitor, resolved, url):
    visitor.post(url, {"score": "2"})
    low = text_of(visitor.get(url + "?done=1"))
    visitor.post(url, {"score": "3"})
    middling = text_of(visitor.get(url + "?done=1"))

    assert f"/en/c/{resolved.number}/reopen/" in low
    assert f"/en/c/{resolved.number}/reopen/" not in middling


def test_it_ends_after_its_time_and_when_the_complaint_is_reopened(visitor, resolved, url):
    Survey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    expired = visitor.post(url, {"score": "5"})
    Survey.objects.update(expires_at=timezone.now() + timedelta(days=1))
    reopen_complaint(resolved, as_customer=True)
    reopened = visitor.post(url, {"score": "5"})

    assert "This survey is over" in text_of(expired)
    assert "This survey is over" in text_of(reopened)
    assert Survey.objects.get(complaint=resolved).score is None


def test_without_the_link_nobody_votes(stranger, resolved):
    assert stranger.post(f"/c/{resolved.number}/survey/", {"score": "1"}).status_code == 404
    assert Survey.objects.get(complaint=resolved).score is None


def test_a_complaint_without_a_result_has_none(visitor):
    complaint = make_complaint()
    visitor.get(f"/t/{make_link(complaint)}/")

    assert "This survey is over" in text_of(visitor.get(f"/en/c/{complaint.number}/survey/"))
