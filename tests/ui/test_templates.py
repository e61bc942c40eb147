"""Rules for every template of the house, read from the files."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APPS = ["foundation", "ui", "accounts", "orders", "knowledge", "complaints", "workflows", "automation", "analytics", "config"]
TEMPLATES = sorted([*(ROOT / "templates").rglob("*.html"), *(path for app in APPS for path in (ROOT / app).rglob("templates/**/*.html"))])
PAGES = [path for path in TEMPLATES if "emails" not in path.parts]
SPRITES = {shell: ROOT / "templates" / "partials" / f"sprite_{shell}.svg.html" for shell in ("public", "desk")}

INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "a script without src": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)", re.I),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "an htmx handler": re.compile(r"\bhx-on\b|hx-vals\s*=\s*[\"']js:|hx-trigger=\"[^\"]*\[", re.I),
    "a javascript address": re.compile(r"javascript:", re.I),
}


def found_inline(text: str) -> list[str]:
    return [name for name, pattern in INLINE.items() if pattern.search(text)]


def symbols(shell: str) -> set[str]:
    return set(re.findall(r'<symbol id="i-([\w-]+)"', SPRITES[shell].read_text()))


@pytest.mark.parametrize(
    "bad",
    [
        '<p style="x">',
        "<style>",
        "<script>x</script>",
        '<a onclick="x">',
        '<a hx-on:click="x">',
        '<a hx-trigger="x[y]">',
        '<a href="javascript:x">',
    ],
)
def test_the_rule_against_inline_code_finds_it(bad):
    assert found_inline(bad) != []


def test_the_rule_against_inline_code_lets_good_lines_pass():
    assert (
        found_inline('<script type="module" src="/x.js"></script><script type="application/json">{}</script><a hx-get="/x" class="on">')
        == []
    )


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_carry_no_inline_style_or_script(path):
    assert found_inline(path.read_text()) == []


FRAMES = {"base_public.html", "base_desk.html"}


def frame_of(path: Path) -> str:
    """The name of the frame at the end of the chain of ``extends``; a fragment's own name when it extends nothing."""
    if path.name in FRAMES:
        return path.name
    extends = re.search(r'{% extends "([^"]+)"', path.read_text())
    parent = extends and ROOT / "templates" / extends[1]
    return frame_of(parent) if parent and parent.exists() else extends[1] if extends else path.name


def sprites_of(path: Path) -> set[str]:
    """The sprites that a template can count on; a fragment may be shown in the frame that its folder is named after."""
    frame = frame_of(path)
    if frame in FRAMES:
        return {frame[5:-5]}
    staff = {"desk", "admin", "scan", "finance", "analytics"} & set(path.parts) or path.name in ("_rail.html", "_standstill.html")
    return {"desk"} if staff else {"public"} if "portal" in path.parts else {"public", "desk"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_icon_stands_in_the_sprite_of_its_shell(path):
    named = set(re.findall(r'{% icon "([\w-]+)"', path.read_text()))

    assert {(shell, name) for shell in sprites_of(path) for name in named - symbols(shell)} == set()


def test_icons_named_in_python_stand_in_both_sprites():
    named = {name for path in (ROOT / "ui").rglob("*.py") for name in re.findall(r'\bicon\("([\w-]+)"', path.read_text())}
    from ui.clocks import ICONS

    assert (named | set(ICONS.values())) - (symbols("public") & symbols("desk")) == set()


def test_sprites_keep_to_their_number_and_name_nothing_twice():
    counts = {shell: re.findall(r'<symbol id="([\w-]+)"', path.read_text()) for shell, path in SPRITES.items()}

    assert {shell: len(names) == len(set(names)) for shell, names in counts.items()} == {"public": True, "desk": True}
    assert len(counts["public"]) <= 24
    assert len(counts["desk"]) <= 80


def test_stock_admin_has_at_most_six_overrides():
    from django.contrib import admin

    shipped = Path(admin.__file__).parent / "templates"
    own = [path.relative_to(ROOT / "templates") for path in (ROOT / "templates" / "admin").rglob("*.html")]

    assert len([path for path in own if (shipped / path).exists()]) <= 6


def test_no_style_asks_how_the_screen_is_held_and_no_sound_starts_by_itself():
    """WCAG 1.3.4 and 1.4.2: what axe would have to fetch every style sheet once more for."""
    styles = "".join(path.read_text() for path in (ROOT / "static" / "css").glob("*.css"))

    assert "orientation" not in styles
    assert [path.name for path in TEMPLATES if "autoplay" in path.read_text()] == []
