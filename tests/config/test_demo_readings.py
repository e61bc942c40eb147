"""What is read in the help centre of the demo shop."""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from analytics.metrics.asking import ask
from analytics.metrics.questions import Span
from analytics.metrics.registry import metric
from knowledge.models import Article, ReadingSession
from tests.analytics.builders import fill

pytestmark = pytest.mark.django_db
QUIET = {"verbosity": 0, "stdout": io.StringIO(), "stderr": io.StringIO()}


@pytest.fixture
def now():
    now = timezone.now()
    call_command("load_demo", orders=30, complaints=20, now=now.isoformat(), **QUIET)
    return now


def test_what_is_over_is_settled_and_nothing_happens_in_the_future(now):
    settled = ReadingSession.objects.filter(pos__isnull=False)

    assert ReadingSession.objects.count() == 80
    assert (
        settled.filter(began_at__lt=now - timedelta(hours=49)).count()
        == ReadingSession.objects.filter(began_at__lt=now - timedelta(hours=49)).count()
    )
    assert not ReadingSession.objects.filter(last_at__gt=now).exists() and not ReadingSession.objects.filter(complained_at__gt=now).exists()


def test_what_was_read_is_there_to_be_read(now):
    read = set(ReadingSession.objects.values_list("article_code", flat=True))

    assert len(read) > 3
    assert read <= set(Article.objects.filter(audience="public").values_list("code", flat=True))


def test_the_help_centre_is_often_enough_but_not_always(now):
    fill()
    day = timezone.localdate()

    found = ask(metric("selfserve"), Span(day - timedelta(400), day))

    assert 0 < found.num < found.beside["helped"].value < found.den
    assert found.beside["came_back"].value > 0
