"""The pages of imported logs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.imports import import_log, load_mapping
from analytics.models import ImportedLog
from tests.accounts.builders import make_person
from tests.analytics.builders import fill
from tests.analytics.imports.builders import FIXTURES, write_csv
from tests.factories import make_merchant, make_user

pytestmark = pytest.mark.django_db
LIST = "/admin/reports/imported/"


@pytest.fixture
def manager(client):
    client.force_login(make_person("manager"))
    return client


def import_desk(name="desk.xes", mapping="generic", **options):
    return import_log(FIXTURES / name, mapping=load_mapping(mapping), **options).log


def test_the_list_says_so_when_nothing_was_imported(manager):
    assert "import_event_log" in manager.get(LIST).content.decode()


@pytest.mark.parametrize(("language", "words"), [("en", "90th percentile, nearest rank"), ("zh-hans", "第 90 百分位（最近秩）")])
def test_a_log_shows_its_statistics_its_unmapped_activities_and_its_findings(client, language, words):
    person = make_person("manager")
    person.language = language
    person.save(update_fields=["language"])
    client.force_login(person)
    log = import_desk()

    page = client.get(f"{LIST}{log.pk}/").content.decode()

    assert words in page
    assert "4,500.000" in page
    assert page.count("Strange thing") == 2
    assert '<span class="table__number">45</span>' in page
    assert "Anna" not in page


def test_a_list_of_logs_costs_the_same_at_any_length(manager, tmp_path):
    def count():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            manager.get(LIST)
        return len(queries)

    import_desk()
    manager.get(LIST)
    one = count()
    import_desk("desk.csv")
    import_desk("desk.csv", "help-desk")

    assert (count(), ImportedLog.objects.count()) == (one, 3)


def test_the_findings_of_a_log_cost_the_same_at_any_number(manager, tmp_path):
    head = ["Case ID,Activity,Complete Timestamp", "1,a,2026-03-02 09:00"]
    logs = [
        import_log(write_csv(tmp_path / f"{number}.csv", *head, *["1,a,never"] * number), mapping=load_mapping("generic")).log
        for number in (1, 3)
    ]
    manager.get(f"{LIST}{logs[0].pk}/")

    counts = []
    for log in logs:
        with CaptureQueriesContext(connection) as queries:
            manager.get(f"{LIST}{log.pk}/")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def new_cases(client, log) -> int:
    days = "from=2026-03-01&to=2026-03-31"
    return client.get(f"/admin/reports/metric/vol_new/list/?source={log.pk}&{days}").context["number"]


def test_whoever_manages_one_shop_sees_the_boards_of_a_log_whole_and_why(client):
    make_merchant()
    client.force_login(make_user("manager", shops=[make_merchant()]))
    log = import_desk("desk.csv", "help-desk")
    fill()

    board = client.get(f"/admin/reports/?source={log.pk}&from=2026-03-01&to=2026-03-31").content.decode()

    assert new_cases(client, log) == log.statistics["cases"]
    assert "日志不属于任何店铺" in board


def test_whoever_may_not_open_logs_sees_the_house_instead(client):
    client.force_login(make_user("lead"))
    log = import_desk("desk.csv", "help-desk")
    fill()

    assert new_cases(client, log) == 0


def test_deleting_asks_first(manager):
    log = import_desk()

    assert manager.get(f"{LIST}{log.pk}/delete/").status_code == 200
    assert ImportedLog.objects.get().state == "done"

    assert manager.post(f"{LIST}{log.pk}/delete/").status_code == 303
    assert ImportedLog.objects.get().state == "leaving"
    assert manager.get(f"{LIST}{log.pk}/").status_code == 404


@pytest.mark.parametrize("role", ["agent", "lead", "warehouse", "finance", "admin"])
def test_logs_are_closed_to_other_roles(client, role):
    client.force_login(make_person(role))
    log = import_desk()

    answers = [client.get(LIST), client.get(f"{LIST}{log.pk}/"), client.post(f"{LIST}{log.pk}/delete/")]
    assert [each.status_code for each in answers] == [403, 403, 403]


@pytest.mark.parametrize("cursor", ["nonsense", "W10="])
def test_a_cursor_that_nobody_made_leads_to_the_first_page(manager, cursor):
    log = import_desk()

    assert [manager.get(f"{path}?after={cursor}").status_code for path in (LIST, f"{LIST}{log.pk}/")] == [303, 303]
