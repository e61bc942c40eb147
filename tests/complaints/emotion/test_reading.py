"""What single texts mean, how they are folded, and what a hostile one may cost."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.emotion.folding import Folding
from complaints.emotion.judging import Judgement
from complaints.emotion.lexicon import read_lexicon
from complaints.emotion.reading import MOST_MARKS, Reading, read_text

LEXICON = read_lexicon()
LONGEST = 10_000
FORMS = [
    "要",
    "去",
    "12315",
    "不会",
    "再不",
    "我朋友",
    "孩子",
    "吞",
    "手",
    "肿",
    "！",
    "？",
    "，",
    "。",
    " ",
    "i will ",
    "sue ",
    "not ",
    "police ",
    "a",
    "AAA",
    "\u200b",
    "1",
    "等",
    "天",
]
texts = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(FORMS), max_size=120).map("".join))


def words(text: str, signal: str) -> list[str]:
    return [text[mark.start : mark.end] for mark in read_text(text).marks if mark.signal == signal]


@pytest.mark.parametrize(
    "text",
    [
        "请问12315是什么电话？",
        "我不会去投诉12315的。",
        "没打算找律师，只是问问。",
        "我朋友上次去法院起诉了别家。",
        "没有受伤，放心。",
        "宝宝很喜欢这个玩具。",
        "砍价砍不动了哈哈，笑死。",
        "谢谢谢谢！！！",
        "",
        "   ",
        "My brother is a lawyer.",
        "I will not sue you.",
        "Nobody was injured.",
        "My battery is dead.",
    ],
)
def test_a_mere_mention_is_calm(text):
    assert read_text(text) == Reading()


@pytest.mark.parametrize(
    ("text", "target"), [("明天我就打12315", "12315"), ("再不退款，找媒体！", "媒体"), ("Do it or I'll call my lawyer", "lawyer")]
)
def test_a_threat_is_a_target_with_an_intent(text, target):
    assert read_text(text).level == 4
    assert any(target in word for word in words(text, "threat"))


@pytest.mark.parametrize(
    "text",
    [
        "我要去１２３１５投诉",
        "我要去1 2 3 1 5投诉",
        "我要打①②③①⑤",
        "我要找律\u200b师起诉",
        "我要找律 师 起*诉你",
        "我要找律師起訴你們",
        "wo yao qu 12315",
        "I WILL SUE YOU",
        "Ｉ ｗｉｌｌ ｓｕｅ ｙｏｕ",
    ],
)
def test_other_ways_of_writing_change_nothing(text):
    assert "threat" in read_text(text).signals


def test_a_place_is_that_of_the_original():
    text = "气死\u200b我了，我要去１２３１５！"

    assert "１２３１５" in words(text, "threat")
    assert words(text, "anger") == ["气死"]


def test_a_pattern_hides_no_word_and_no_longer_word_is_overruled_by_it():
    assert "律师" in words("我找我当律师的同学处理，你们等着。", "threat")
    assert read_text("请问可以送到派出所吗？").level == 0


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("我的抖音有三十万粉丝，你们自己掂量掂量", "zh.threat.fans"),
        ("让监管来评判评判谁对谁错吧", "zh.threat.arbiter"),
        ("消保法我背得滚瓜烂熟，咱们慢慢算", "zh.threat.law"),
        ("我现在就把你们店给砸了", "zh.safety.rage"),
        ("站在你们公司楼顶，最后说一句", "zh.safety.edge"),
        ("保健品吃了一周，我爸现在躺在医院", "zh.safety.collapse"),
        ("吃出一根铁丝", "zh.safety.in_food"),
        ("吊灯突然掉下来", "zh.safety.overhead"),
        ("We were ill after eating your oysters, my wife is still vomiting", "en.safety.sick"),
        ("smoke pouring out of the dishwasher", "en.safety.fire"),
        ("My husband is in hospital because of your milk", "en.safety.place"),
    ],
)
def test_families_of_words_are_found_by_their_rule(text, rule):
    assert rule in read_text(text).rules


def test_numbers_inside_other_numbers_are_no_targets():
    assert read_text("我要查QH1231512345这个单号").level == 0


def test_what_went_before_makes_an_upset_text_weigh_more_and_a_calm_one_not():
    before = ["怎么还没发货？", "等了很久了", "还没有回复吗，失望"]

    assert read_text("还没到，失望。").level == 1
    assert read_text("还没到，失望。", before=before).level == 2
    assert read_text("还没到，失望。", before=before, contacts=5).level == 3
    assert read_text("还没到，失望。", oldest_promise_age=timedelta(hours=25)).level == 2
    assert read_text("收到了，谢谢", before=before, contacts=9, oldest_promise_age=timedelta(days=9)) == Reading()


def test_context_alone_never_makes_a_threat():
    assert read_text("气死了！！", before=["骗子！"] * 10, contacts=99, oldest_promise_age=timedelta(days=99)).level == 3


@settings(deadline=None)
@given(texts)
def test_marks_lie_within_the_text_and_reading_twice_is_the_same(text):
    reading = read_text(text)

    assert reading == read_text(text)
    assert len(reading.marks) <= MOST_MARKS
    assert all(0 <= mark.start < mark.end <= len(text) for mark in reading.marks)


@settings(deadline=None)
@given(texts)
def test_folding_knows_the_way_back(text):
    folded = Folding(LEXICON.simple).fold(text)

    assert len(folded.origin) == len(folded.text)
    assert list(folded.origin) == sorted(set(folded.origin))


@settings(deadline=None)
@given(texts, texts)
def test_adding_a_sentence_to_a_threat_leaves_it_a_threat(before, after):
    assert read_text(f"{before}\n我要起诉你们。\n{after}").level == 4


@settings(deadline=None)
@given(st.lists(st.sampled_from([*FORMS, *list(LEXICON.groups)]), min_size=1, max_size=4))
def test_a_hostile_text_takes_steps_in_proportion_to_its_length(parts):
    text = ("".join(parts) * LONGEST)[:LONGEST]
    folded = Folding(LEXICON.simple).fold(text).text
    judgement = Judgement(folded, LEXICON.find(folded))

    judgement.findings(LEXICON.rules)

    assert judgement.steps <= 40 * LONGEST


def test_every_rule_names_groups_that_have_forms():
    named = {name for rule in LEXICON.rules for name in (rule.group, rule.beside, *rule.unless, *rule.unless_near) if name}

    assert named - LEXICON.groups == set()
    assert len({rule.id for rule in LEXICON.rules}) == len(LEXICON.rules)
