"""What pages of the help centre read does not grow with the number of articles."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.help import reading
from knowledge.models import Article
from tests.knowledge.builders import make_article, make_category

pytestmark = pytest.mark.django_db
MANY = """
    WITH articles AS (
        INSERT INTO knowledge_article (head_seq, head_hash, code, kind, audience, category_code, category_id)
        SELECT 0, '', 'many-' || n, 'guide', 'public', '', %(category)s FROM generate_series(1, 3000) n RETURNING id
    )
    INSERT INTO knowledge_articleversion (article_id, number, status, title_zh, title_en, body_zh, body_en, change_note, review_note,
        revision, published_at, effective_from)
    SELECT id, 1, 'published', '退款', 'Refund', '退款。', 'Refund.', '', '', 1, at, at
    FROM articles, (VALUES (now() - interval '1 day')) v (at)
"""
GO_LIVE = "UPDATE knowledge_article a SET live_id = v.id FROM knowledge_articleversion v WHERE v.article_id = a.id AND live_id IS NULL"


@pytest.fixture
def many():
    """An article, and three thousand others of its category."""
    article = make_article("one")
    with connection.cursor() as cursor:
        cursor.execute(MANY, {"category": article.category_id})
        cursor.execute(GO_LIVE)
        cursor.execute("ANALYZE knowledge_article, knowledge_articleversion")
    return Article.objects.get(pk=article.pk)


def rows_read(act) -> int:
    """How many rows of tables the statements of something look at."""
    with CaptureQueriesContext(connection) as asked:
        act()
    with connection.cursor() as cursor:
        return sum(_rows_of(cursor, each["sql"]) for each in asked.captured_queries)


def _rows_of(cursor, sql: str) -> int:
    cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
    found = cursor.fetchone()[0]
    nodes = [(json.loads(found) if isinstance(found, str) else found)[0]["Plan"]]
    for node in nodes:
        nodes.extend(node.get("Plans", []))
    return sum(round(node["Actual Loops"] * node["Actual Rows"]) for node in nodes if "Relation Name" in node)


def test_related_articles_do_not_read_the_whole_category(many):
    many.related.add(make_article("named", category=make_category("other")))

    assert [each.code for each in reading.related_to(many, 2)] == ["named", "many-3000"]
    assert rows_read(lambda: reading.related_to(many)) < 100


def test_topics_are_counted_once_a_minute(many, django_assert_num_queries):
    reading.categories_with_counts()

    with django_assert_num_queries(1):
        assert [each.count for each in reading.categories_with_counts()] == [3001]


def test_what_is_read_most_is_counted_once_a_minute(many):
    reading.most_read(8)

    assert rows_read(lambda: reading.most_read(8)) < 100
