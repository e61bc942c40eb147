"""I9 for articles: the chain of each is whole, and what readers see is in force."""

import pytest
from django.db import connection

from config.article_invariants import article_faults
from knowledge import services
from knowledge.models import Article
from tests.knowledge.article_cast import make_draft, make_published

pytestmark = pytest.mark.django_db


def alter(sql: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_articles_that_went_through_the_services_are_whole():
    make_draft()
    services.mark_outdated(make_published(), by=None, reason="旧了")

    assert article_faults() == []


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("UPDATE knowledge_articleevent SET kind = 'article.set' WHERE article_id = %s AND seq = 2", "entry 2 is altered"),
        ('UPDATE knowledge_articleevent SET payload = \'{"reason": "x"}\' WHERE article_id = %s AND seq = 5', "entry 5 is payload"),
        ("DELETE FROM knowledge_articleevent WHERE article_id = %s AND seq = 5", "entry 5 is missing"),
        ("DELETE FROM knowledge_articleevent WHERE article_id = %s", "entry 1 is missing"),
    ],
)
def test_a_chain_that_was_touched_is_named(sql, fault):
    make_draft()
    article = services.mark_outdated(make_published(code="touched"), by=None, reason="旧了")
    make_draft()

    alter(sql, article.pk)

    assert article_faults() == [f"article touched: {fault}"]


def test_a_version_that_readers_should_not_see_is_named():
    article = make_published(code="early")
    draft = services.start_draft(article, by=None)

    Article.objects.filter(pk=article.pk).update(live=draft)

    assert [fault for fault in article_faults() if "in force" in fault] == ["article early: readers see a version that is not in force"]
