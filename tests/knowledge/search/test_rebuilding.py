"""The index follows its sources: folded, rebuilt, interrupted and swept, and always found."""

import threading

import pytest
from django.db import connection

from knowledge.models import FreshPosting, Posting, SearchDocument, SearchRebuild
from knowledge.search import postings, rebuilding
from knowledge.search.finding import find
from knowledge.search.indexing import index_article
from tests.knowledge.builders import make_article, make_next_version

pytestmark = pytest.mark.django_db


def found(query: str = "退款") -> set[int]:
    return {hit.subject_id for hit in find(query, language="zh", limit=50).hits}


def test_what_is_folded_is_found_as_what_is_fresh():
    articles = {make_article(title_zh=f"退款规则{number}").pk for number in range(5)}
    before = [(hit.subject_id, round(hit.score, 6)) for hit in find("退款规则", language="zh").hits]

    assert postings.fold_fresh(at_least=1) == 10
    after = [(hit.subject_id, round(hit.score, 6)) for hit in find("退款规则", language="zh").hits]

    assert found() == articles
    assert not FreshPosting.objects.exists()
    assert sorted(after) == sorted(before)


def test_few_fresh_documents_are_left_for_later():
    make_article()

    assert postings.fold_fresh() == 0


def test_a_block_that_is_full_is_followed_by_the_next(monkeypatch):
    monkeypatch.setattr(postings, "BLOCK", 2)
    articles = set()
    for _round in range(3):
        articles |= {make_article(title_zh="退款").pk, make_article(title_zh="退款").pk}
        postings.fold_fresh(at_least=1)

    assert found() == articles
    assert max(Posting.objects.values_list("block", flat=True)) >= 2
    assert max(Posting.objects.values_list("length", flat=True)) <= 2


def test_a_new_wording_replaces_the_old_one_and_sweeping_leaves_nothing_of_it():
    article = make_article(title_zh="退款旧说法", body_zh="琥珀", title_en="Old", body_en="amber")
    postings.fold_fresh(at_least=1)
    make_next_version(article, title_zh="退款新说法", body_zh="翡翠", title_en="New", body_en="jade")
    postings.fold_fresh(at_least=1)

    assert (found("琥珀"), found("翡翠")) == (set(), {article.pk})
    assert rebuilding.sweep_out_dead() == 2
    assert SearchDocument.objects.filter(is_live=False).count() == 0
    assert found("翡翠") == {article.pk}
    kept = {number for row in Posting.objects.all() for number in memoryview(bytes(row.documents)).cast("i")}
    assert kept == set(SearchDocument.objects.values_list("id", flat=True))


def test_indexing_again_what_is_unchanged_writes_nothing():
    article = make_article()
    before = list(SearchDocument.objects.order_by("id").values_list("id", flat=True))

    index_article(article)

    assert list(SearchDocument.objects.order_by("id").values_list("id", flat=True)) == before


def test_a_rebuild_goes_on_where_it_was_stopped():
    articles = {make_article(title_zh=f"退款{number}").pk for number in range(6)}
    empty_index()
    run = rebuilding.rebuild(batch=2)
    assert next(run) == (2, 6)
    run.close()

    rest = list(rebuilding.rebuild(batch=2))

    assert rest[0] == (2, 4)
    assert found() == articles
    assert SearchDocument.objects.filter(is_live=True).count() == 12


def test_a_rebuild_of_another_way_of_indexing_begins_from_the_first(monkeypatch):
    make_article()
    list(rebuilding.rebuild())
    monkeypatch.setattr(rebuilding, "ANALYSIS", "another")
    monkeypatch.setattr("knowledge.search.sources.ANALYSIS", "another")

    assert list(rebuilding.rebuild()) == [(1, 1)]
    assert SearchDocument.objects.filter(is_live=False).count() == 2
    assert set(SearchRebuild.objects.values_list("analysis", flat=True)) == {"another"}


def test_a_rebuild_takes_out_what_is_not_there_any_more():
    article = make_article(title_zh="退款")
    type(article).objects.filter(pk=article.pk).update(live=None)

    list(rebuilding.rebuild(is_new=True))

    assert found() == set()


@pytest.mark.django_db(transaction=True)
def test_people_search_while_everything_is_rebuilt(monkeypatch):
    articles = {make_article(title_zh=f"退款{number}").pk for number in range(12)}
    monkeypatch.setattr(rebuilding, "ANALYSIS", "another")
    monkeypatch.setattr("knowledge.search.sources.ANALYSIS", "another")
    seen, is_over = [], threading.Event()

    def search() -> None:
        while not is_over.is_set():
            seen.append(found())
        connection.close()

    reader = threading.Thread(target=search)
    reader.start()
    try:
        for _batch in rebuilding.rebuild(batch=1):
            pass
        postings.fold_fresh(at_least=1)
    finally:
        is_over.set()
        reader.join()

    assert seen
    assert [each for each in seen if each != articles] == []


def empty_index() -> None:
    for model in (SearchDocument, FreshPosting, Posting, SearchRebuild):
        model.objects.all().delete()
