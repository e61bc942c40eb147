"""What a search finds and costs where there is more than it reads."""

import pytest

from knowledge.models import SearchDocument
from knowledge.search import postings, ranking
from knowledge.search.finding import find
from tests.knowledge.builders import make_article, make_next_version

pytestmark = pytest.mark.django_db


def found(query: str, **options) -> list[int]:
    return [hit.subject_id for hit in find(query, language="zh", **options).hits]


def ranked(query: str) -> list[int]:
    return ranking.rank(ranking.weights_of(query), shelves=(0,)).documents.tolist()


@pytest.mark.parametrize("is_folded", [False, True])
def test_wordings_that_were_replaced_push_nothing_out(is_folded):
    often = make_article(title_zh="退款到账", body_zh="", title_en="", body_en="")
    other = make_article(title_zh="退款到账的时间和方式，写得长一些", body_zh="三天。", title_en="", body_en="")
    for number in range(30):
        make_next_version(often, title_zh="退款到账", body_zh=str(number), title_en="", body_en="")
        if is_folded:
            postings.fold_fresh(at_least=1)

    assert found("退款到账", limit=3) == [often.pk, other.pk]


def test_a_wording_that_was_replaced_is_not_folded():
    article = make_article(title_zh="退款到账", body_zh="", title_en="", body_en="")
    make_next_version(article, title_zh="退款时间", body_zh="", title_en="", body_en="")

    assert postings.fold_fresh(at_least=1) == 2
    assert ranked("到账") == []


def test_common_characters_are_left_to_their_pairs_where_not_everything_can_be_read(monkeypatch):
    for number in range(30):
        make_article(title_zh=f"退款规则{number}", body_zh="", title_en="", body_en="")
    other = make_article(title_zh="退税", body_zh="", title_en="", body_en="")
    (document,) = SearchDocument.objects.filter(subject_id=other.pk).values_list("id", flat=True)
    assert document in ranked("退款")

    monkeypatch.setattr(ranking, "BUDGET", 20)

    assert document not in ranked("退款")
    assert ranked("退款") != []
    assert ranked("退") != []


def test_a_text_of_unknown_words_costs_no_more_than_a_slip(django_assert_max_num_queries):
    make_article()
    words = [f"{first}{second}zzyx" for first in "bcdfghjk" for second in "bcdf"]
    find("x", language="en")

    with django_assert_max_num_queries(25):
        find(" ".join(words), language="en")


def test_the_last_word_is_completed_however_many_are_unknown():
    make_article(title_en="Invoice", title_zh="发票")
    unknown = "bbzzyx bczzyx bdzzyx bfzzyx bgzzyx bhzzyx"

    assert find(f"{unknown} invoi", language="en", is_typing=True).corrected.endswith("invoice")
