"""Translations compile without the gettext programs."""

import gettext
import io

import pytest

from config.translations import compile_stale, read_po, to_mo

PO = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=n != 1;\n"

#: somewhere.py:1
msgid "Reply"
msgstr "回复"

msgctxt "noun"
msgid "Reply"
msgstr "答复"

msgid ""
"Two "
"lines\n"
msgstr ""
"两\"行\""
"\n"

msgid "%d file"
msgid_plural "%d files"
msgstr[0] "一个文件"
msgstr[1] "%d 个文件"

#, fuzzy
msgid "Guess"
msgstr "猜"

msgid "Empty"
msgstr ""

#~ msgid "Gone"
#~ msgstr "没了"
"""


@pytest.fixture
def catalogue():
    return gettext.GNUTranslations(io.BytesIO(to_mo(read_po(PO))))


def test_plain_contextual_and_long_texts_are_found(catalogue):
    assert catalogue.gettext("Reply") == "回复"
    assert catalogue.pgettext("noun", "Reply") == "答复"
    assert catalogue.gettext("Two lines\n") == '两"行"\n'


def test_plural_forms_are_found(catalogue):
    assert [catalogue.ngettext("%d file", "%d files", n) for n in (1, 2)] == ["一个文件", "%d 个文件"]


@pytest.mark.parametrize("text", ["Guess", "Empty", "Gone"])
def test_unfinished_and_outdated_texts_stay_as_they_are(catalogue, text):
    assert catalogue.gettext(text) == text


def test_only_stale_files_are_written(tmp_path):
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO, encoding="utf-8")

    first, second = compile_stale([tmp_path]), compile_stale([tmp_path])

    assert (first, second) == ([folder / "django.mo"], [])
