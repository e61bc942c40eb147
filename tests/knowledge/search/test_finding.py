"""What is searched finds what it should: Chinese words, models, Traditional, full width, slips, pinyin, pictures."""

import pytest
from django.db import connection

from knowledge.models import Phrasing, SearchDocument
from knowledge.search.finding import find
from knowledge.search.indexing import index_article
from knowledge.services.search_words import load_default_synonyms
from tests.knowledge.builders import make_article

pytestmark = pytest.mark.django_db
Shelf = SearchDocument.Shelf

ARTICLES = {
    "refund": ("退款多久到账", "微信支付一般一到三个工作日到账。", "When a refund arrives", "WeChat Pay takes one to three working days."),
    "return": (
        "七天无理由退货怎么申请",
        "签收后七天内，商品完好就可以退。",
        "Return within seven days",
        "Goods that are intact can go back.",
    ),
    "parcel": (
        "快递不动了怎么办",
        "物流停住四十八小时，我们会找承运商。📦",
        "The parcel does not move",
        "We ask the carrier after 48 hours.",
    ),
    "invoice": ("怎么开发票", "在订单页面点开票。", "Get an invoice", "Choose invoice on the order page."),
    "router": ("RTX-4090 显卡装不上", "先看电源是否有 12VHPWR 接口。", "The RTX-4090 does not fit", "Check the 12VHPWR plug first."),
    "phone": ("iPhone 15 Pro 屏幕碎了", "屏幕险可以免费换屏。", "Broken screen of an iPhone 15 Pro", "Insurance replaces it."),
    "headphones": ("耳机左边没有声音", "重新配对一次。", "Headphones are silent on the left", "Pair them again."),
    "warranty": ("保修期多久", "主机保修一年。", "How long the warranty lasts", "The main unit has one year."),
}


@pytest.fixture
def house():
    load_default_synonyms()
    return {
        make_article(code, title_zh=title_zh, body_zh=body_zh, title_en=title_en, body_en=body_en).pk: code
        for code, (title_zh, body_zh, title_en, body_en) in ARTICLES.items()
    }


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("退款", "refund"),
        ("到账", "refund"),
        ("发票", "invoice"),
        ("声音", "headphones"),
        ("七天无理由", "return"),
        ("退", "return refund"),
        ("我的钱什么时候退款到账啊", "refund"),
        ("退款多久到賬", "refund"),
        ("發票", "invoice"),
        ("快遞不動了", "parcel"),
        ("ＲＴＸ４０９０", "router"),
        ("rtx 4090", "router"),
        ("RTX4090显卡", "router"),
        ("4090", "router"),
        ("iphone15pro", "phone"),
        ("iPhone 15 屏幕", "phone"),
        ("１２ＶＨＰＷＲ", "router"),
        ("refunds", "refund"),
        ("returning goods", "return"),
        ("invioce", "invoice"),
        ("warantty", "warranty"),
        ("headphnoes silent", "headphones"),
        ("tuikuan", "refund"),
        ("tk", "refund"),
        ("fapiao", "invoice"),
        ("tuikuanduojiu", "refund"),
        ("退宽", "refund"),
        ("发飘", "invoice"),
        ("物流 📦", "parcel"),
        ("📦", "parcel"),
        ("😡 快递不动了！！！", "parcel"),
        ("包裹没有更新", "parcel"),
        ("退\u200b款", "refund"),
        ("damaged screen", "phone"),
    ],
)
def test_a_query_finds_its_article_first(house, query, code):
    language = "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in query) else "en"

    found = find(query, language=language)

    assert found.hits, query
    assert house[found.hits[0].subject_id] in code.split()


@pytest.mark.parametrize("query", ["", "   ", "？！", "。", "\x00", "%_\\", "'; DROP TABLE", "火星", "zzzzqq", "🦖"])
def test_what_nothing_fits_finds_nothing_and_breaks_nothing(house, query):
    assert find(query, language="zh").hits == []


def test_a_result_says_what_was_searched_instead(house):
    assert find("tuikuan", language="zh").corrected == "退款"
    assert find("退款", language="zh").corrected == ""


def test_a_result_with_little_of_the_query_is_weak(house):
    assert find("退款", language="zh").is_weak is False
    assert find("如何养一只会写诗的猫和狗以及退款", language="zh").is_weak is True


def test_while_typing_the_last_word_is_completed(house):
    assert house[find("invoi", language="en", is_typing=True).hits[0].subject_id] == "invoice"
    assert house[find("tuik", language="zh", is_typing=True).hits[0].subject_id] == "refund"


def test_matches_are_marked_as_they_are_written(house):
    hit = find("ＲＴＸ４０９０", language="zh").hits[0]

    assert [span.text for span in hit.title if span.is_match] == ["RTX-4090"]


def test_an_article_comes_in_the_language_of_the_reader(house):
    (hit,) = [hit for hit in find("invoice", language="zh").hits if house[hit.subject_id] == "invoice"]

    assert "".join(span.text for span in hit.title) == "怎么开发票"


def test_what_is_outdated_or_internal_is_not_found_by_the_public_nor_suggested(house):
    article = make_article(
        "secret", audience="internal", title_zh="麒麟计划怎么安抚", body_zh="先道歉。", title_en="Project kylin", body_en=""
    )

    assert find("麒麟计划", language="zh").hits == []
    assert find("qilinjihua", language="zh").corrected == ""
    assert find("kilyn", language="en").corrected == ""
    assert [hit.subject_id for hit in find("麒麟计划", language="zh", shelves=(Shelf.STAFF,)).hits] == [article.pk]


def test_a_withdrawn_article_is_gone_at_once_with_its_words(house):
    article = make_article("gone", title_zh="貔貅摆件怎么退", body_zh="", title_en="Returning a pixiu", body_en="")
    assert find("貔貅", language="zh").hits
    article.live = None
    article.save(update_fields=["live"])

    index_article(article)

    assert find("貔貅", language="zh").hits == []
    assert find("pixiubaijian", language="zh").corrected == ""


def test_the_category_of_the_complaint_raises_its_articles():
    general = make_article("general", title_zh="破损怎么办", body_zh="拍照。", title_en="Damage", body_en="Photo.")
    own = make_article(
        "own", title_zh="破损怎么办呢", body_zh="拍照发来。", title_en="Damages", body_en="Photos.", category_code="goods.damaged"
    )

    plain = [hit.subject_id for hit in find("破损怎么办", language="zh").hits]
    raised = [hit.subject_id for hit in find("破损怎么办", language="zh", category_code="goods.damaged").hits]

    assert (plain, raised) == ([general.pk, own.pk], [own.pk, general.pk])


@pytest.mark.parametrize("count", [1, 3])
def test_a_search_asks_as_often_whatever_it_finds(count, django_assert_num_queries):
    for _number in range(count):
        make_article(title_zh="退款多久", body_zh="退款三天。")
    find("退款", language="zh")

    with django_assert_num_queries(6):
        assert len(find("退款", language="zh").hits) == count


def test_words_of_customers_find_an_article_and_are_never_shown():
    article = make_article("account", title_zh="怎么改名", body_zh="在设置里。", title_en="Change a name", body_en="")
    Phrasing.objects.create(article=article, text="liming1988 改名", source=Phrasing.Source.AGENT)
    Phrasing.objects.create(article=article, text="nickname", source=Phrasing.Source.EDITOR)
    index_article(article)

    assert find("limi", language="en", is_typing=True).corrected == ""
    assert find("nickn", language="en", is_typing=True).corrected == "nickname"
    assert [hit.subject_id for hit in find("liming1988", language="zh").hits] == [article.pk]


@pytest.mark.parametrize("index", ["knowledge_lexiconword_once", "knowledge_lexicon_pinyin"])
def test_words_are_looked_up_by_their_beginning_in_a_database_of_any_language(index):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT opcname FROM pg_index, unnest(indclass) WITH ORDINALITY AS used (oid, place) JOIN pg_opclass USING (oid)"
            " WHERE indexrelid = %s::regclass ORDER BY place",
            [index],
        )

        assert [name for (name,) in cursor.fetchall()] == ["int2_ops", "varchar_pattern_ops"]
