"""The list as a file: the same rows as on the screen, masked, harmless in a spreadsheet, and written down."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessLog
from complaints.models import Complaint
from complaints.services import add_tag, exporting
from tests.factories import make_category, make_complaint, make_merchant, make_order, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db):
    return make_user("manager", shops=[make_merchant()])


def rows_of(answer) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def export(desk, url, query="view=team", **answers):
    return desk.post(f"{url('export')}?{query}", answers)


def test_a_lead_takes_the_list_that_the_screen_shows(desk, url, lead):
    desk.login_as(lead)
    urgent = make_complaint(priority=3)
    make_complaint(priority=1)
    make_complaint(category=make_category("service.attitude", team=make_team("quality")), priority=3)

    _mark, head, *lines = rows_of(export(desk, url, "view=team&priority=3"))

    assert [line[0] for line in lines] == [urgent.number]
    assert len(head) == len(lines[0])


def test_the_page_says_how_many_before(desk, url, lead):
    desk.login_as(lead)
    make_complaint(), make_complaint()

    page = desk.get(f"{url('export')}?view=team").content.decode()

    assert "<dd>2</dd>" in page and not AccessLog.objects.exists()


def test_personal_fields_are_masked(desk, url, lead):
    desk.login_as(lead)
    make_complaint(subject="请打 13812345678", contact_name="欧阳小满", contact_phone="13800001234", contact_email="xiaoman@mail.example")

    text = "".join(",".join(row) for row in rows_of(export(desk, url)))

    assert not [secret for secret in ("13812345678", "欧阳小满", "13800001234", "xiaoman@") if secret in text]
    assert "138****1234" in text


@pytest.mark.parametrize("opening", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_no_cell_runs_in_a_spreadsheet(desk, url, lead, opening):
    desk.login_as(lead)
    complaint = make_complaint(subject=f"{opening} 发票")
    add_tag(complaint, name="=cmd", by=lead)

    line = rows_of(export(desk, url, reason="=2+2"))[2]

    assert line[1].startswith("'") and line[-1] == "'=cmd"


def test_the_reason_is_no_formula_either(desk, url, lead):
    desk.login_as(lead)
    make_complaint()

    assert "'=2+2" in rows_of(export(desk, url, reason="=2+2"))[0]


def test_the_file_names_who_took_it_and_the_log_says_the_same(desk, url, lead):
    desk.login_as(lead)
    make_complaint()

    mark = rows_of(export(desk, url, reason="周会"))[0]

    entry = AccessLog.objects.get()
    assert (entry.act, entry.actor, entry.reason, entry.field) == ("export", lead, "周会", "1 rows")
    assert {lead.name, "周会", f"#{entry.pk}"} <= set(mark)


def test_a_manager_says_what_it_is_for(desk, url, manager):
    desk.login_as(manager)
    make_complaint(order=make_order())

    refused, given = export(desk, url), export(desk, url, reason="月报")

    assert (refused.status_code, given.status_code) == (422, 200)
    assert AccessLog.objects.count() == 1


def test_a_lead_takes_no_more_than_the_limit_and_a_manager_does(desk, url, lead, manager, monkeypatch):
    monkeypatch.setattr(exporting, "MOST_ROWS", 1)
    make_complaint(order=make_order()), make_complaint(order=make_order())

    desk.login_as(lead)
    refused = export(desk, url)
    desk.login_as(manager)
    given = export(desk, url, reason="月报")

    assert (refused.status_code, given.status_code) == (409, 200)
    assert len(rows_of(given)) == 4


def test_agents_take_nothing(desk, url):
    assert desk.get(url("export")).status_code == export(desk, url).status_code == 403


def test_the_queries_do_not_grow_with_the_rows(desk, url, lead):
    desk.login_as(lead)
    export(desk, url)
    counts = []
    for _more in range(2):
        for _each in range(2):
            add_tag(make_complaint(order=make_order()), name="易碎", by=lead)
        with CaptureQueriesContext(connection) as asked:
            rows_of(export(desk, url))
        counts.append(len(asked))

    assert counts[0] == counts[1]
    assert Complaint.objects.count() == 4


def test_the_button_stands_where_it_may_be_used(desk, url, lead):
    assert url("export") not in desk.get(url("queue")).content.decode()
    desk.login_as(lead)
    assert url("export") in desk.get(url("queue")).content.decode()
