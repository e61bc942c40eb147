"""Pinyin initials, so that an agent types ``tk`` to find 退款."""

import unicodedata

from pypinyin import Style, lazy_pinyin


def initials(text: str) -> str:
    """Return the first letter of each Chinese character, and other letters and digits as they are, in lower case.

    Loading the dictionary is slow, so call it when text is saved, not when it is searched.
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    letters = lazy_pinyin(plain, style=Style.FIRST_LETTER, errors=lambda rest: [*rest])
    return "".join(letter for letter in letters if letter.isalnum())
