"""Words of the other language on a page: English in the Chinese interface, Chinese in the English one."""

import re
from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.house import House

COLLECT_WORDS = (Path(__file__).parent / "words.js").read_text()
HAN = re.compile(r"[\u4e00-\u9fff]+")
LATIN = re.compile(r"[A-Za-z][a-z]{2,}")
# Names and units that are the same in Chinese; the names of keys.
CHINESE_LATIN = {"Ctrl", "Shift", "Enter", "English", "Alt", "sha"}
# The switch to the other language, the names of a language, the shop.
ENGLISH_HAN = {"中文", "简体中文", "青禾优选"}
# What looks the same in every language: addresses, file names, numbers of complaints, cases and refunds, digests, names of firms, and
# whatever is masked.
NAMES = re.compile(
    r"\S+@\S+|https?://\S+|[\w-]+\.(?:jpg|png|mp4|pdf)|\b[AC]\d{12,}\b|\bRF\w{6,}\b|\b[0-9a-f]{12,64}\b|\bAfterShip\b|\bStripe\b|\S*\*+\S*"
)
BETWEEN = re.compile(r"\s*[·–›|：:,，、()（）×]\s+|\s-\s|\s{2,}|\n")
# Of the figures only what people named or wrote; the rest are codes, which no page shows as they are.
OF_FIGURES = (
    "^analytics_(improvement[.](title|cause|action)|importedlog[.](name|file_name)|remark[.]text|savedreport[.]name|listexport[.]reason)$"
)
TEXT_COLUMNS = (
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    " AND data_type IN ('text', 'character varying', 'jsonb', 'ARRAY')"
    " AND (table_name ~ '^(accounts|orders|knowledge|complaints|workflows)_'"
    f" OR table_name || '.' || column_name ~ '{OF_FIGURES}')"
)


def find_foreign_words(page: Page, language: str, written: str) -> list[str]:
    """Each text of the interface that holds words of the other language, once; ``written`` is what people wrote or named."""
    texts = {NAMES.sub("", text).strip() for text in page.evaluate(COLLECT_WORDS)}
    return sorted(text[:100] for text in texts if has_foreign(text, language, written))


def has_foreign(text: str, language: str, written: str) -> bool:
    """Whether a text holds words of the other language that nobody wrote."""
    if language == "en":
        return any(run not in written for run in set(HAN.findall(text)) - ENGLISH_HAN)
    parts = [text] if text in written else BETWEEN.split(text)
    return any(set(LATIN.findall(part)) - CHINESE_LATIN and part not in written for part in parts)


def read_written(house: House, *, but: str = "") -> str:
    """All that people wrote or named: the texts of the database and of the mails.

    ``but`` leaves out columns like name_en: of what exists in both languages a page must choose the right one.
    """
    columns = [(table, column) for table, column in house.rows(TEXT_COLUMNS) if not but or not column.endswith(but)]
    texts = [house.value(f'SELECT string_agg("{column}"::text, chr(10)) FROM "{table}"') or "" for table, column in columns]
    return "\n".join([*texts, *(part for letter in house.letters("@") for part in letter)])
