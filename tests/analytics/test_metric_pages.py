"""The page of a definition and the lists of its parts: every one opens, however it is broken down."""

import random

import pytest
from django.urls import reverse

from analytics.desk.metric_page import dimension_choices
from analytics.metrics.registry import all_metrics
from orders.models import Merchant
from tests.analytics.builders import make_past
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    make_past(random.Random(5), days=6, complaints=10)
    client.force_login(make_user("manager", shops=Merchant.objects.all()))
    return client


def test_every_definition_has_a_page_for_every_way_to_break_it_down(manager):
    asked = [(one.id, name) for one in all_metrics() for name, _title in dimension_choices(one)]

    wrong = [pair for pair in asked if manager.get(reverse("admin:reports-metric", args=[pair[0]]), {"by": pair[1]}).status_code != 200]
    assert wrong == []
    assert len({one for one, _name in asked}) == len(all_metrics())


def test_every_part_of_a_definition_has_a_list(manager):
    asked = [(one.id, part.flag) for one in all_metrics() for part in one.parts]

    wrong = [pair for pair in asked if manager.get(reverse("admin:reports-list", args=[pair[0]]), {"part": pair[1]}).status_code != 200]
    assert wrong == []
    assert len(asked) > len(all_metrics())


@pytest.mark.parametrize(("metric_id", "goes_on"), [("frt", True), ("vol_new", False), ("frt_biz", False)])
def test_a_file_says_which_waits_go_on_where_it_shows_waits(manager, metric_id, goes_on):
    file = manager.post(reverse("admin:reports-list-file", args=[metric_id, "csv"]), {"reason": "月度复盘"})

    head = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()[0]
    assert ("仍在继续" in head.split(",")) == goes_on
