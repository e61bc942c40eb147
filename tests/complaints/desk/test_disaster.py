"""The page of force majeure: a preview that changes nothing, then a pause, and its end."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from complaints.models import ClockRun, RegionPause
from complaints.services.regions import pause_region
from tests.factories import make_complaint, make_merchant, make_order, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(desk, lead):
    desk.login_as(lead)
    return desk


def struck(province: str = "福建"):
    return make_complaint(order=make_order(province=province))


def given(step: str = "preview", **changes) -> dict:
    until = timezone.localtime(timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    return {"provinces": ["福建"], "reason": "台风登陆", "until": until, "request_id": "r1", "step": step} | changes


def states(*complaints) -> list[str]:
    return [ClockRun.objects.get(complaint=each, kind="resolution").state for each in complaints]


def test_the_page_offers_the_provinces_of_open_complaints(house, url):
    struck(), struck(), struck("广东")
    page = house.get(url("disaster")).content.decode()

    assert "福建 (2)" in page and "广东 (1)" in page


def test_a_preview_shows_what_would_stand_still_and_changes_nothing(house, url):
    complaint, elsewhere = struck(), struck("广东")
    answer = house.post(url("disaster"), given())
    page = answer.content.decode()

    assert answer.status_code == 200
    assert complaint.number in page and elsewhere.number not in page
    assert (states(complaint), RegionPause.objects.count()) == (["running"], 0)


def test_what_was_decided_is_carried_out_once_and_listed_with_its_end(house, url):
    complaint, elsewhere = struck(), struck("广东")
    answers = [house.post(url("disaster"), given("apply")) for _time in range(2)]
    page = house.get(url("disaster")).content.decode()

    assert [answer.status_code for answer in answers] == [303, 303]
    assert states(complaint, elsewhere) == ["paused", "running"]
    pause = RegionPause.objects.get()
    assert "台风登陆" in page and url("disaster-end", pause.pk) in page


def test_ending_it_lets_everything_go_on(house, url):
    complaint = struck()
    house.post(url("disaster"), given("apply"))
    answer = house.post(url("disaster-end", RegionPause.objects.get().pk), {"request_id": "r2"})

    assert (answer.status_code, states(complaint)) == (303, ["running"])
    assert url("disaster-end", RegionPause.objects.get().pk) not in house.get(url("disaster")).content.decode()


@pytest.mark.parametrize("step", ["preview", "apply"])
@pytest.mark.parametrize(
    "wrong", [{"until": "2031-01-01T10:00"}, {"until": "gestern"}, {"reason": ""}, {"provinces": ["广东"]}, {"provinces": []}]
)
def test_answers_that_do_not_do_are_named_and_kept(house, url, step, wrong):
    struck()
    answer = house.post(url("disaster"), given(step, **wrong))

    assert answer.status_code == 422
    assert 'class="summary"' in answer.content.decode()
    assert RegionPause.objects.count() == 0


def test_nobody_sees_or_ends_the_pause_of_another_house(desk, url, lead):
    struck()
    pause = pause_region(provinces=["福建"], reason="台风登陆", until=timezone.now() + timedelta(days=1), by=lead)
    desk.login_as(make_user("manager", teams=[], shops=[make_merchant("other")]))

    assert "台风登陆" not in desk.get(url("disaster")).content.decode()
    assert desk.post(url("disaster-end", pause.pk)).status_code == 404


def test_the_page_speaks_both_languages(house, url, lead):
    struck()
    house.post(url("disaster"), given("apply"))
    chinese = house.get(url("disaster")).content.decode()
    User.objects.filter(pk=lead.pk).update(language="en")
    english = house.get(url("disaster")).content.decode()

    assert "<h1>不可抗力</h1>" in chinese and "立即结束" in chinese and "Force majeure" not in chinese
    assert "<h1>Force majeure</h1>" in english and "End now" in english


def test_the_page_asks_no_more_for_three_pauses_than_for_one(house, url, lead):
    def asked(number: int) -> int:
        for _each in range(number):
            struck()
            house.post(url("disaster"), given("apply", request_id=str(RegionPause.objects.count())))
        with CaptureQueriesContext(connection) as asked:
            house.get(url("disaster"))
        return len(asked)

    assert asked(1) == asked(2)
