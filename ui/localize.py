"""Rows that carry their own Chinese and English text (``name_zh``, ``name_en``)."""

from django.utils.translation import get_language


def is_english(language: str | None = None) -> bool:
    return (language or get_language() or "").startswith("en")


def localized(row, field: str, language: str | None = None) -> str:
    """The row's text in the given or active language; the other language where it is missing."""
    first, second = ("en", "zh") if is_english(language) else ("zh", "en")
    return getattr(row, f"{field}_{first}") or getattr(row, f"{field}_{second}")
