"""What readers saw at a moment, and how two wordings differ."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from itertools import pairwise

from accounts.models import User
from knowledge.models import Article, ArticleVersion

TOKEN = re.compile(r"\w+|\s+|.", re.ASCII)
# Beyond this a line is shown as taken out and put in whole: comparing sign by sign would take its square.
LONGEST_LINE = 2000


@dataclass(frozen=True)
class Piece:
    """A part of a comparison: ``kind`` is same, added or removed."""

    kind: str
    text: str


def version_seen_at(article: Article, at: datetime) -> ArticleVersion | None:
    """The wording that readers had at a moment, as the article's events tell; None where they had none."""
    number, is_hidden = None, False
    for event in article.events.filter(at__lte=at, kind__in=TOLD).order_by("seq"):
        match event.kind:
            case "article.in_force":
                number, is_hidden = event.codes["version"], event.codes.get("is_outdated", False)
            case "article.ended":
                number = None
            case "article.outdated":
                is_hidden = True
            case "article.revived":
                is_hidden = False
    return None if number is None or is_hidden else article.versions.get(number=number)


TOLD = ("article.in_force", "article.ended", "article.outdated", "article.revived")


def names_of(ids: Iterable[int]) -> dict[int, str]:
    """How the people behind events are called."""
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids)}


def compare(old: str, new: str) -> list[Piece]:
    """Two texts as one: what stayed, what was taken out, what was put in. Line by line, and within changed lines sign by sign."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    pieces = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = "".join(before[a:b]), "".join(after[c:d])
        pieces += [Piece("same", gone)] if kind == "equal" else _within(gone, come)
    return _joined(pieces)


def _within(gone: str, come: str) -> list[Piece]:
    if not gone or not come or len(gone) + len(come) > LONGEST_LINE:
        return [Piece("removed", gone), Piece("added", come)]
    before, after = TOKEN.findall(gone), TOKEN.findall(come)
    pieces = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(before[a:b])))
        else:
            pieces += [Piece("removed", "".join(before[a:b])), Piece("added", "".join(after[c:d]))]
    return pieces


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Without empty parts, and with neighbours of one kind as one."""
    pieces = [piece for piece in pieces if piece.text]
    ends = [at for at, (one, two) in enumerate(pairwise(pieces), start=1) if one.kind != two.kind]
    bounds = [0, *ends, len(pieces)]
    return [Piece(pieces[a].kind, "".join(each.text for each in pieces[a:b])) for a, b in pairwise(bounds) if a < b]
