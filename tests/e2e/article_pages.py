"""The pages of the help centre in every state worth looking at; ``pages.py`` has those of everybody else."""

from playwright.sync_api import Page

from tests.e2e.pages import Case


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
    Case("help:search", "/help/search/?q=zqxjkvbw", state="nothing"),
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
