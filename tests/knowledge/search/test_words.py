"""The shop's own words: what is indexed already is read anew with them, by the next sweep and by no request."""

import pytest

from knowledge.models import DictionaryWord, Phrasing, Posting, SearchDocument
from knowledge.search import postings
from knowledge.search.indexing import index_article
from knowledge.search.rebuilding import index_marked
from knowledge.search.text import digest_of, terms_of
from knowledge.search.words import current_words
from knowledge.services.search_words import add_dictionary_word, remove_word
from tests.knowledge.article_cast import make_published
from tests.knowledge.builders import make_article

pytestmark = pytest.mark.django_db
WORD = "雪鹿银系列"
TEXTS = {"title_zh": "怎么洗", "body_zh": "用水。", "title_en": "Washing", "body_en": ""}


def marked() -> set[int]:
    return set(SearchDocument.objects.filter(is_live=True, digest=b"").values_list("subject_id", flat=True))


def found_whole() -> set[int]:
    """The articles that have the word as a term of its own."""
    postings.fold_fresh(at_least=1)
    rows = Posting.objects.filter(term=digest_of(WORD)).values_list("documents", flat=True)
    numbers = [number for row in rows for number in memoryview(bytes(row)).cast("i")]
    return set(SearchDocument.objects.filter(id__in=numbers, is_live=True).values_list("subject_id", flat=True))


def test_what_was_indexed_before_is_read_with_a_new_word_though_the_process_remembers_the_old_ones():
    article = make_article(**TEXTS | {"title_zh": f"{WORD}怎么洗"})
    current_words()

    add_dictionary_word(WORD, by=None)

    assert index_marked() == 1
    assert index_marked() == 0
    assert WORD in terms_of(f"{WORD}怎么洗")
    assert found_whole() == {article.pk}


def test_what_is_published_is_read_with_words_that_another_process_has_added():
    current_words()
    DictionaryWord.objects.create(word=WORD)

    article = make_published(title_zh=f"{WORD}怎么洗")

    assert found_whole() == {article.pk}


@pytest.mark.parametrize(
    "texts", [{"title_zh": "雪鹿銀系列怎麼洗"}, {"body_zh": "雪\u200b鹿银系列"}, {"title_en": "Washing 雪鹿银系列"}, {}]
)
@pytest.mark.parametrize("is_folded", [False, True])
def test_a_word_marks_the_texts_that_have_it_however_it_is_written(texts, is_folded):
    article, _other = make_article(**TEXTS | texts), make_article(**TEXTS | {"title_zh": "雪山和小鹿"})
    if not texts:
        Phrasing.objects.create(article=article, text=f"{WORD}能水洗吗")
        index_article(article)
    if is_folded:
        postings.fold_fresh(at_least=1)

    add_dictionary_word(WORD, by=None)

    assert marked() == {article.pk}


def test_a_word_that_goes_marks_them_as_well():
    word = add_dictionary_word(WORD, by=None)
    article = make_article(**TEXTS | {"title_zh": f"{WORD}怎么洗"})

    remove_word(word, by=None)

    assert marked() == {article.pk}
    assert not DictionaryWord.objects.exists()


def test_a_word_of_letters_marks_nothing_since_only_chinese_is_cut():
    make_article(**TEXTS | {"title_zh": "RTX4090 怎么洗"})

    add_dictionary_word("rtx4090", by=None)

    assert marked() == set()
