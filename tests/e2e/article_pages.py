"""The pages of the help centre in every state worth looking at; ``pages.py`` has those of everybody else."""

from playwright.sync_api import Page

from tests.e2e.pages import AGENT, Case, press


def vote_no(page: Page) -> None:
    """Say that it did not help; a script puts the question what was missing in the place of the vote."""
    page.locator("[data-vote] [name=helpful][value=no]").click()
    page.locator("[data-vote] textarea").wait_for()


def type_words(page: Page) -> None:
    """Hits while typing, below the box."""
    page.locator("help-search input[type=search]").fill("退款" if page.locator("html[lang=zh-Hans]").count() else "refund")
    page.locator("[data-hits] .instant__state").wait_for()


HELP_PAGES = [
    Case("help:home", "/help/"),
    Case("help:home", "/help/", state="typed", then=type_words),
    Case("help:search", "/help/search/?q=%E9%80%80%E6%AC%BE"),
    Case("help:search", "/help/search/?q=99887766", state="nothing"),
    Case("help:search", "/help/search/", state="empty"),
    Case("help:rules", "/help/rules/"),
    Case("help:announcements", "/help/announcements/"),
    Case("help:category", "/help/topics/{topic}/"),
    Case("help:article", "/help/{guide}/"),
    Case("help:article", "/help/{guide}/?voted=yes", state="voted"),
    Case("help:article", "/help/{guide}/?form", state="from-form"),
    Case("help:article", "/help/{guide}/", state="no", then=vote_no),
    Case("help:article", "/help/{rule}/", state="rule"),
    Case("help:article", "/help/never-written/", state="unknown", status=404),
    Case("help:edition", "/help/{rule}/v/99/", state="unknown", status=404),
]

BESIDE = "/admin/desk/c/{open}/articles/"


def open_panel(page: Page) -> None:
    """The panel in its place beside the complaint."""
    if page.locator("[data-pane-tab=context]").is_visible():
        page.locator("[data-pane-tab=context]").click()
    page.locator("summary[data-shortcut=b]").click()
    page.locator("#context [data-article-hit]").first.wait_for()


def open_preview(page: Page) -> None:
    """An article in the dialog over the complaint."""
    open_panel(page)
    page.locator("#context [data-article-hit]").first.click()
    page.locator("dialog[open] [data-article-preview]").wait_for()


def say_missing(page: Page) -> None:
    page.locator(".articles__acts form button").click()
    page.locator("#article-list .notice").wait_for()


DESK_ARTICLES = [
    Case("admin:desk-articles", BESIDE, AGENT),
    Case("admin:desk-articles", f"{BESIDE}?q=%E9%80%80%E6%AC%BE", AGENT, "found"),
    Case("admin:desk-articles", f"{BESIDE}?q=7777777777", AGENT, "nothing"),
    Case("admin:desk-complaint", "/admin/desk/c/{open}/", AGENT, "articles", then=open_panel),
    Case("admin:desk-article", f"{BESIDE}{{guide_id}}/", AGENT),
    Case("admin:desk-article", f"{BESIDE}{{inside_id}}/", AGENT, "internal"),
    Case("admin:desk-complaint", "/admin/desk/c/{open}/", AGENT, "article", then=open_preview),
    Case("admin:desk-articles", BESIDE, AGENT, "missed", then=say_missing),
    Case("admin:desk-article-new", f"{BESIDE}new/", AGENT),
    Case("admin:desk-article-new", f"{BESIDE}new/", AGENT, "error", then=press(".panel--sheet .button--primary")),
]
