"""A real Chromium, and what the journeys ask of every page."""

import os
import shutil
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page, sync_playwright

SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1440, "height": 900}}
LOCALES = {"zh": "zh-CN", "en": "en-US"}
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Preloading would fetch every style sheet once more and put it into a <style>, which the content policy refuses. The two rules that
# need it, on locked orientation and on sound that starts by itself, are kept by tests/ui/test_templates.py.
AXE_OPTIONS = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"], "preload": False}
# What axe passes is most of its answer and would be carried to Python for nothing.
FIND_VIOLATIONS = "async options => (await axe.run(document, options)).violations"
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Milliseconds; far more than any page takes, even on a machine that is busy with other things.
PATIENCE = 15_000
# The page and every fragment that it asks for by itself are there.
SETTLED = "() => document.readyState === 'complete' && !document.querySelector('.htmx-request')"
# A pane with a height of its own grows with the window; how much of each is hidden below its edge is added.
WHOLE_HEIGHT = """() => document.documentElement.scrollHeight + Math.max(0, ...Array.from(document.querySelectorAll("main, main *"), each =>
    /auto|scroll/.test(getComputedStyle(each).overflowY) ? each.scrollHeight - each.clientHeight : 0))"""
TALLEST = 6000
FIND_SHAPE_FAULTS = (Path(__file__).parent / "shape.js").read_text()


def find_chromium() -> str:
    """Where Chromium is; CHROMIUM names another one."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        if name and (path := shutil.which(name)):
            return path
    pytest.fail("Chromium is missing: install it, or name it in CHROMIUM.")


@contextmanager
def open_browser():
    """One browser for many pages. Root may not use Chromium's sandbox."""
    flags = QUIET + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), headless=True, args=flags)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_page(
    browser,
    base_url: str,
    *,
    size: str = "phone",
    scheme: str = "light",
    language: str = "zh",
    with_scripts: bool = True,
    known_as: dict | None = None,
):
    """A page in a fresh profile that fails the test on a script error, a blocked resource or a foreign request.

    ``known_as`` is the stored state of somebody who is logged in.
    """
    context = browser.new_context(
        base_url=base_url,
        viewport=SIZES[size],
        color_scheme=scheme,
        java_script_enabled=with_scripts,
        has_touch=size == "phone",
        reduced_motion="reduce",
        locale=LOCALES[language],
        timezone_id="Asia/Shanghai",
        storage_state=known_as,
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    faults = watch_page(page, base_url)
    try:
        yield page
    finally:
        context.close()
    assert not faults, "\n".join(faults)


def watch_page(page: Page, base_url: str) -> list[str]:
    """Collect what must never happen: script errors, refusals of the content policy, requests to other hosts."""
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(f"error: {error}"))
    page.on("console", lambda message: heard.append(f"console: {message.text}") if is_serious(message) else None)
    page.on("request", lambda request: heard.append(f"foreign: {request.url}") if is_foreign(request.url, base_url) else None)
    return heard


def is_serious(message) -> bool:
    """Browsers report every 4xx answer as an error; the journeys provoke some on purpose."""
    return message.type == "error" and "Failed to load resource" not in message.text


def is_foreign(url: str, base_url: str) -> bool:
    return not url.startswith((base_url, "data:", "blob:", "about:"))


@cache
def axe_source() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


def find_axe_violations(page: Page) -> list[str]:
    """WCAG 2.0 to 2.2, A and AA, as axe sees them; one line each with the first element."""
    if not page.evaluate("'axe' in self"):
        page.evaluate(axe_source())
    found = page.evaluate(FIND_VIOLATIONS, AXE_OPTIONS)
    return [f"{row['id']}: {row['nodes'][0]['target']} {row['nodes'][0]['failureSummary']}" for row in found]


def find_shape_faults(page: Page) -> list[str]:
    """One h1, one main, a title, a skip link first, and no sideways scroll."""
    return page.evaluate(FIND_SHAPE_FAULTS)


def show_whole(page: Page, size: str) -> None:
    """Make the window as tall as the page and what scrolls inside it, so that no sticky bar covers what is being looked at."""
    page.set_viewport_size(SIZES[size])
    height = max(page.evaluate("document.documentElement.scrollHeight"), min(page.evaluate(WHOLE_HEIGHT), TALLEST), SIZES[size]["height"])
    page.set_viewport_size({"width": SIZES[size]["width"], "height": height})
