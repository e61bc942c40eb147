"""The small model: raises calm texts a little, says why, and is what its training lines make it."""

import pytest
from django.core.management import call_command

from complaints.emotion.alarm import FEWEST, buckets_of, parts_of
from complaints.emotion.model import FILE, LONGEST, Piece, mood_buckets, pieces_of, read_model
from complaints.emotion.reading import DANGER, GRAVE, fold_text, read_text
from complaints.emotion.training import train
from tests.complaints.emotion.lines import HELD_OUT, TUNED, held_out, tuned

UNLISTED_THREAT = "My people will be in touch with your people and then we will see you explain this"
UNLISTED_DANGER = "打开盖子的时候里面的东西喷出来，我的手现在都不能动了"


def test_the_shipped_file_is_what_the_lines_give(tmp_path):
    call_command("train_emotion", data=TUNED, grave=[HELD_OUT], to=tmp_path / "model.json", verbosity=0)

    assert (tmp_path / "model.json").read_bytes() == FILE.read_bytes()


def test_it_is_small():
    assert FILE.stat().st_size < 30_000


def test_it_raises_no_further_than_angry_and_shows_the_pieces_that_weighed_most():
    model = read_model()
    raised = [text for text in ("你们实在太差了，什么破服务", "这也太不负责了吧，气人", "垃圾") if read_text(text, model=model).level]

    for each in [*tuned(), *held_out()]:
        level, pieces = model.level(fold_text(each.text))
        assert level in (0, 1, 2)
        assert bool(pieces) == (level > 0)
    assert raised


def test_it_only_adds_and_never_hides_what_the_lists_saw():
    model = read_model()

    for each in [*tuned(), *held_out()]:
        plain, helped = read_text(each.text), read_text(each.text, model=model)
        assert helped.level >= plain.level
        assert set(plain.marks) <= set(helped.marks)
        if plain.level == DANGER:
            assert helped == plain


def test_what_it_alone_takes_for_danger_is_marked_as_its_guess_with_words_of_the_text():
    model = read_model()
    guesses = [(each, reading) for each in held_out() if (reading := read_text(each.text, model=model)).level > read_text(each.text).level]
    grave = [(each.text, [mark for mark in reading.marks if mark.signal in GRAVE]) for each, reading in guesses if reading.level == DANGER]

    assert grave
    for text, marks in grave:
        assert {mark.rule for mark in marks} == {"model"}
        assert all(len(text[mark.start : mark.end].strip()) >= 2 for mark in marks)


@pytest.mark.parametrize(("signal", "text"), [("threat", UNLISTED_THREAT), ("safety", UNLISTED_DANGER)])
def test_the_second_voice_hears_what_no_list_holds(signal, text):
    assert read_text(text).level == 0

    assert signal in read_text(text, model=read_model()).signals
    assert not read_model().grave("请问什么时候发货，谢谢。这款还有别的颜色吗？")


def test_the_same_text_touches_the_same_cells_with_and_without_places():
    for text in ["我要去告你们，i will sue you 12315", "", "𝒂😀字 abc'd", "字" * 3000, *(each.text for each in held_out()[:50])]:
        folded = fold_text(text)

        assert {part.bucket for part in parts_of(folded)} == buckets_of(folded)
        assert {piece.bucket for piece in pieces_of(folded)} == mood_buckets(folded)


def test_a_few_words_are_too_few_to_take_for_danger():
    model = read_model()

    assert len(buckets_of("火火")) < FEWEST
    assert all(not alarm.hears(buckets_of("火火")) for alarm in model.alarms)


def test_it_seldom_takes_a_calm_line_for_danger():
    model = read_model()
    calm = [fold_text(each.text) for each in [*tuned(), *held_out()] if each.level == 0]

    assert sum(bool(model.grave(text)) for text in calm) / len(calm) <= 0.05


def test_it_is_silent_about_calm_texts_that_it_never_saw():
    model = read_model()
    calm = [each.text for each in held_out() if each.level == 0]

    assert sum(model.level(fold_text(text))[0] > 0 for text in calm) / len(calm) <= 0.05


def test_learning_finds_a_word_that_only_upset_texts_hold():
    lines = [each._replace(text=f"{each.text}糟透透" if each.level >= 2 else each.text) for each in tuned() if not each.signal]

    learnt, before = train(lines).angry, train(tuned()).angry
    pieces = list(pieces_of("糟透透"))

    assert learnt.chance(mood_buckets("糟透透")) > before.chance(mood_buckets("糟透透"))
    assert {(piece.start, piece.end) for piece in learnt.heaviest(pieces)} == {(0, 2), (1, 3), (0, 3)}


def test_numbers_are_one_number_and_only_the_beginning_of_a_long_text_counts():
    assert [piece.bucket for piece in pieces_of("138")] == [piece.bucket for piece in pieces_of("915")]
    assert list(pieces_of("x")) == []
    assert list(pieces_of("ab")) == [Piece(0, 2, next(pieces_of("ab")).bucket)]
    assert max(piece.end for piece in pieces_of("字" * 3 * LONGEST)) <= LONGEST
