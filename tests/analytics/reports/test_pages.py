"""The pages of saved reports: keeping, sharing, changing, deleting and bringing back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.models import SavedReport
from analytics.reports.access import reports_for
from tests.analytics.reports.builders import make_due, make_report
from tests.factories import make_merchant, make_team, make_user

pytestmark = pytest.mark.django_db
LIST, NEW = "/admin/reports/saved/", "/admin/reports/saved/new/"


@pytest.fixture
def manager(db):
    return make_user("manager", shops=[make_merchant()])


@pytest.fixture
def desk(client, manager):
    client.force_login(manager, backend="accounts.backends.StaffBackend")
    return client


def answers(**overrides) -> dict:
    usual = {"name": "早会", "shared": "nobody", "rhythm": "never", "weekday": 0, "month_day": 1, "hour": 8}
    return usual | overrides


def test_a_page_is_kept_with_what_is_chosen_on_it(desk, manager):
    answer = desk.post(f"{NEW}?board=quality&period=7d&channel=phone&nonsense=1", answers())

    report = SavedReport.objects.get()
    assert (answer.status_code, report.owner, report.board, report.query) == (303, manager, "quality", "period=7d&channel=phone")


def test_a_schedule_is_kept_with_its_recipients(desk, manager):
    desk.post(f"{NEW}?metric=frt", answers(rhythm="weekly", weekday=4, hour=9, recipients=[manager.pk]))

    report = SavedReport.objects.get()
    assert (timezone.localtime(report.due_at).weekday(), timezone.localtime(report.due_at).hour) == (4, 9)
    assert [each.user for each in report.recipients.all()] == [manager]


@pytest.mark.parametrize("wrong", [{"name": " "}, {"rhythm": "daily"}, {"shared": "team"}, {"shared": "role"}, {"month_day": 40}])
def test_a_wrong_answer_is_said_and_nothing_is_kept(wrong, desk):
    answer = desk.post(f"{NEW}?board=overview", answers(**wrong))

    assert (answer.status_code, SavedReport.objects.count()) == (422, 0)


def test_nobody_is_sent_figures_by_a_lead_of_other_teams(client):
    client.force_login(make_user("lead", teams=[make_team("mine")]), backend="accounts.backends.StaffBackend")
    stranger = make_user("agent", teams=[make_team("theirs")])

    answer = client.post(f"{NEW}?board=overview", answers(rhythm="daily", recipients=[stranger.pk]))

    assert (answer.status_code, SavedReport.objects.count()) == (422, 0)


@pytest.mark.parametrize("address", [NEW, f"{NEW}?board=nothing", f"{NEW}?metric=nothing", f"{NEW}?board=overview&metric=frt"])
def test_there_is_nothing_to_keep_without_one_page(address, desk):
    assert desk.get(address).status_code == 404


def test_a_report_is_found_by_those_it_is_shared_with(manager):
    team = make_team("shared")
    by_team, by_role = make_report(manager, shared="team", team=team), make_report(manager, shared="role", role="lead")
    make_report(manager)
    in_team, lead = make_user("agent", teams=[team]), make_user("lead", teams=[])

    assert (list(reports_for(in_team)), list(reports_for(lead))) == ([by_team], [by_role])


def test_a_shared_report_shows_neither_recipients_nor_ways_to_change_it(client, manager):
    report = make_due(manager, manager, shared="role", role="lead")
    client.force_login(make_user("lead"), backend="accounts.backends.StaffBackend")

    page = client.get(LIST).content.decode()

    assert "早会" in page and f"/saved/{report.pk}/" not in page
    assert client.post(f"{LIST}{report.pk}/delete/").status_code == 404


def test_what_is_deleted_can_be_brought_back(desk, manager):
    report = make_due(manager, manager)

    gone = desk.get(desk.post(f"{LIST}{report.pk}/delete/").headers["Location"])
    assert not gone.context["lines"] and gone.context["removed"] == report

    desk.post(f"{LIST}{report.pk}/restore/")
    back = desk.get(LIST)
    assert [line.report for line in back.context["lines"]] == [report]
    assert SavedReport.objects.get().due_at is not None


def test_a_pause_ends_with_going_on(desk, manager):
    report = make_due(manager, manager)

    desk.post(f"{LIST}{report.pk}/pause/")
    assert SavedReport.objects.get().due_at is None

    desk.post(f"{LIST}{report.pk}/resume/")
    assert SavedReport.objects.get().due_at is not None


def test_the_list_costs_as_many_queries_for_three_as_for_one(desk, manager):
    make_due(manager, manager)
    desk.get(LIST)
    with CaptureQueriesContext(connection) as one:
        desk.get(LIST)
    make_due(manager, manager, name="二")
    make_due(manager, manager, name="三")

    with CaptureQueriesContext(connection) as three:
        desk.get(LIST)

    assert len(three) == len(one)
