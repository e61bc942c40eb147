"""Steps of an article as plain text for a message: what stands in Markdown becomes lines that read well without it."""

import re

LONGEST = 900
STEP = re.compile(r"^\s{0,3}(\d{1,2})[.)、]\s+(.*)")
BULLET = re.compile(r"^\s{0,3}[-*+]\s+(.*)")
HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.*?)\s*#*$")
LINK = re.compile(r"\[([^\]]+)\]\((\S+?)\)")
MARKS = re.compile(r"\*\*|__|~~|`|^>\s?|(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])")


def quote_steps(title: str, body: str) -> str:
    """The title and the steps of an article; where it has no steps, its first paragraphs. Cut at a line, never inside of one."""
    lines = [_plain(line) for line in body.splitlines()]
    steps = [line for line in lines if STEP.match(line)]
    chosen = steps if len(steps) > 1 else lines
    return "\n".join([_plain(title), *_cut(chosen)]).strip()


def _plain(line: str) -> str:
    if heading := HEADING.match(line):
        line = heading[1]
    elif bullet := BULLET.match(line):
        line = f"· {bullet[1]}"
    return MARKS.sub("", LINK.sub(_spell_link, line)).rstrip()


def _spell_link(link: re.Match) -> str:
    return link[1] if link[1] == link[2] else f"{link[1]} {link[2]}"


def _cut(lines: list[str]) -> list[str]:
    kept, length = [], 0
    for line in lines:
        if not line and (not kept or not kept[-1]):
            continue
        length += len(line) + 1
        if length > LONGEST and kept:
            break
        kept.append(line)
    return kept
