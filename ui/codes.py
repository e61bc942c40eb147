"""Barcodes and QR codes as inline SVG, dark on white in both themes so that a scanner reads them."""

import io

import segno
from barcode.codex import Code128
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe


def qr_svg(content: str, *, title: str) -> SafeString:
    """Draw a QR code that scales with its container; the title is what screen readers say."""
    out = io.BytesIO()
    look = {"xmldecl": False, "nl": False, "omitsize": True, "svgclass": "code code--qr", "lineclass": None, "light": "#fff"}
    segno.make(content, error="m", micro=False).save(out, kind="svg", title=title, **look)
    return mark_safe(out.getvalue().decode().replace("<svg ", '<svg role="img" ', 1))  # noqa: S308


def code128_svg(content: str, *, title: str = "") -> SafeString:
    """Draw a Code 128 barcode, a module a unit wide, with quiet zones; printable ASCII only. Its name is the title or the content."""
    modules = Code128(content).build()[0]
    bars, start = [], 0
    for end in range(1, len(modules) + 1):
        if end == len(modules) or modules[end] != modules[start]:
            if modules[start] == "1":
                bars.append(f"M{start + 10} 0h{end - start}v48h-{end - start}z")
            start = end
    name = f"<title>{escape(title or content)}</title>"
    width = len(modules) + 20
    return mark_safe(  # noqa: S308
        f'<svg role="img" class="code code--bar" viewBox="0 0 {width} 48" preserveAspectRatio="none" xmlns="http://www.w3.org/2000/svg">'
        f'{name}<path fill="#fff" d="M0 0h{width}v48h-{width}z"/><path d="{"".join(bars)}"/></svg>'
    )
