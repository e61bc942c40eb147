"""Handling time on the desk: the beacon of a page, the section beside a complaint, and corrections of it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.models import WorkStretch
from complaints.services import correct_effort
from foundation.exceptions import NotAllowedError, RefusedError
from tests.complaints.builders import codes, fresh
from tests.complaints.effort.builders import PAGE, line, make_stretch, note_event, settle
from tests.factories import make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def complaint(agent):
    return make_complaint("open", assignee=agent)


def beacon(desk, url, *lines, page=PAGE.hex) -> int:
    return desk.post(url("effort"), {"page": page, "stretch": lines}).status_code


def worked(agent, complaint, minutes=1) -> int:
    """Handling time as it stands on the chain; returns its contact."""
    contact = complaint.contacts.order_by("pk").first().pk
    spent = {"active_ms": minutes * 60_000, "hold_ms": 0, "wrapup_ms": 0, "from": 0, "to": 60_000}
    note_event(complaint, "effort.recorded", {"agent": agent.pk, "contact": contact, **spent})
    return contact


def correct(complaint, agent, by, minutes=1, **fields):
    fields = {"contact": complaint.contacts.order_by("pk").first().pk, "reason": "在纸上核对", **fields}
    return correct_effort(complaint, agent=agent, delta=minutes * MINUTE, by=by, **fields)


def test_a_page_says_what_it_measured(desk, url, agent, complaint):
    assert beacon(desk, url, line(complaint, 20, 0), line(None, 25, 20, number=2)) == 204

    assert list(WorkStretch.objects.order_by("number").values_list("agent", "complaint")) == [(agent.pk, complaint.pk), (agent.pk, None)]


def test_the_answer_does_not_tell_whether_a_complaint_exists(desk, url, complaint):
    desk.login_as(make_user(teams=[make_team("refund")]))

    assert beacon(desk, url, line(complaint, 20, 0)) == beacon(desk, url, "1,20000,0,0,0,C261123000000000") == 204
    assert not WorkStretch.objects.exists()


def test_a_page_without_a_name_is_not_heard(desk, url, complaint):
    assert beacon(desk, url, line(complaint, 20, 0), page="x") == 204
    assert not WorkStretch.objects.exists()


def test_a_flood_of_beacons_is_let_pass_by(desk, url, complaint):
    for number in range(65):
        beacon(desk, url, line(complaint, 0.5, 0, number=number))

    assert WorkStretch.objects.count() == 60


def test_a_house_that_measures_nothing_keeps_nothing_and_loads_nothing(desk, url, complaint, settings):
    settings.BIHUAN_MEASURE_EFFORT = False

    assert beacon(desk, url, line(complaint, 20, 0)) == 204
    assert not WorkStretch.objects.exists()
    page = desk.get(url("complaint", complaint.number)).content.decode()
    assert ("data-effort" in page, "effort.js" in page, f'hx-get="{url("effort")}"' in page) == (False, False, False)
    assert "不统计处理用时" in desk.get(url("customer", complaint.number, "effort")).content.decode()


@pytest.mark.parametrize("is_measured", [True, False])
def test_the_profile_says_that_time_is_measured_where_it_is(desk, settings, is_measured):
    settings.BIHUAN_MEASURE_EFFORT = is_measured

    assert ("你的处理用时" in desk.get("/admin/profile/").content.decode()) is is_measured


@pytest.mark.parametrize("is_fragment", [True, False])
def test_a_workspace_brings_what_measures_it(desk, url, complaint, is_fragment):
    headers = {"HX-Request": "true"} if is_fragment else {}
    page = desk.get(url("complaint", complaint.number), headers=headers).content.decode()

    assert f'data-effort="{url("effort")}" data-src="/static/js/effort.js" data-complaint="{complaint.number}"' in page
    assert (f'hx-get="{url("effort")}"' in page) is not is_fragment


def test_a_whole_page_asks_for_what_measures_it_when_it_is_touched(desk, url, settings):
    assert 'data-src="/static/js/effort.js"' in desk.get(url("effort")).content.decode()
    settings.BIHUAN_MEASURE_EFFORT = False
    assert desk.get(url("effort")).status_code == 204


def test_the_list_of_conversations_is_measured_without_a_complaint(desk, url):
    page = desk.get(url("chats")).content.decode()

    assert 'id="chats" data-effort=' in page
    assert f'hx-get="{url("effort")}"' in page


def test_measured_work_shows_beside_the_complaint_and_not_in_the_thread(desk, url, agent, complaint):
    make_stretch(agent, complaint, ago=2, seconds=90)
    settle()

    assert "1.5 分" in desk.get(url("customer", complaint.number, "effort")).content.decode()
    assert "effort." not in desk.get(url("complaint", complaint.number)).content.decode().replace("effort.js", "")


def test_agents_see_their_own_time_and_leads_that_of_everybody(desk, url, agent, lead, complaint):
    colleague = make_user()
    worked(agent, complaint, 3)
    worked(colleague, complaint, 5)

    assert "合计 3.0 分" in desk.get(url("customer", complaint.number, "effort")).content.decode()
    desk.login_as(lead)
    assert "合计 8.0 分" in desk.get(url("customer", complaint.number, "effort")).content.decode()


def test_the_section_asks_as_much_for_three_people_as_for_one(desk, url, lead, complaint):
    desk.login_as(lead)

    def count(people: int) -> int:
        for _each in range(people):
            worked(make_user(), complaint)
        desk.get(url("customer", complaint.number, "effort"))
        with CaptureQueriesContext(connection) as asked:
            desk.get(url("customer", complaint.number, "effort"))
        return len(asked)

    assert count(1) == count(2)


def test_a_correction_stands_beside_what_was_measured(agent, complaint):
    contact, version = worked(agent, complaint, 3), complaint.version

    correct(complaint, agent, agent, minutes=-2.5)

    assert codes(complaint, "effort.corrected") == {"agent": agent.pk, "contact": contact, "delta_ms": -150_000, "author": agent.pk}
    event = complaint.events.get(kind="effort.corrected")
    assert (event.payload, event.actor_id) == ({"reason": "在纸上核对"}, agent.pk)
    assert fresh(complaint).version == version


def test_time_that_no_page_measured_is_added(agent, complaint):
    correct(complaint, agent, agent, minutes=15)

    assert codes(complaint, "effort.corrected")["delta_ms"] == 900_000


def test_the_same_correction_twice_is_one(agent, complaint):
    for _each in range(2):
        correct(complaint, agent, agent, request_id="r1")

    assert complaint.events.filter(kind="effort.corrected").count() == 1


def test_agents_correct_their_own_time_and_leads_that_of_their_teams(agent, lead, complaint):
    colleague = make_user()
    worked(colleague, complaint)

    correct(complaint, colleague, lead)
    with pytest.raises(NotAllowedError) as refused:
        correct(complaint, colleague, agent)

    assert [reason.code for reason in refused.value.reasons] == ["not_own"]


def test_who_does_not_see_a_complaint_corrects_nothing_on_it(complaint):
    outsider = make_user("lead", teams=[make_team("refund")])

    with pytest.raises(NotAllowedError):
        correct(complaint, outsider, outsider)


@pytest.mark.parametrize(
    ("minutes", "fields", "code"),
    [
        (-1.1, {}, "below_zero"),
        (24 * 60, {}, "beyond_a_day"),
        (0, {}, "no_change"),
        (1, {"reason": " "}, "no_reason"),
        (1, {"contact": 999_999_999}, "no_such_time"),
    ],
)
def test_a_correction_is_refused_where_it_makes_no_sense(agent, complaint, minutes, fields, code):
    worked(agent, complaint, 1)

    with pytest.raises(RefusedError) as refused:
        correct(complaint, agent, agent, minutes=minutes, **fields)

    assert [reason.code for reason in refused.value.reasons] == [code]


def test_a_correction_to_exactly_nothing_or_a_day_is_taken(agent, complaint):
    worked(agent, complaint, 1)

    correct(complaint, agent, agent, minutes=-1)
    correct(complaint, agent, agent, minutes=24 * 60)

    assert complaint.events.filter(kind="effort.corrected").count() == 2


def test_the_form_corrects_and_comes_back_to_the_complaint(desk, url, agent, complaint):
    contact = worked(agent, complaint, 3)
    form = {"figure": f"{agent.pk}-{contact}", "minutes": "-1.5", "reason": "离开了座位", "expected_version": complaint.version}

    answer = desk.post(url("act", complaint.number, "effort"), {**form, "request_id": "r1"})

    assert (answer.status_code, codes(complaint, "effort.corrected")["delta_ms"]) == (303, -90_000)
    section = desk.get(url("customer", complaint.number, "effort")).content.decode()
    assert "合计 1.5 分" in section
    assert "−1.5 分" in section
    assert "离开了座位" in section


def test_the_form_offers_agents_themselves_and_leads_the_assignee_too(desk, url, agent, lead, complaint):
    def offered() -> set[str]:
        page = desk.get(url("act", complaint.number, "effort")).content.decode()
        return {user.name for user in (agent, lead) if f'<option value="{user.pk}-' in page}

    assert offered() == {agent.name}
    desk.login_as(lead)
    assert offered() == {agent.name, lead.name}


def test_an_impossible_correction_says_why_in_the_form(desk, url, agent, complaint):
    contact = worked(agent, complaint)
    form = {"figure": f"{agent.pk}-{contact}", "minutes": "-9", "reason": "看错了", "expected_version": complaint.version}

    answer = desk.post(url("act", complaint.number, "effort"), {**form, "request_id": "r1"})

    assert (answer.status_code, "减去的不能超过" in answer.content.decode()) == (409, True)
