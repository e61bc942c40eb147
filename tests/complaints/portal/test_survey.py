"""The survey after a resolution."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.intake.links import make_link
from complaints.models import Event, SecretLink, Survey
from complaints.services import confirm_complaint, reopen_complaint
from tests.complaints.builders import make_survey, survey_kinds
from tests.factories import make_complaint, make_user


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def survey():
    return make_survey()


@pytest.fixture
def resolved(survey):
    return survey.complaint


def open_page(visitor, survey: Survey, query: str = "") -> str:
    """The address of a survey's page, opened by its link."""
    visitor.get(f"/t/{make_link(survey.complaint)}/")
    return f"/en/c/{survey.complaint.number}/survey/{query}"


@pytest.fixture
def url(visitor, survey):
    return open_page(visitor, survey)


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
    assert "You have answered this survey" in text_of(late)
    assert Survey.objects.get(complaint=resolved).score == 3


def test_the_same_answer_sent_twice_counts_once(visitor, resolved, url):
    for _time in range(2):
        visitor.post(url, {"score": "5", "request_id": "b" * 20})

    assert survey_kinds(resolved) == ["survey.invited", "survey.delivered", "survey.answered"]


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


@pytest.mark.parametrize("method", ["get", "head"])
def test_whoever_only_looks_writes_nothing(visitor, survey, method):
    """A mail scanner follows the link and every link on the page."""
    visitor.get(f"/t/{make_link(survey.complaint)}/survey/?score=5")
    before = (vars_of(survey), Event.objects.count(), SecretLink.objects.count())

    for path in (f"/c/{survey.complaint.number}/survey/?score=1", f"/c/{survey.complaint.number}/survey/?score=5&done=1"):
        assert getattr(visitor, method)(path).status_code == 200

    assert (vars_of(survey), Event.objects.count(), SecretLink.objects.count()) == before


def vars_of(survey: Survey) -> dict:
    return Survey.objects.filter(pk=survey.pk).values().get()


@pytest.mark.parametrize(("scale", "scores"), [("csat", 5), ("ces", 7), ("nps_tx", 11)])
def test_each_scale_has_its_buttons_and_its_ends(visitor, scale, scores):
    page = text_of(visitor.get(open_page(visitor, make_survey(scale))))

    assert page.count('type="radio" name="score"') == scores
    assert f'class="scale scale--{scores}"' in page
    assert ('id="score-ends"' in page) == (scale != "csat")


def test_nought_of_ten_is_a_score(visitor):
    survey = make_survey("nps_tx")
    url = open_page(visitor, survey)

    assert 'value="0" id="score_0" checked' in text_of(visitor.get(url + "?score=0"))
    assert visitor.post(url, {"score": "0"}).status_code == 303
    assert 'value="0" id="score_0" checked' in text_of(visitor.get(url))


@pytest.mark.parametrize("score", ["8", "0", "-1"])
def test_each_scale_refuses_what_is_off_it(visitor, score):
    survey = make_survey("ces")

    assert visitor.post(open_page(visitor, survey), {"score": score}).status_code == 422
    assert vars_of(survey)["score"] is None


def test_the_question_about_the_shop_has_an_address_of_its_own(visitor, survey):
    complaint = confirm_complaint(survey.complaint, as_customer=True)
    url = open_page(visitor, survey, "?about=shop")

    page = text_of(visitor.get(url))
    response = visitor.post(url, {"score": "9", "reasons": ["goods"]})

    about_shop = complaint.surveys.get(cycle=0)
    assert "How likely are you to recommend our shop" in page and complaint.subject not in page
    assert response.headers["Location"].endswith("?done=1&about=shop")
    assert (about_shop.score, about_shop.reasons, vars_of(survey)["score"]) == (9, ["goods"], None)


def test_staff_see_it_and_cannot_answer(visitor, survey, url):
    visitor.force_login(make_user("manager"))

    page = visitor.get(url)
    answered = visitor.post(url, {"score": "5"})

    assert "Only the customer can answer." in text_of(page)
    assert "<fieldset" in text_of(page) and "Send my answer" not in text_of(page)
    assert (answered.status_code, vars_of(survey)["score"]) == (403, None)


def test_a_suppressed_one_says_that_there_is_none(visitor, survey):
    Survey.objects.filter(pk=survey.pk).update(suppressed_by="cap")

    page = text_of(visitor.get(open_page(visitor, survey)))

    assert "There is no survey about this" in page and 'name="score"' not in page


def test_a_low_score_for_effort_offers_to_reopen_too(visitor):
    survey = make_survey("ces")
    url = open_page(visitor, survey)

    visitor.post(url, {"score": "2"})

    assert f"/en/c/{survey.complaint.number}/reopen/" in text_of(visitor.get(url + "?done=1"))


@pytest.mark.parametrize(("told", "kept"), [("yes", True), ("no", False), ("", None)])
def test_it_can_be_told_whether_it_was_solved_the_first_time(visitor, resolved, url, told, kept):
    page = text_of(visitor.get(url))
    visitor.post(url, {"score": "4", "once": told})
    event = resolved.events.order_by("seq").last()

    assert "Was it solved the first time?" in page
    assert (Survey.objects.get(complaint=resolved).solved_once, event.codes.get("once")) == (kept, kept)


def test_nobody_is_asked_for_effort_and_whether_it_was_solved_the_first_time(visitor, survey):
    Survey.objects.update(scale="ces")
    url = open_page(visitor, survey)

    page = text_of(visitor.get(url))
    visitor.post(url, {"score": "4", "once": "yes"})

    assert "Was it solved the first time?" not in page
    assert Survey.objects.get(pk=survey.pk).solved_once is None
