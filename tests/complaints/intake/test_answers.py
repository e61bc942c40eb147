from complaints.intake.questions import answer_words
from complaints.models import Form

QUESTION = {"key": "when", "type": "datetime", "label_zh": "什么时候", "label_en": "When"}


def test_answer_words_take_a_moment_without_an_offset_for_the_shops_time():
    words = answer_words(Form(fields=[QUESTION]), {"when": "2026-11-19T16:30"})

    assert words == answer_words(Form(fields=[QUESTION]), {"when": "2026-11-19T16:30+08:00"})
    assert words[0][1].endswith("16:30")
