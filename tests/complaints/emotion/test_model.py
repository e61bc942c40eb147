"""The small model: raises calm texts a little, says why, and is what its training lines make it."""

from django.core.management import call_command

from complaints.emotion.model import FILE, LONGEST, Piece, pieces_of, read_model
from complaints.emotion.reading import fold_text, read_text
from complaints.emotion.training import train
from tests.complaints.emotion.lines import TUNED, held_out, tuned


def test_the_shipped_file_is_what_the_lines_give(tmp_path):
    call_command("train_emotion", data=TUNED, to=tmp_path / "model.json", verbosity=0)

    assert (tmp_path / "model.json").read_bytes() == FILE.read_bytes()


def test_it_is_small():
    assert FILE.stat().st_size < 8_000


def test_it_raises_no_further_than_angry_and_shows_the_pieces_that_weighed_most():
    model = read_model()
    raised = [text for text in ("你们实在太差了，什么破服务", "这也太不负责了吧，气人", "垃圾") if read_text(text, model=model).level]

    for each in [*tuned(), *held_out()]:
        level, pieces = model.level(fold_text(each.text))
        assert level in (0, 1, 2)
        assert bool(pieces) == (level > 0)
    assert raised


def test_it_only_adds_to_calm_texts_and_never_a_threat_or_danger():
    model = read_model()

    for each in [*tuned(), *held_out()]:
        plain, helped = read_text(each.text), read_text(each.text, model=model)
        assert helped.level >= plain.level
        if plain.level:
            assert helped == plain
        else:
            assert not {"threat", "safety"} & set(helped.signals)


def test_it_is_silent_about_calm_texts_that_it_never_saw():
    model = read_model()
    calm = [each.text for each in held_out() if each.level == 0]

    assert sum(model.level(fold_text(text))[0] > 0 for text in calm) / len(calm) <= 0.05


def test_learning_finds_a_word_that_only_upset_texts_hold():
    lines = [each._replace(text=f"{each.text}糟透透" if each.level >= 2 else each.text) for each in tuned() if not each.signal]

    learnt, before = train(lines).angry, train(tuned()).angry
    pieces = list(pieces_of("糟透透"))

    assert learnt.chance(pieces) > before.chance(pieces)
    assert {(piece.start, piece.end) for piece in learnt.heaviest(pieces)} == {(0, 2), (1, 3), (0, 3)}


def test_numbers_are_one_number_and_only_the_beginning_of_a_long_text_counts():
    assert [piece.bucket for piece in pieces_of("138")] == [piece.bucket for piece in pieces_of("915")]
    assert list(pieces_of("x")) == []
    assert list(pieces_of("ab")) == [Piece(0, 2, next(pieces_of("ab")).bucket)]
    assert max(piece.end for piece in pieces_of("字" * 3 * LONGEST)) <= LONGEST
