"""Boards that are shown again as they were drawn: to whoever sees the same, and never longer than nothing has changed."""

import random

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from analytics.desk import kept
from analytics.metrics.computing import answer_next
from analytics.models import Remark
from orders.models import Merchant
from tests.analytics.builders import fill, make_past
from tests.factories import make_complaint, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def past():
    return make_past(random.Random(3), days=8, complaints=14)


@pytest.fixture
def board(client, past):
    """What a manager of every shop sees on the first board."""
    client.force_login(make_user("manager", shops=Merchant.objects.all()))

    def look(**asked) -> str:
        return client.get(reverse("admin:reports"), asked, headers={"HX-Request": "true"}).content.decode()

    return look


def test_a_board_is_drawn_once(board, django_assert_max_num_queries):
    first = board()

    with django_assert_max_num_queries(12):
        again = board()

    assert again == first


def test_nothing_new_is_missed_after_a_few_seconds(board, monkeypatch):
    monkeypatch.setattr(kept, "AT_ONCE_SECONDS", 0)
    first = board()
    make_complaint()
    fill()

    assert number_of("vol-total", board()) == number_of("vol-total", first) + 1


def test_an_unchanged_board_is_drawn_anew_after_a_minute(board, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(kept, "AT_MOST_SECONDS", 0)
    board()

    with pytest.raises(pytest.fail.Exception), django_assert_max_num_queries(12):
        board()


def test_a_remark_is_there_at_once(board):
    board()
    Remark.objects.create(day=timezone.localdate(), text="停电一小时", by=make_user("manager"))

    assert "停电一小时" in board()


def test_who_sees_less_is_not_shown_what_others_see(board, client):
    seen = board()
    client.force_login(make_user("agent"))

    assert number_of("vol-total", board()) == 0 < number_of("vol-total", seen)


def test_each_reads_it_in_their_language(board, client):
    assert "All complaints" not in board()
    User.objects.update(language="en")

    assert "All complaints" in board()


def test_what_waits_for_a_worker_is_not_kept(board, settings):
    settings.BIHUAN_MOST_FACTS = 1
    assert "正在计算" in board(language="zh-hans")
    while answer_next():
        continue

    assert "正在计算" not in board(language="zh-hans")


def number_of(key: str, page: str) -> int:
    """What a tile says."""
    return int(page.partition(f'id="{key}-name"')[2].partition("<strong>")[2].partition("</strong>")[0])
