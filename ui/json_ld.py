"""Descriptions for search engines inside a page. A block of data, never run, so the strict policy lets it stand."""

import json

from django.utils.safestring import SafeString, mark_safe

# Nothing that could end the element, or that an old reader of scripts would take for a line's end.
ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def json_ld_script(descriptions: list[dict]) -> SafeString:
    """One script element of type ``application/ld+json`` with all descriptions."""
    text = json.dumps(descriptions, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308
