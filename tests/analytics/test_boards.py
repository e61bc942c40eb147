"""The pages of figures: who sees what, and every mark is as large as its list and as its file."""

import csv
import random

import pytest
from django.urls import reverse

from analytics.access import Sight
from analytics.desk.boards import BOARDS
from analytics.desk.charts import ByDimension, Crossed, OverTime
from analytics.desk.choice import Choice, span_of
from analytics.desk.page import draw_figure
from analytics.desk.words import unit_of
from orders.models import Merchant
from tests.analytics.builders import make_past
from tests.factories import make_merchant, make_team, make_user
from ui.charts.units import COUNT

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
