"""Reading sessions: whom the page's script counts, what the same browser says, and that nobody is found by them after two days."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from knowledge.help.sessions import COOKIE, note_complaint, note_reading, settle_readings
from knowledge.models import ReadingSession
from tests.knowledge.builders import make_article

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def clock():
    with time_machine.travel("2026-03-02T10:00:00+08:00", tick=False) as clock:
        yield clock


@pytest.fixture
def articles(clock):
    return make_article("one", category_code="refund.slow"), make_article("two")


def session() -> ReadingSession:
    return ReadingSession.objects.get()


def complain(reader) -> None:
    request = RequestFactory().post("/")
    request.COOKIES = {name: each.value for name, each in reader.cookies.items()}
    note_complaint(request)


def test_the_count_of_a_reading_begins_a_session(articles, reader):
    reader.post("/en/help/one/read/")

    told = session()
    assert (told.article_code, told.category_code, told.language, told.helped_at) == ("one", "refund.slow", "en", None)
    assert told.began_at == told.last_at == timezone.now()


def test_the_cookie_ends_with_the_browser_and_scripts_cannot_read_it(articles, reader):
    cookie = reader.post("/help/one/read/").cookies[COOKIE]

    assert (cookie["max-age"], cookie["expires"], cookie["httponly"], cookie["samesite"]) == ("", "", True, "Lax")


def test_further_readings_of_a_browser_are_one_session(articles, reader, clock):
    reader.post("/help/one/read/")
    clock.shift(3600)
    answer = reader.post("/help/two/read/")

    assert COOKIE not in answer.cookies
    assert (session().article_code, session().last_at - session().began_at) == ("one", timedelta(hours=1))


def test_two_browsers_are_two_sessions(articles, reader, client):
    for each in (reader, client):
        each.post("/help/one/read/")

    assert ReadingSession.objects.count() == 2


def test_after_a_day_a_session_begins_anew(articles, reader, clock):
    reader.post("/help/one/read/")
    clock.shift(86_400)
    reader.post("/help/one/read/")

    assert ReadingSession.objects.count() == 2


def test_what_helped_takes_the_place_of_what_was_read_first(articles, reader, clock):
    reader.post("/help/two/read/")
    clock.shift(60)
    reader.post("/help/one/vote/", {"helpful": "yes"})
    clock.shift(60)
    reader.post("/help/two/solved/")

    assert (session().article_code, session().category_code) == ("one", "refund.slow")
    assert session().helped_at == session().began_at + timedelta(minutes=1)


def test_solved_helps_as_well(articles, reader):
    reader.post("/help/one/read/")
    reader.post("/help/one/solved/")

    assert session().helped_at == timezone.now()


def test_whoever_thinks_again_was_not_helped(articles, reader):
    reader.post("/help/one/read/")
    reader.post("/help/one/vote/", {"helpful": "yes"})
    reader.post("/help/two/vote/", {"helpful": "no"})
    assert session().helped_at

    reader.post("/help/one/vote/", {"helpful": "no"})
    assert session().helped_at is None


def test_who_runs_no_scripts_has_no_session(articles, reader):
    reader.get("/help/one/")
    answer = reader.post("/help/one/vote/", {"helpful": "yes"})

    assert not ReadingSession.objects.exists()
    assert COOKIE not in answer.cookies


def test_a_vote_that_is_faster_than_the_count_begins_the_session(articles, reader):
    reader.post("/help/one/vote/", {"helpful": "yes"}, headers=SCRIPT)
    reader.post("/help/one/read/")

    assert session().helped_at == timezone.now()


def test_readings_beyond_the_limit_begin_no_session(articles, reader, monkeypatch):
    monkeypatch.setattr("knowledge.help.article.READINGS_PER_NETWORK", 0)

    reader.post("/help/one/read/")

    assert not ReadingSession.objects.exists()


@pytest.mark.parametrize(("helped_after", "complained_after", "is_told"), [(0, 23.9, True), (0, 24.1, False), (20, 43.9, True)])
def test_a_complaint_counts_within_a_day_of_what_helped(helped_after, complained_after, is_told, articles, reader, clock):
    reader.post("/help/one/read/")
    clock.shift(helped_after * 3600)
    reader.post("/help/one/vote/", {"helpful": "yes"})
    clock.shift((complained_after - helped_after) * 3600)

    complain(reader)

    assert (session().complained_at is not None) == is_told


def test_a_complaint_of_somebody_who_was_not_helped_counts_from_the_last_reading(articles, reader, clock):
    reader.post("/help/one/read/")
    clock.shift(20 * 3600)
    reader.post("/help/two/read/")
    clock.shift(23 * 3600)

    complain(reader)

    assert session().complained_at == timezone.now()


def test_a_complaint_on_the_next_day_is_told_of_both_sessions(articles, reader, clock):
    reader.post("/help/one/read/")
    clock.shift(23 * 3600)
    reader.post("/help/one/vote/", {"helpful": "yes"})
    clock.shift(2 * 3600)
    reader.post("/help/two/read/")

    complain(reader)

    assert ReadingSession.objects.filter(complained_at=timezone.now()).count() == 2


def test_a_complaint_of_another_browser_is_nobodys(articles, reader, client):
    reader.post("/help/one/read/")
    client.post("/help/one/read/")
    complain(client)

    assert ReadingSession.objects.filter(complained_at=None).count() == 1


def test_a_complaint_asks_nothing_without_the_cookie(reader, django_assert_num_queries):
    with django_assert_num_queries(0):
        complain(reader)


def test_with_the_cookie_a_complaint_is_one_statement(articles, reader, django_assert_num_queries):
    reader.post("/help/one/read/")

    with django_assert_num_queries(1):
        complain(reader)


@pytest.mark.parametrize("sessions", [1, 3])
def test_a_further_reading_is_one_statement_however_many_sessions_there_are(sessions, articles, reader, django_assert_num_queries):
    request, response = RequestFactory().post("/"), HttpResponse()
    for _number in range(sessions):
        note_reading(request, response, articles[0])
    request.COOKIES = {COOKIE: response.cookies[COOKIE].value}

    with django_assert_num_queries(1):
        note_reading(request, HttpResponse(), articles[0])


def test_a_session_is_settled_when_no_complaint_can_belong_to_it(articles, reader, clock):
    reader.post("/help/one/read/")
    clock.shift(48 * 3600)
    assert settle_readings() == 0
    clock.shift(1)

    assert (settle_readings(), settle_readings()) == (1, 0)
    assert (session().digest, session().pos) == ("", 1)


def test_a_settled_session_is_found_by_no_word(articles, reader, clock):
    reader.post("/help/one/read/")
    clock.shift(49 * 3600)
    settle_readings()

    reader.post("/help/one/vote/", {"helpful": "yes"}), complain(reader)

    assert (session().helped_at, session().complained_at) == (None, None)


def test_sessions_are_settled_in_the_order_in_which_they_began(articles, clock):
    requests = RequestFactory().post("/")
    for _number in range(3):
        note_reading(requests, HttpResponse(), articles[0])
        clock.shift(60)
    clock.shift(49 * 3600)

    while settle_readings(limit=2):
        continue

    assert list(ReadingSession.objects.order_by("began_at").values_list("pos", flat=True)) == [1, 2, 3]


def test_the_word_of_a_browser_is_not_stored(articles, reader):
    word = reader.post("/help/one/read/").cookies[COOKIE].value

    with connection.cursor() as cursor:
        cursor.execute("SELECT knowledge_readingsession::text FROM knowledge_readingsession")
        assert word not in cursor.fetchone()[0]


@pytest.mark.parametrize("row", [{"digest": "x", "pos": 1}, {"digest": "", "pos": None}])
def test_what_is_in_the_feed_belongs_to_nobody_and_the_other_way_round(row, clock):
    with pytest.raises(IntegrityError), transaction.atomic():
        ReadingSession.objects.create(began_at=timezone.now(), last_at=timezone.now(), language="en", article_code="one", **row)
