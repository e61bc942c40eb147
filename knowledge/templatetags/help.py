"""What the templates of the help centre ask for: ``{% load help %}``."""

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import override

from knowledge.help.reading import heading_of
from knowledge.help.structured import absolute_url
from ui.json_ld import json_ld_script
from ui.localize import localized as in_reader_language

register = template.Library()
LANGUAGES = {"zh": ("zh-hans", "zh-Hans"), "en": ("en", "en")}


@register.simple_tag
def heading(version):
    """A version's title in the reader's language, or in the other one where theirs is missing."""
    return heading_of(version)


@register.simple_tag
def localized(row, field):
    return in_reader_language(row, field)


@register.simple_tag
def json_ld(descriptions):
    return json_ld_script(descriptions)


@register.simple_tag(takes_context=True)
def canonical(context, article=None, languages=("zh", "en")):
    """The address a page is to be known by, and where it stands in each language that it is written in."""
    paths = {each: _path_in(context, article, each) for each in languages}
    own = "en" if context["html_lang"] == "en" else "zh"
    here = format_html('<link rel="canonical" href="{}">', absolute_url(paths.get(own) or next(iter(paths.values()))))
    others = [(LANGUAGES[each][1], absolute_url(path)) for each, path in paths.items()] if len(paths) > 1 else []
    return here + format_html_join("", '<link rel="alternate" hreflang="{}" href="{}">', others)


def _path_in(context, article, language: str) -> str:
    if article is None:
        path = context["request"].path
        bare = path[3:] if path.startswith("/en/") else path
        return f"/en{bare}" if language == "en" else bare
    with override(LANGUAGES[language][0]):
        return reverse("help:article", args=[article.code])
