"""Markdown without its signs, as it is searched and shown in excerpts."""

from functools import cache

from markdown_it import MarkdownIt

TEXTS = {"text", "code_inline", "code_block", "fence"}
BREAKS = {"softbreak", "hardbreak"}


def plain_text(markdown: str) -> str:
    """The words of a Markdown text, one line for each block."""
    lines = []
    for token in _parser().parse(markdown):
        if token.type == "inline":
            lines.append("".join(child.content if child.type in TEXTS else " " if child.type in BREAKS else "" for child in token.children))
        elif token.type in TEXTS:
            lines.append(token.content.strip())
    return "\n".join(line for line in lines if line)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
