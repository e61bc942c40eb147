"""The pages of figures: who sees what, and every mark is as large as its list and as its file."""

import csv
import random
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from analytics.access import Sight
from analytics.desk import agents, kept
from analytics.desk.boards import BOARDS
from analytics.desk.charts import ByDimension, Crossed, OverTime
from analytics.desk.choice import Choice, span_of
from analytics.desk.page import draw_figure
from analytics.desk.words import unit_of
from analytics.metrics.versions import note_versions
from analytics.models import Cycle, MetricVersion
from complaints.models import Complaint
from complaints.services import post_reply, resolve_complaint
from orders.models import Merchant
from tests.analytics.builders import fill, make_past
from tests.factories import make_merchant, make_team, make_user
from ui.charts.figures import Bars, Pareto
from ui.charts.trend import runs
from ui.charts.units import COUNT, PERCENT

pytestmark = pytest.mark.django_db


@pytest.fixture
def past():
    return make_past(random.Random(3), days=8, complaints=14)


def count_at(client, url: str) -> int:
    """How many rows the list behind a mark has, and that its file has as many."""
    answer = client.get(url)
    rows = answer.context["number"]
    if answer.context["may_export"]:
        file = client.post(url.replace("/list/?", "/list.csv?"), {"reason": "月度复盘"})
        lines = list(csv.reader(b"".join(file.streaming_content).decode("utf-8-sig").splitlines()))
        assert next(place for place, line in enumerate(lines) if not any(line)) - 1 == rows  # the notes follow an empty line
    return rows


def counted_charts():
    for board in BOARDS.values():
        for chart in board.charts:
            if isinstance(chart, OverTime | ByDimension | Crossed) and unit_of(chart.metrics[0]) is COUNT:
                yield chart


@pytest.mark.parametrize("role", ["manager", "lead", "agent"])
def test_every_mark_is_as_large_as_its_list_and_as_its_file(role, past, client):
    user = make_user(role, shops=Merchant.objects.all()) if role == "manager" else make_user(role)
    client.force_login(user)
    choice = Choice(Sight(user), span_of("28d", past.last), "28d")

    marks = [mark for chart in counted_charts() for mark in draw_figure(chart, choice).marks() if mark.url]

    assert [mark.value for mark in marks] == [count_at(client, mark.url) for mark in marks]
    assert marks or role == "agent"


# Marks that lead nowhere, by board and chart, each with the reason; there is none.
WITHOUT_LIST: dict[tuple[str, str], str] = {}


def resolve_some(past):
    for complaint in Complaint.objects.filter(pk__in=past.complaints, status="open")[:4]:
        post_reply(complaint, body="已收到", by=complaint.assignee, expected_version=None)
        liable = {"resolution": "已补发", "reason_code": "lost", "liability": {"carrier": 60, "shop": 40}}
        resolve_complaint(complaint, **liable, by=complaint.assignee, expected_version=None)
    fill()


def test_every_mark_of_every_chart_ends_in_its_list(past, client):
    resolve_some(past)
    user = make_user("manager", shops=Merchant.objects.all())
    client.force_login(user)
    choice = Choice(Sight(user), span_of("28d", past.last), "28d")

    with override("en"):
        drawn = [(board.key, chart, draw_figure(chart, choice)) for board in BOARDS.values() for chart in board.charts]
    marks = [(board, chart, mark) for board, chart, figure in drawn for mark in figure.marks() if mark.value]

    assert [(board, chart.key) for board, chart, mark in marks if not mark.url and (board, chart.key) not in WITHOUT_LIST] == []
    by_url = {mark.url: counted_in(mark, chart) for _board, chart, mark in marks}
    assert {url: listed_at(client, url) for url in by_url} == pytest.approx(by_url)
    assert {type(chart) for _board, chart, _mark in marks} == {type(chart) for _board, chart, _figure in drawn}


def counted_in(mark, chart) -> float:
    """How much a mark stands for: its value, where it counts or adds up, else how many it is made of."""
    is_summed = any(part.sum and f"part={part.flag}&" in mark.url for part in chart.metrics[0].parts)
    if is_summed or not mark.note:
        return mark.value
    return float(re.search(r"(?:n =|of) ([\d,]+)", mark.note)[1].replace(",", ""))


def listed_at(client, url: str) -> float:
    context = client.get(url).context
    return context["total"].value if context["total"] else context["number"]


def test_a_share_of_liability_is_a_list_of_shares(past, client):
    client.force_login(make_user("manager", shops=Merchant.objects.all()))
    resolve_some(past)
    resolved = Cycle.objects.filter(last=1)

    context = client.get(reverse("admin:reports-list", args=["pareto_liability"]), {"part": "by_carrier"}).context

    assert context["total"].value == pytest.approx(sum(each.by_carrier for each in resolved) / 100)
    assert {row.value for row in context["rows"]} == {PERCENT.write(each.by_carrier / 100) for each in resolved}


def test_rows_of_charts_begin_with_a_capital_letter(past):
    resolve_some(past)
    choice = Choice(Sight(make_user("manager", shops=Merchant.objects.all())), span_of("28d", past.last), "28d")

    with override("en"):
        charts = [draw_figure(chart, choice) for board in BOARDS.values() for chart in board.charts]
    labels = {row.label for figure in charts if isinstance(figure, Bars | Pareto) for row in figure.rows}

    assert [label for label in labels if label[:1].islower()] == []
    assert {"Carrier", "Shop"} <= labels


def test_a_curve_is_not_joined_where_the_definition_changed(past, client):
    user = make_user("manager", shops=Merchant.objects.all())
    choice = Choice(Sight(user), span_of("28d", past.last), "28d")
    chart = next(each for each in BOARDS["overview"].charts if each.key == "flow")
    note_versions()
    unchanged = draw_figure(chart, choice).changes

    MetricVersion.objects.update(since=past.last - timedelta(100))
    MetricVersion.objects.create(metric="inflow", version=2, digest="2" * 64, since=past.last - timedelta(5))
    figure = draw_figure(chart, choice)

    assert (unchanged, [each.slot for each in figure.changes]) == ((), [22])
    assert all(not (run[0] < 22 <= run[-1]) for series in figure.series for run in runs(figure, series))
    client.force_login(user)
    pages = [client.get(reverse(name, args=args)).content.decode() for name, args in PAGES_OF_INFLOW]
    assert all(text in page for page, text in zip(pages, ("口径变更", "inflow@2"), strict=True))


PAGES_OF_INFLOW = (("admin:reports-board", ["overview"]), ("admin:reports-metric", ["inflow"]))


def test_every_board_opens(past, client):
    client.force_login(make_user("manager", shops=Merchant.objects.all()))

    assert {key: client.get(reverse("admin:reports-board", args=[key])).status_code for key in BOARDS} == dict.fromkeys(BOARDS, 200)


def test_a_lead_counts_the_own_teams_only(past, client):
    lead = make_user("lead", teams=[make_team("elsewhere")])

    client.force_login(lead)

    assert client.get(reverse("admin:reports-list", args=["vol_new"])).context["number"] == 0


def test_a_manager_counts_the_own_shops_only(past, client):
    client.force_login(make_user("manager", shops=[make_merchant("foreign")]))

    assert client.get(reverse("admin:reports-list", args=["vol_new"])).context["number"] == 0


def test_finance_sees_money_and_nothing_else(past, client):
    client.force_login(make_user("finance"))

    answers = [client.get(reverse("admin:reports-metric", args=[each])).status_code for each in ("refund_cost", "frt")]

    assert [*answers, client.get(reverse("admin:reports-backlog")).status_code] == [200, 404, 404]


def test_a_board_costs_as_many_queries_for_many_complaints_as_for_few(client, django_assert_max_num_queries):
    make_past(random.Random(1), days=3, complaints=1)
    client.force_login(make_user("manager", shops=Merchant.objects.all()))
    client.get(reverse("admin:reports"))

    with django_assert_max_num_queries(60) as few:
        client.get(reverse("admin:reports"))
    make_past(random.Random(2), days=3, complaints=6)
    with django_assert_max_num_queries(len(few)):
        client.get(reverse("admin:reports"))


def test_people_are_told_page_by_page_with_the_same_figures(past, client, monkeypatch):
    client.force_login(make_user("manager", shops=Merchant.objects.all()))
    url = reverse("admin:reports-board", args=["agents"])
    whole = lines_of(client, url)
    monkeypatch.setattr(agents, "MOST", 2)
    kept.forget()

    pages = [lines_of(client, f"{url}?people={number}") for number in (1, 2)]

    assert [len(page) for page in pages] == [2, len(whole) - 2]
    assert sum(pages, []) == whole


def lines_of(client, url: str) -> list[str]:
    body = client.get(url).content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r"<tr>(.*?)</tr>", body)
