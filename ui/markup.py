"""Putting drawn pieces together."""

from collections.abc import Iterable

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe


def join_markup(pieces: Iterable[str], separator: str = "") -> SafeString:
    """Pieces of markup in a row; text among them that was not made safe is escaped."""
    return mark_safe(separator.join(map(conditional_escape, pieces)))  # noqa: S308  (each piece was escaped or safe before)
