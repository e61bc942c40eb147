"""The pages of exports for research: the list, the wish, one export in each of its states, and its files."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AccessLog
from analytics.models import ResearchExport
from analytics.research.columns import NAMES
from analytics.research.exporting import ask_export, work_due
from analytics.research.forms import GRADED, floor_of
from tests.analytics.research.builders import make_arrivals, make_wish
from tests.complaints.builders import later
from tests.factories import make_merchant, make_user

pytestmark = pytest.mark.django_db
LIST, NEW = "/admin/reports/research/", "/admin/reports/research/new/"


@pytest.fixture
def shop(db):
    return make_merchant()


@pytest.fixture
def manager(shop):
    return make_user("manager", shops=[shop])


@pytest.fixture
def desk(client, manager):
    client.force_login(manager, backend="accounts.backends.StaffBackend")
    return client


def answers(**overrides) -> dict:
    usual = {"reason": "毕业论文", "first": "2026-01", "last": "2026-01", "step": "month", "k": 5, "l": 1, "columns": list(NAMES)}
    return usual | {floor_of(name): "" for name in GRADED} | overrides


def made(shop, by, **overrides) -> ResearchExport:
    export = ask_export(make_wish(**overrides), merchants=[shop], by=by, reason="毕业论文")
    while work_due():
        continue
    export.refresh_from_db()
    return export


def page_of(desk, export, **headers) -> str:
    return desk.get(reverse("admin:research-export", args=[export.pk]), headers=headers).content.decode()


def file_of(desk, export, name="rows.csv"):
    return desk.get(reverse("admin:research-file", args=[export.pk, name]))


def test_a_manager_asks_and_lands_on_the_page_of_the_export(desk, manager):
    make_arrivals(30)

    answer = desk.post(NEW, answers())

    export = ResearchExport.objects.get()
    assert (answer.status_code, answer.url) == (303, f"{LIST}{export.pk}/")
    assert (export.asked_by, export.reason, export.columns, export.floors) == (manager, "毕业论文", list(NAMES), {})


def test_the_coarsest_level_that_will_do_is_taken_along(desk):
    make_arrivals(30)

    desk.post(NEW, answers(floor_province="1"))

    assert ResearchExport.objects.get().floors == {"province": 1}


@pytest.mark.parametrize("wrong", [{"reason": ""}, {"k": 2}, {"first": "2019-01"}, {"columns": ["phone"]}, {"l": 9}, {"floor_goods": "7"}])
def test_a_wrong_answer_stands_at_its_field(desk, wrong):
    make_arrivals(30)

    answer = desk.post(NEW, answers(**wrong))

    assert (answer.status_code, ResearchExport.objects.exists()) == (422, False)
    assert "error-summary" in answer.content.decode()


def test_what_the_service_refuses_stands_on_the_form(desk, shop, manager):
    make_arrivals(30)
    ask_export(make_wish(), merchants=[shop], by=manager, reason="first")

    answer = desk.post(NEW, answers())

    assert answer.status_code == 409
    assert 'class="summary"' in answer.content.decode()


def test_without_a_closed_month_there_is_no_form(desk):
    assert "<form class=" not in desk.get(NEW).content.decode()


def test_with_several_shops_one_chooses(desk, manager, shop):
    make_arrivals(30)
    other = make_merchant("other")
    other.memberships.create(user=manager)

    desk.post(NEW, answers(shops=[other.pk]))

    assert ResearchExport.objects.get().merchant_ids == [other.pk]


def test_a_running_export_asks_for_news_and_a_finished_one_does_not(desk, shop, manager):
    make_arrivals(30)
    export = ask_export(make_wish(), merchants=[shop], by=manager, reason="thesis")

    running = page_of(desk, export)
    work_due(), work_due()
    done = page_of(desk, export)

    assert ("hx-trigger" in running, "<progress" in running, "rows.csv" in running) == (True, True, False)
    assert ("hx-trigger" in done, "<progress" in done, "rows.csv" in done) == (False, False, True)


def test_htmx_gets_the_part_that_changes(desk, shop, manager):
    export = made(shop, manager)

    assert page_of(desk, export, HX_Request="true").lstrip().startswith('<div id="research-export"')


def test_a_refusal_says_why(desk, shop, manager):
    make_arrivals(4)

    assert "2026-01" in page_of(desk, made(shop, manager)).partition("notice--error")[2]


def test_files_are_fetched_and_each_time_is_written_down(desk, shop, manager):
    make_arrivals(30)
    export = made(shop, manager)

    text = b"".join(file_of(desk, export).streaming_content).decode()

    entry = AccessLog.objects.get(act="download")
    assert (len(text.splitlines()), entry.field, entry.actor, entry.subject_id) == (31, "rows.csv", manager, export.pk)


@pytest.mark.parametrize(("seconds", "status"), [(-5, 200), (5, 409)])
def test_files_are_there_for_a_day(desk, shop, manager, seconds, status):
    make_arrivals(30)
    export = made(shop, manager)
    ResearchExport.objects.filter(pk=export.pk).update(ended_at=export.ended_at - ResearchExport.KEPT - timedelta(seconds=seconds))

    answer = file_of(desk, export)

    assert answer.status_code == status
    assert ("rows.csv" in page_of(desk, export)) == (status == 200)


def test_a_colleague_sees_the_line_and_gets_no_file(client, shop, manager):
    make_arrivals(30)
    export = made(shop, manager)
    client.force_login(make_user("manager", shops=[shop]), backend="accounts.backends.StaffBackend")

    assert f"{LIST}{export.pk}/" in client.get(LIST).content.decode()
    assert (file_of(client, export).status_code, "rows.csv" in page_of(client, export)) == (404, False)


def test_exports_of_other_shops_are_not_there(client, shop, manager):
    export = made(shop, manager)
    client.force_login(make_user("manager", shops=[make_merchant("other")]), backend="accounts.backends.StaffBackend")

    assert f"{LIST}{export.pk}/" not in client.get(LIST).content.decode()
    assert client.get(reverse("admin:research-export", args=[export.pk])).status_code == 404


@pytest.mark.parametrize("role", ["agent", "lead", "finance", "admin", "warehouse"])
def test_nobody_but_managers_comes_in(client, shop, role):
    client.force_login(make_user(role, shops=[shop]), backend="accounts.backends.StaffBackend")

    assert [client.get(LIST).status_code, client.get(NEW).status_code] == [403, 403]


def test_an_unknown_file_is_not_there(desk, shop, manager):
    assert file_of(desk, made(shop, manager), "secrets.csv").status_code == 404


def test_the_list_costs_the_same_for_one_export_and_for_three(desk, shop, manager):
    counts = []
    for number in (1, 2):
        for _each in range(number):
            made(shop, manager)
        with CaptureQueriesContext(connection) as found:
            desk.get(LIST)
        counts.append(len(found))

    assert counts[0] == counts[1]


def test_a_spoiled_cursor_leads_to_the_first_page(desk):
    assert desk.get(f"{LIST}?after=x").status_code == 303


def test_more_than_a_page_goes_on(desk, shop, manager):
    for minutes in range(21):
        with later(minutes=minutes):
            made(shop, None)

    page = desk.get(LIST).content.decode()

    assert page.count("<tr>") == 21
    assert "?after=" in page
