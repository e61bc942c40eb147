"""One hand on a phone, a mouse or a keyboard, that counts what it does."""

from playwright.sync_api import Locator, Page

from tests.e2e.browser import SIZES


class Hand:
    """Taps, typed characters and keys, each counted; choosing a field costs a tap, as it does for a person."""

    def __init__(self, page: Page):
        self.page = page
        self.taps = self.typed = self.keys = 0
        self.has_touch = page.viewport_size["width"] == SIZES["phone"]["width"]

    def tap(self, target: Locator) -> None:
        self.taps += 1
        if self.has_touch:
            target.tap()
        else:
            target.click()

    def fill(self, field: Locator, text: str) -> None:
        """Choose a field and type."""
        self.tap(field)
        self.typed += len(text)
        field.fill(text)

    def pick_files(self, field: Locator, paths: list) -> None:
        """The picker of a phone: one tap opens it, one takes each picture, one says done."""
        self.taps += 2 + len(paths)
        field.set_input_files(paths)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)
