"""Icons by name from the sprite that the frame inlines after ``<body>``."""

from functools import cache

from django.utils.html import format_html
from django.utils.safestring import SafeString


@cache
def icon(name: str, size: int = 20) -> SafeString:
    """Draw an icon; it is decoration, so the words beside it or the button's ``aria-label`` carry the meaning."""
    return format_html(
        '<svg class="icon" width="{0}" height="{0}" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" '
        'stroke-linejoin="round" aria-hidden="true"><use href="#i-{1}"/></svg>',
        size,
        name,
    )
