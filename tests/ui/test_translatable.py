import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APPS = ["foundation", "ui", "accounts", "orders", "knowledge", "complaints", "workflows", "automation", "analytics", "config"]
MARKS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}


def lost_strings(source: str) -> list[int]:
    """Lines where a string is marked for translation inside an f-string: xgettext does not look in there, so it is never translated."""
    joined = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.JoinedStr))
    calls = (call for node in joined for call in ast.walk(node) if isinstance(call, ast.Call))
    return [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id in MARKS]


@pytest.mark.parametrize(("source", "lines"), [('f"<p>{_(1)}</p>"', [1]), ('word = _("x")\nf"<p>{word}</p>"', [])])
def test_the_rule_tells_lost_strings_from_found_ones(source, lines):
    assert lost_strings(source) == lines


@pytest.mark.parametrize("app", APPS)
def test_no_string_is_lost_to_the_translator(app):
    found = {str(path.relative_to(ROOT)): lost_strings(path.read_text()) for path in (ROOT / app).rglob("*.py")}

    assert {path: lines for path, lines in found.items() if lines} == {}
