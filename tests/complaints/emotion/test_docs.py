"""The published figures are those of the code as it is."""

from django.conf import settings

from complaints.management.commands.emotion_docs import TARGET, describe


def test_the_document_is_current():
    assert (settings.BASE_DIR / TARGET).read_text(encoding="utf-8") == describe(), "run manage.py emotion_docs"


def test_the_document_shows_both_halves_and_every_level():
    document = describe()

    assert "<!--" not in document
    assert document.count("| **4** |") == 2
    assert document.count("read as 0") == 2
