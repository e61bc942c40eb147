"""The tag library of every page: ``{% load ui %}``."""

from datetime import datetime

from django import template
from django.utils.html import conditional_escape as esc
from django.utils.safestring import mark_safe
from django.utils.timezone import localtime

from ui import codes, drawings, rings
from ui.charts.render import render_chart, render_spark
from ui.charts.tiles import render_tile
from ui.clocks import render_clock
from ui.forms import render_error_summary, render_field
from ui.icons import icon as draw_icon
from ui.markdown import render_markdown
from ui.masking import MASKS
from ui.money import format_money
from ui.timefmt import absolute, relative
from ui.words import words_script

register = template.Library()


@register.simple_tag
def icon(name, size=20):
    return draw_icon(name, size)


@register.simple_tag(name="drawing")
def draw(name):
    return mark_safe(drawings.drawing(name))  # noqa: S308


@register.simple_tag
def status(stage, label, size=16):
    """A status chip: the ring of the stage and the label, no fill."""
    return mark_safe(f'<span class="status status--{stage}">{rings.ring(stage, size)}<span>{esc(label)}</span></span>')  # noqa: S308


@register.simple_tag
def ring(stage, size=20):
    """The bare ring, for timelines and lists that name the state in words beside it."""
    return mark_safe(rings.ring(stage, size))  # noqa: S308


@register.simple_tag
def dial(steps, done, label="", value=""):
    """The tracker dial. Hidden from screen readers: the timeline beside it says the same."""
    arcs = "".join(f'<path class="dial__step dial__step--{state}" d="{path}"/>' for state, path in rings.dial_arcs(steps, done))
    closed = " dial--closed" if done >= steps else ""
    return mark_safe(  # noqa: S308
        f'<div class="dial{closed}" aria-hidden="true"><svg viewBox="0 0 160 160" fill="none" stroke-width="12">{arcs}</svg>'
        f'<p class="dial__text"><span class="dial__label">{esc(label)}</span><strong class="dial__value">{esc(value)}</strong></p></div>'
    )


@register.simple_tag
def clock(label, due_at, level="", allowance=None, reason="", legal=False):
    """A clock chip; the server's words stand without scripts."""
    return render_clock(label, due_at, level=level, allowance=allowance, reason=reason, legal=legal)


@register.simple_tag
def words(shell):
    return words_script(shell)


@register.simple_tag
def money(minor, currency="CNY"):
    return mark_safe(f'<span class="money">{esc(format_money(minor, currency))}</span>') if minor is not None else ""  # noqa: S308


@register.simple_tag
def masked(value, kind="text"):
    """A personal value with its middle hidden: phone, email, name, address, id or text."""
    return MASKS[kind](str(value or ""))


@register.simple_tag
def when(moment: datetime | None):
    """A moment in relative words, in full on hover and for machines."""
    if not moment:
        return ""
    full = absolute(moment)
    stamp = localtime(moment).isoformat(timespec="seconds")
    return mark_safe(f'<time class="when" datetime="{stamp}" title="{full}">{esc(relative(moment))}</time>')  # noqa: S308


@register.simple_tag
def chart(figure, level=2):
    """A figure: drawing, legend, notes, and its numbers as a table; ``level`` is that of its heading."""
    return render_chart(figure, level=level)


@register.simple_tag
def spark(figure):
    """The bare line of a tile."""
    return render_spark(figure)


@register.simple_tag
def tile(tile):
    """A tile of a dashboard, in a ``.kpis`` strip."""
    return render_tile(tile)


@register.simple_tag
def empty(drawing, title, text="", url="", action=""):
    """An empty state: why there is nothing and one thing to do. Inside a ``for`` use it after that loop's own ``empty``."""
    words = f'<p class="empty__text">{esc(text)}</p>' if text else ""
    act = f'<a class="button" href="{esc(url)}">{esc(action)}</a>' if url else ""
    return mark_safe(f'<div class="empty">{drawings.drawing(drawing)}<p class="empty__title">{esc(title)}</p>{words}{act}</div>')  # noqa: S308


@register.simple_tag
def field(bound, hide_label=False):
    return render_field(bound, hide_label=hide_label)


@register.simple_tag
def error_summary(*forms):
    return render_error_summary(*forms)


@register.simple_tag
def qr(content, title):
    return codes.qr_svg(content, title=title)


@register.simple_tag
def barcode(content, title=""):
    return codes.code128_svg(content, title=title)


@register.filter
def markdown(text):
    return render_markdown(text or "")
