"""Who indexes does not stand in the way of others: nobody deadlocks over words, and what points to a row is written meanwhile."""

import threading
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, transaction

from knowledge.models import Article, ArticleDay, LexiconWord, SearchDocument
from knowledge.search import lexicon, rebuilding
from knowledge.search.finding import find
from tests.knowledge.builders import make_article, make_version

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def beside(work):
    """Run ``work`` in a thread with a connection of its own; what it raises is raised here."""
    raised = []

    def run():
        try:
            work()
        except OperationalError as error:
            raised.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    assert raised == []


def document_with(word: str) -> SearchDocument:
    return SearchDocument(shelf=0, subject_id=1, language="zh", title=word, words=[word])


def test_two_who_index_in_several_steps_never_wait_for_each_other():
    first, second = [document_with("退款")], [document_with("到账")]
    for each in (first, second):
        lexicon.recount(learned=each, forgotten=[])
    has_begun = threading.Event()

    @transaction.atomic
    def other():
        lexicon.recount(learned=second, forgotten=[])
        has_begun.set()
        lexicon.recount(learned=first, forgotten=[])

    with beside(other), transaction.atomic():
        lexicon.recount(learned=first, forgotten=[])
        has_begun.wait(0.5)
        lexicon.recount(learned=second, forgotten=[])

    assert list(LexiconWord.objects.values_list("times", flat=True)) == [3, 3]


def test_a_wording_with_the_same_words_counts_nothing_anew(django_assert_num_queries):
    old, new = document_with("退款"), document_with("退款")

    with django_assert_num_queries(0):
        lexicon.recount(learned=[new], forgotten=[old])


def test_a_reading_is_counted_while_the_articles_are_indexed():
    article = make_article()

    def count():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '200ms'")
            ArticleDay.objects.create(article=article, on="2026-11-23", views=1)

    with transaction.atomic():
        (subjects, _replies) = rebuilding.SUBJECTS
        subjects.lock([article.pk])
        with beside(count):
            pass

    assert ArticleDay.objects.get().views == 1


def test_texts_are_read_before_anything_is_locked(monkeypatch):
    make_article()
    SearchDocument.objects.update(digest=b"")
    in_transaction, read = [], rebuilding.impacts_of

    def watched(source):
        in_transaction.append(connection.in_atomic_block)
        return read(source)

    monkeypatch.setattr(rebuilding, "impacts_of", watched)
    rebuilding.index_marked()

    assert in_transaction == [False, False]


def test_what_is_published_while_texts_are_read_is_read_again(monkeypatch):
    article = make_article(title_zh="退款旧说法")
    SearchDocument.objects.update(digest=b"")
    lock = rebuilding.Subjects.lock

    def lock_late(subjects, ids):
        Article.objects.update(live=make_version(article, title_zh="翡翠新说法"))
        lock(subjects, ids)

    monkeypatch.setattr(rebuilding.Subjects, "lock", lock_late)
    rebuilding.index_marked()

    assert [hit.subject_id for hit in find("翡翠", language="zh").hits] == [article.pk]
    assert find("旧说", language="zh").hits == []
