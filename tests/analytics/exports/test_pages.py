"""The pages of lists that are made into files: asking, waiting, fetching, and what others get of it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AccessLog
from analytics.exports.making import make_next
from analytics.models import ListExport
from orders.models import Merchant
from tests.analytics.exports.builders import REASON, file_of, lines_in, rows_of, take, take_made
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small")]
LIST = "/admin/reports/files/"


def post(desk, extension="csv", query="part=arrived&period=28d"):
    return desk.post(f"/admin/reports/metric/vol_new/list.{extension}?{query}", {"reason": REASON})


def page_of(desk, export, **headers) -> str:
    return desk.get(reverse("admin:reports-export", args=[export.key]), headers=headers).content.decode()


def fetch(desk, export):
    return desk.get(reverse("admin:reports-export-file", args=[export.key]))


def test_who_takes_a_long_list_lands_on_the_page_of_its_file(desk, manager):
    answer = post(desk)

    export = ListExport.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{LIST}{export.key}/")
    assert (export.asked_by, export.metric, export.part, export.extension, export.reason, export.row_count) == (
        manager, "vol_new", "arrived", "csv", REASON, 10,
    )  # fmt: skip


def test_a_short_list_is_sent_at_once(desk, past):
    answer = post(desk, query=f"part=arrived&from={past.first - timedelta(days=9)}&to={past.first - timedelta(days=8)}")

    assert (answer.status_code, answer.streaming, ListExport.objects.exists()) == (200, True, False)


def test_the_page_asks_for_news_until_the_file_is_there(desk, manager):
    export = take(manager)

    before = page_of(desk, export)
    make_next()
    after = page_of(desk, export)

    assert ("hx-trigger" in before, "<progress" in before, "/file/" in before) == (True, True, False)
    assert ("hx-trigger" in after, "<progress" in after, "/file/" in after) == (False, False, True)


def test_htmx_gets_the_part_that_changes(desk, manager):
    assert page_of(desk, take(manager), HX_Request="true").lstrip().startswith('<div id="list-export"')


@pytest.mark.parametrize(("extension", "kind"), [("csv", "text/csv; charset=utf-8"), ("xlsx", "spreadsheetml.sheet")])
def test_whoever_asked_fetches_the_file_and_that_is_written_down(desk, manager, extension, kind):
    export = take_made(manager, extension=extension)

    answer = fetch(desk, export)

    content, entry = b"".join(answer.streaming_content), AccessLog.objects.get(act="download")
    assert (len(content), answer.headers["Content-Type"].endswith(kind)) == (export.byte_count, True)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{export.name}.{extension}"'
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert (entry.actor, entry.subject_id, entry.reason) == (manager, export.pk, REASON)


def test_the_file_has_as_many_rows_as_the_list_says(desk, manager):
    export = take_made(manager)
    number = desk.get(f"/admin/reports/metric/vol_new/list/?{export.query}&part=arrived").context["number"]

    assert len(rows_of(lines_in(b"".join(fetch(desk, export).streaming_content)))) == number


def test_nobody_else_gets_anything_of_it(client, manager):
    export = take_made(manager)
    client.force_login(make_user("manager", shops=Merchant.objects.all()), backend="accounts.backends.StaffBackend")

    answers = [client.get(reverse(f"admin:{name}", args=[export.key])).status_code for name in ("reports-export", "reports-export-file")]

    assert answers == [404, 404]
    assert str(export.key) not in client.get(LIST).content.decode()


@pytest.mark.parametrize(("seconds", "status"), [(-5, 200), (5, 409)])
def test_a_file_is_there_for_a_day(desk, manager, seconds, status):
    export = take_made(manager)
    ListExport.objects.update(ended_at=export.ended_at - ListExport.KEPT - timedelta(seconds=seconds))

    answer = fetch(desk, export)
    b"".join(answer)  # read to its end, a file is closed

    assert answer.status_code == status
    assert ("/file/" in page_of(desk, export)) == (status == 200)


def test_what_is_not_made_yet_is_no_file(desk, manager):
    assert fetch(desk, take(manager)).status_code == 404


def test_a_refusal_says_why(desk, manager):
    export = take(manager)
    ListExport.objects.update(state="refused", why="crashed")

    assert str(ListExport.Why.CRASHED.label) in page_of(desk, export)


def test_an_export_of_a_figure_that_is_no_more_is_still_listed(desk, manager):
    export = take_made(manager)
    ListExport.objects.update(metric="no_more")

    assert (page_of(desk, export).count("no_more") > 0, fetch(desk, export).status_code) == (True, 409)


def test_in_english_nothing_is_left_in_chinese(desk, manager):
    manager.language = "en"
    manager.save()
    export = take_made(manager)

    page = page_of(desk, export)

    assert ("It can be fetched until" in page, "What was asked for" in page) == (True, True)
    assert file_of(export)[0][:2] == ["Number", "Day"]


def test_the_list_costs_as_much_for_three_as_for_one(desk, manager):
    counts = []
    for more in (1, 2):
        for number in range(more):
            take_made(manager, reason=f"{REASON} {more} {number}")
        desk.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            page = desk.get(LIST).content.decode()
        counts.append(len(asked))

    assert (counts[0], page.count("<tr>")) == (counts[1], 4)


def test_the_list_behind_a_mark_leads_to_the_files(desk):
    assert LIST in desk.get("/admin/reports/metric/vol_new/list/?period=28d").content.decode()
