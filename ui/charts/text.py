"""How wide a label will be. The reader's font is not known here, so this is an estimate on the safe side, for 12 px."""

from unicodedata import east_asian_width

SIZE = 12
WIDE, NARROW = 1.0, 0.6


def width_of(text: str, size: float = SIZE) -> float:
    """Pixels that a line of text takes at most."""
    return size * sum(WIDE if east_asian_width(character) in "WF" else NARROW for character in text)


def fit(text: str, room: float, size: float = SIZE) -> str:
    """The text, or as much of its beginning as there is room for, with a sign that it goes on."""
    if width_of(text, size) <= room:
        return text
    kept = text
    while kept and width_of(f"{kept}…", size) > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def wrap(text: str, room: float, size: float = SIZE) -> list[str]:
    """The text in lines; broken at spaces, and between any two Han characters."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and width_of(line + piece.rstrip(), size) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str):
    word = ""
    for character in text:
        if east_asian_width(character) in "WF":
            if word:
                yield word
            word = ""
            yield character
        else:
            word += character
            if character == " ":
                yield word
                word = ""
    if word:
        yield word
