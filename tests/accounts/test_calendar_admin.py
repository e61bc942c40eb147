"""Publishing calendars and public days from the stock admin: new versions, faults at their lines, a preview that changes nothing."""

import re
from datetime import date

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Calendar, CalendarVersion, PublicDay
from accounts.services import load_calendars
from tests.factories import make_calendar, make_user

pytestmark = pytest.mark.django_db
HEAD = "from,to,kind,name_zh,name_en,notice,year\n"
NEXT_YEAR = HEAD + "2027-01-01,2027-01-03,holiday,元旦,New Year's Day,国办发明电〔2026〕0号,2027\n"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@pytest.fixture
def manager(client):
    user = make_user("manager")
    client.force_login(user)
    return user


def url_of(calendar: Calendar) -> str:
    return reverse("admin:accounts_calendar_change", args=[calendar.pk])


def written(**more) -> dict:
    """The form of the plain calendar of the tests, with changes."""
    names = {"name_zh": "客服时间", "name_en": "Service hours", "zone": "Asia/Shanghai", "special_days": "", "reason": "", "seen": "1"}
    return names | dict.fromkeys(DAYS, "09:00-21:00") | more


def errors_of(answer) -> str:
    return str(answer.context["adminform"].form.errors)


def test_a_change_is_a_new_version_and_the_old_one_stays(client, manager):
    calendar = make_calendar()

    answer = client.post(
        url_of(calendar), written(sunday="", saturday="20:00-02:00", special_days="2026-11-11 00:00-24:00 双十一", reason="周日休息")
    )

    assert answer["Location"] == url_of(calendar)
    first, second = calendar.versions.order_by("version")
    assert first.week == [[[540, 1260]]] * 7
    assert second.week == [[[540, 1260]]] * 5 + [[[1200, 1560]], []]
    assert (second.days, second.reason, second.published_by) == ({"2026-11-11": [[0, 1440]]}, "周日休息", manager)
    assert [(day.date, day.windows, day.reason) for day in calendar.days.all()] == [(date(2026, 11, 11), [[0, 1440]], "双十一")]


def test_the_page_begins_with_the_newest_version(client, manager):
    calendar = make_calendar()
    client.post(url_of(calendar), written(sunday="", follows_public_days="on", special_days="2026-11-11 休息 双十一"))

    form = client.get(url_of(calendar)).context["adminform"].form

    assert [form[name].value() for name in ("monday", "sunday", "follows_public_days", "seen")] == ["09:00-21:00", "", True, 2]
    assert form["special_days"].value() == "2026-11-11 休息 双十一"


def test_a_preview_shows_what_was_written_and_publishes_nothing(client, manager):
    calendar = make_calendar()

    answer = client.post(f"{url_of(calendar)}?month=2026-11", written(special_days="2026-11-11 10:00-11:30 双十一", _preview="1"))

    days = {day.date: day for month in answer.context["months"] for week in month.weeks for day in week if day}
    assert (days[date(2026, 11, 11)].hours, days[date(2026, 11, 11)].name) == (["10:00-11:30"], "双十一")
    assert min(days) == date(2026, 11, 1) and max(days) == date(2027, 1, 31)
    assert "双十一" in answer.content.decode()
    assert CalendarVersion.objects.count() == 1 and not calendar.days.exists()


def test_a_new_calendar_gets_its_first_version(client, manager):
    client.post(reverse("admin:accounts_calendar_add"), written(code="night", follows_public_days="on", seen=""))

    version = CalendarVersion.objects.get()
    assert (version.calendar.code, version.version, version.follows_public_days) == ("night", 1, True)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"monday": "nine to five"}, "monday"),
        ({"special_days": "\n2026-11-11 休息 双十一\n2026-11-12 later x"}, "第 3 行"),
        ({"special_days": "2026-11-11 休息 a\n2026-11-11 休息 b"}, "第 2 行"),
        ({"zone": "Mars/Base"}, "Mars/Base"),
        (dict.fromkeys(DAYS, ""), "至少要有一天"),
        ({"seen": "0"}, "期间有人发布"),
        ({}, "没有任何改动"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_typed_is_lost(client, manager, change, place):
    calendar = make_calendar()

    answer = client.post(url_of(calendar), written(**change))

    assert place in errors_of(answer)
    for name, text in change.items():
        assert answer.context["adminform"].form[name].value() == text
    assert CalendarVersion.objects.count() == 1


def test_another_name_is_no_new_version(client, manager):
    calendar = make_calendar()

    client.post(url_of(calendar), written(name_zh="白天", code="stolen"))

    calendar.refresh_from_db()
    assert (calendar.name_zh, calendar.code, calendar.versions.count()) == ("白天", "service", 1)


@pytest.mark.parametrize("month", ["", "2026-13", "0000-01", "9999-12", "x", "2026-11-01"])
def test_any_month_can_be_asked_for(client, manager, month):
    assert client.get(url_of(make_calendar()), {"month": month}).status_code == 200


def test_months_are_turned_and_coloured_by_what_the_clocks_know(client, manager):
    load_calendars()

    page = client.get(url_of(Calendar.objects.get(code="office")), {"month": "2026-12"}).content.decode()

    assert 'href="?month=2026-11#months"' in page and 'href="?month=2027-01#months"' in page
    assert page.count("month__day--unknown") == 31 + 28
    assert "2026-12-31" in page


def test_agents_look_at_calendars_and_change_nothing(client):
    calendar = make_calendar()
    client.force_login(make_user("agent"))

    page = client.get(url_of(calendar))

    assert "09:00-21:00" in page.content.decode() and "monday" not in page.content.decode()
    assert client.post(url_of(calendar), written(sunday="")).status_code == 403
    assert client.get(reverse("admin:accounts_calendar_add")).status_code == 403
    assert client.get(reverse("admin:accounts_publicday_changelist")).status_code == 403
    assert CalendarVersion.objects.count() == 1


@pytest.mark.parametrize("calendars", [1, 3])
def test_the_list_asks_the_same_for_one_calendar_as_for_three(client, manager, django_assert_num_queries, calendars):
    for number in range(calendars):
        make_calendar(f"c{number}")
    client.get(reverse("admin:accounts_calendar_changelist"))

    with django_assert_num_queries(4):
        page = client.get(reverse("admin:accounts_calendar_changelist")).content.decode()

    assert page.count("Asia/Shanghai") == calendars


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_brings_in_the_next_year(client, manager, encoding):
    load_calendars()
    upload = SimpleUploadedFile("days.csv", NEXT_YEAR.encode(encoding))

    answer = client.post(reverse("admin:accounts_publicday_add"), {"file": upload, "text": "", "reason": "2027"}, follow=True)

    assert list(PublicDay.objects.filter(year=2027).values_list("name_zh", flat=True)) == ["元旦"] * 3
    newest = CalendarVersion.objects.get(calendar__code="office", version=2)
    assert (newest.covered_until, newest.reason, newest.published_by) == (date(2027, 12, 31), "2027", manager)
    assert "办公时间 v2" in answer.content.decode()


def test_text_is_taken_where_there_is_no_file(client, manager):
    client.post(reverse("admin:accounts_publicday_add"), {"text": NEXT_YEAR})

    assert PublicDay.objects.count() == 3


def test_the_text_begins_with_the_newest_year(client, manager):
    load_calendars()

    text = client.get(reverse("admin:accounts_publicday_add")).context["adminform"].form["text"].value()

    assert "2026-02-15,2026-02-23,holiday,春节" in text and "2025" not in re.sub("〔2025〕", "", text)


def test_a_preview_of_days_keeps_the_file_as_text_and_changes_nothing(client, manager):
    load_calendars()
    upload = SimpleUploadedFile("days.csv", NEXT_YEAR.encode())

    answer = client.post(reverse("admin:accounts_publicday_add"), {"file": upload, "text": "", "_preview": "1"})

    assert answer.context["adminform"].form["text"].value() == NEXT_YEAR
    assert (len(answer.context["added"]), len(answer.context["removed"])) == (3, 0)
    assert "将新增 3 天" in answer.content.decode()
    assert not PublicDay.objects.filter(year=2027).exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEAD.encode() + b"2027-01-01,,party,a,b,c,2027\n", "第 2 行"),
        (b"\xff\xfe\x00", "不是文本"),
        (b"a" * 200_001, "200 kB"),
        (b"a,b\n1,2\n", "第 1 行"),
        (b"", "空文件"),
    ],
)
def test_a_file_that_cannot_be_taken_is_explained(client, manager, content, said):
    answer = client.post(reverse("admin:accounts_publicday_add"), {"file": SimpleUploadedFile("days.csv", content), "text": ""})

    assert said in errors_of(answer)
    assert not PublicDay.objects.exists()


def test_the_configuration_warns_while_the_next_year_is_missing(client, manager):
    load_calendars()

    with time_machine.travel("2026-11-22 12:00:00+08:00", tick=False):
        soon = client.get(reverse("admin:configuration")).content.decode()
        client.post(reverse("admin:accounts_publicday_add"), {"text": NEXT_YEAR})
        calm = client.get(reverse("admin:configuration")).content.decode()

    assert soon.count("还剩 39 天") == 2 and reverse("admin:accounts_publicday_add") in soon
    assert "还剩" not in calm


def test_shifts_are_planned_and_taken_out_by_the_lead_of_the_team(client):
    agent, lead = make_user("agent", name="小林"), make_user("lead")
    outsider = make_user("agent", teams=[])
    client.force_login(lead)
    times = {"starts_at_0": "2026-11-23", "starts_at_1": "09:00", "ends_at_0": "2026-11-23", "ends_at_1": "18:00", "capacity": "80"}
    add = reverse("admin:accounts_shift_add")

    client.post(add, times | {"user": agent.pk})
    twice = client.post(add, times | {"user": agent.pk})
    foreign = client.post(add, times | {"user": outsider.pk})

    shift = agent.shifts.get()
    assert (shift.capacity, shift.is_leave) == (80, False)
    assert "已有安排" in errors_of(twice)
    assert "user" in foreign.context["adminform"].form.errors
    listed = reverse("admin:accounts_shift_changelist")
    client.post(listed, {"action": "take_out", "_selected_action": [shift.pk]})
    assert not agent.shifts.exists()


def test_agents_have_no_list_of_shifts(client):
    client.force_login(make_user("agent"))

    assert client.get(reverse("admin:accounts_shift_changelist")).status_code == 403
