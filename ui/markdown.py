"""The small Markdown of replies, canned replies and articles, rendered to HTML that cannot carry a script."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = frozenset(
    [
        "p",
        "br",
        "strong",
        "em",
        "s",
        "ul",
        "ol",
        "li",
        "blockquote",
        "code",
        "pre",
        "a",
        "h3",
        "h4",
        "hr",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ]
)
# No id, class, name, style, data-* or hx-*: nothing that a script or the page's own rules could be steered by.
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SCHEMES = frozenset({"http", "https", "mailto", "tel"})

_parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False}).enable(["strikethrough", "table"]).disable("image")


def render_markdown(text: str) -> SafeString:
    """Render Markdown-lite to sanitised HTML. Raw HTML in the text is shown as text, images are not loaded."""
    return sanitise(_lower_headings(_parser.render(text)))


def sanitise(html: str) -> SafeString:
    """Keep the allow-listed tags and attributes of HTML and drop the rest; applying it twice changes nothing."""
    cleaned = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        clean_content_tags={"script", "style", "title", "textarea", "noscript", "iframe"},
        attribute_filter=_keep_absolute_link,
    )
    return mark_safe(cleaned)  # noqa: S308  (the one place that turns text into markup, after the allow-list)


def _keep_absolute_link(tag: str, attribute: str, value: str) -> str | None:
    # A relative or protocol-relative address in a stranger's text would point into this site or slip past the scheme list.
    if attribute == "href" and not value.lower().startswith(("http://", "https://", "mailto:", "tel:")):
        return None
    return value


def _lower_headings(html: str) -> str:
    # A page has one h1 and its sections h2: headings of a text begin below them.
    for level in ("6", "5", "4", "3"):
        html = html.replace(f"<h{level}>", "<h4>").replace(f"</h{level}>", "</h4>")
    for level in ("2", "1"):
        html = html.replace(f"<h{level}>", "<h3>").replace(f"</h{level}>", "</h3>")
    return html
