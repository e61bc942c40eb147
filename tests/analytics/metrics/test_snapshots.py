"""Questions that are too large to wait for: a worker answers them once, and no page waits."""

import random
import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from analytics.metrics import computing
from analytics.metrics.asking import Asked, ask_all
from analytics.metrics.coding import key_of, question_as_json, question_from_json, tallies_as_json, tallies_from_json
from analytics.metrics.computing import answer_next, forget_snapshots
from analytics.metrics.keeping import GOOD_FOR
from analytics.metrics.questions import Filters, Question, Span
from analytics.metrics.registry import all_metrics, metric
from analytics.metrics.sources import read_tallies
from analytics.metrics.tasks import sweep_snapshots
from analytics.models import Snapshot
from foundation import failpoints
from orders.models import Merchant
from tests.analytics.builders import make_past
from tests.factories import make_merchant, make_user

pytestmark = pytest.mark.django_db
State = Snapshot.State
# In no grain together, and true of everything, so that the answer is known.
EVERYTHING = Filters.of({"language": ["zh-hans", "en", ""]})
LINK = re.compile(r'<a class="button" href="([^"]+)">([^<]+)</a>')


@pytest.fixture
def past(db):
    return make_past(random.Random(5), days=8, complaints=10)


@pytest.fixture
def small(settings):
    """A house in which one fact is already too many to add up while somebody waits."""
    settings.BIHUAN_MOST_FACTS = 0


@pytest.fixture
def manager(client, past):
    make_merchant()
    client.force_login(make_user("manager", shops=Merchant.objects.all()))
    return client


def span_of(past) -> Span:
    return Span(past.first, past.last)


def large(past, name="vol_new", split=()) -> Asked:
    return Asked(metric(name), (span_of(past),), EVERYTHING, split)


def look(*asked, as_of):
    return ask_all(asked, as_of=as_of)


def test_the_answer_of_the_worker_is_that_of_brute_force(past, settings):
    known = [one for one in all_metrics() if {"language", "channel"} <= {*one.family.dimensions}]
    wanted = [Asked(one, (span_of(past),), EVERYTHING, split) for one in known for split in ((), ("channel",))]
    expected = ask_all(wanted, as_of=past.now)
    settings.BIHUAN_MOST_FACTS = 0

    with time_machine.travel(past.now, tick=False):
        assert all(each.is_missing for each, right in zip(ask_all(wanted), expected, strict=True) if right and right.whole.n)
        while answer_next():
            continue

        assert ask_all(wanted) == expected


def test_a_question_and_its_tallies_come_back_from_json(past):
    question = Question(metric("frt").family, (span_of(past), span_of(past).before()), EVERYTHING, ("channel",))
    tallies = read_tallies(question, metric("frt").needs, as_of=past.now)

    assert question_from_json(question_as_json(question)) == question
    assert tallies_from_json(tallies_as_json(tallies), question) == tallies


def test_a_small_question_leaves_no_trace(past):
    assert not look(large(past), as_of=past.now)[0].is_missing
    assert not Snapshot.objects.exists()


def test_who_asks_first_gets_no_answer_and_the_question_is_written_down_once(past, small):
    for _time in range(2):
        answer = look(large(past), as_of=past.now)[0]
        assert (answer.is_missing, answer.counted.is_awaited) == (True, True)

    assert Snapshot.objects.get().state == State.WAITING


def test_another_scope_is_another_question(past, small):
    narrow = Asked(metric("vol_new"), (span_of(past),), EVERYTHING & Filters.of({"team": [1]}))

    assert key_of(large(past).question) != key_of(narrow.question)
    look(large(past), as_of=past.now)
    answer_next()
    assert look(narrow, as_of=timezone.now())[0].is_missing


def test_an_answer_holds_for_what_it_was_asked_for_only(past, small):
    """More of the same facts is computed with the rest, and serves both."""
    look(large(past, "vol_new"), as_of=past.now)
    answer_next()

    assert look(large(past, "reply_rate"), as_of=timezone.now())[0].is_missing
    answer_next()

    apart = [look(large(past, name), as_of=timezone.now())[0] for name in ("vol_new", "reply_rate")]
    assert not any(each.is_missing for each in apart)
    assert Snapshot.objects.count() == 1


def test_a_crash_before_the_answer_is_written_repeats_the_work(past, small, monkeypatch):
    look(large(past), as_of=past.now)
    monkeypatch.setitem(failpoints.ARMED, "snapshots.before_finish", "raise:OSError")
    with pytest.raises(OSError):
        answer_next()
    monkeypatch.delitem(failpoints.ARMED, "snapshots.before_finish")

    assert answer_next() == 0  # still leased to whoever died
    Snapshot.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    assert answer_next() == 1
    assert Snapshot.objects.get().state == State.DONE


def test_a_question_that_kills_its_worker_five_times_is_given_up(past, small):
    look(large(past), as_of=past.now)
    Snapshot.objects.update(attempts=5)

    assert answer_next() == 0
    assert (Snapshot.objects.get().state, Snapshot.objects.get().error) == (State.FAILED, "crashed")


def test_one_is_answered_at_a_time(past, small):
    look(large(past), large(past, split=("channel",)), as_of=past.now)
    first = Snapshot.objects.order_by("pk").first()
    Snapshot.objects.filter(pk=first.pk).update(claimed_by="another:1", next_at=timezone.now() + timedelta(minutes=5))

    assert answer_next() == 0


def test_what_cannot_be_computed_is_told_and_tried_again_later(past, small):
    look(large(past), as_of=past.now)
    row = Snapshot.objects.get()
    Snapshot.objects.update(question={**row.question, "split": ["nonsense"]})

    answer_next()

    assert (Snapshot.objects.get().state, Snapshot.objects.get().error) == (State.FAILED, "ValueError")
    found = look(large(past), as_of=timezone.now())[0].counted
    assert (found.has_failed, found.is_awaited) == (True, False)
    with time_machine.travel(timezone.now() + GOOD_FOR + timedelta(seconds=1)):
        assert look(large(past), as_of=timezone.now())[0].counted.is_awaited


def test_an_old_answer_is_shown_with_its_time_while_a_new_one_is_computed(past, small):
    look(large(past), as_of=past.now)
    answer_next()
    watermark = Snapshot.objects.get().watermark

    later = watermark + GOOD_FOR + timedelta(seconds=1)
    with time_machine.travel(later):
        answer = look(large(past), as_of=later)[0]
        assert (answer.is_missing, answer.counted.at, answer.counted.is_awaited) == (False, watermark, True)
        assert answer_next() == 1
        assert look(large(past), as_of=later)[0].counted.is_awaited is False
    assert Snapshot.objects.get().watermark >= later


def test_a_young_answer_is_not_computed_again(past, small):
    look(large(past), as_of=past.now)
    answer_next()

    assert look(large(past), as_of=timezone.now())[0].counted.is_awaited is False
    assert answer_next() == 0


def test_what_nobody_asked_for_in_a_week_is_forgotten(past, small):
    look(large(past), large(past, split=("channel",)), as_of=past.now)
    Snapshot.objects.filter(question__split=[]).update(asked_at=timezone.now() - timedelta(days=8))

    assert forget_snapshots(before=timezone.now() - timedelta(days=7)) == 1
    assert Snapshot.objects.get().question["split"] == ["channel"]


def test_the_longest_unasked_of_too_many_are_forgotten(past, small, monkeypatch):
    look(large(past), large(past, split=("channel",)), as_of=past.now)
    Snapshot.objects.filter(question__split=[]).update(asked_at=timezone.now() - timedelta(days=1))
    monkeypatch.setattr(computing, "MOST_KEPT", 1)

    assert forget_snapshots(before=timezone.now() - timedelta(days=7)) == 1
    assert Snapshot.objects.get().question["split"] == ["channel"]


def test_the_sweep_answers_where_no_worker_listens(past, small):
    look(large(past), as_of=past.now)
    Snapshot.objects.update(next_at=timezone.now() - timedelta(minutes=1))

    assert sweep_snapshots() == 1
    assert Snapshot.objects.get().state == State.DONE


@pytest.mark.parametrize("rows", [1, 3])
def test_large_questions_are_looked_up_together(rows, past, small, django_assert_num_queries):
    asked = [large(past, split=split) for split in ((), ("channel",), ("team",))[:rows]]
    look(*asked, as_of=past.now)
    while answer_next():
        continue

    with django_assert_num_queries(1 + rows + rows + 1):  # stale nodes; how many facts there are, for each; all answers together
        look(*asked, as_of=timezone.now())


WIDE = "period=28d&language=zh-hans&language=en&channel=phone&channel=web"


@pytest.mark.parametrize("name", ["overview", "channels", "agents", "regions"])
def test_a_board_shows_what_it_has_and_asks_again(name, manager, small):
    answer = manager.get(reverse("admin:reports-board", args=[name]) + f"?{WIDE}")
    assert answer.status_code == 200
    assert 'hx-trigger="every 3s"' in answer.content.decode()
    assert Snapshot.objects.exists()

    while answer_next():
        continue
    again = manager.get(reverse("admin:reports-board", args=[name]) + f"?{WIDE}", headers={"hx-request": "true"})
    assert "hx-trigger" not in again.content.decode()
    assert not any(each.is_missing for each in again.context["page"].answers)
    assert "截至" in again.content.decode()


def test_the_page_of_a_figure_appears_bit_by_bit(manager, small):
    address = reverse("admin:reports-metric", args=["frt"]) + f"?{WIDE}"

    first = manager.get(address)
    assert (first.status_code, 'hx-trigger="every 3s"' in first.content.decode()) == (200, True)
    while answer_next():
        continue

    assert "hx-trigger" not in manager.get(address, headers={"hx-request": "true"}).content.decode()


def test_the_file_of_a_chart_comes_from_the_kept_answer(manager, small):
    address = reverse("admin:reports-chart-file", args=["overview", "response", "csv"]) + f"?{WIDE}"
    assert manager.get(address).status_code == 202
    while answer_next():
        continue

    assert manager.get(address).status_code == 200


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", ["最后 7 天", "不按“渠道”筛选"]), ("en", ["The last 7 days", "Without: Channel"])]
)
def test_a_file_that_cannot_be_counted_says_what_to_ask_for_instead(manager, small, language, words):
    User.objects.update(language=language)
    address = reverse("admin:reports-chart-file", args=["overview", "response", "csv"]) + f"?{WIDE}"
    manager.get(address)
    Snapshot.objects.update(state=State.FAILED, done_at=timezone.now())

    answer = manager.get(address)

    assert answer.status_code == 422
    links = dict(LINK.findall(unescape(answer.content.decode())))
    asked = [QueryDict(next(url for url, word in links.items() if word == each).partition("?")[2]) for each in words]
    assert [(each.getlist("language"), each.getlist("channel"), each.get("period", "")) for each in asked] == [
        (["en", "zh-hans"], ["phone", "web"], ""),
        (["en", "zh-hans"], [], "28d"),
    ]
    assert all(url.startswith(reverse("admin:reports-board", args=["overview"])) for url, word in links.items() if word in words)
