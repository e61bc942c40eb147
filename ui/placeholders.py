"""Placeholders in canned replies and notices: ``{order_number}`` and nothing cleverer."""

import re
from collections.abc import Mapping

# Only a bare name between single braces. No attribute, no index, no format, no call: stored text is never evaluated.
PLACEHOLDER = re.compile(r"(?<!\{)\{([a-z][a-z0-9_]{0,39})\}(?!\})")


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of their ``{name}`` in one pass; names without a value stay as they were written."""
    return PLACEHOLDER.sub(lambda found: str(values.get(found[1]) or found[0]), text)


def missing(text: str, values: Mapping[str, str]) -> list[str]:
    """Return the names that the text asks for and the values lack, in reading order and once each."""
    return [name for name in names(text) if not values.get(name)]


def names(text: str) -> list[str]:
    """Return the placeholder names of a text, in reading order and once each."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text)))
