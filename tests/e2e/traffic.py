"""What a page costs on the wire, as the browser's own network log counts it."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page


class Traffic:
    """Every answer since the log was opened: its address and how many bytes came over the wire for it, headers and compression included."""

    def __init__(self, page: Page):
        self.urls: dict[str, str] = {}
        self.sizes: dict[str, int] = {}
        self.log = page.context.new_cdp_session(page)
        self.log.on("Network.requestWillBeSent", self.note_request)
        self.log.on("Network.loadingFinished", self.note_size)
        self.log.on("Network.loadingFailed", self.note_end)
        self.log.send("Network.enable")
        self.log.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def note_request(self, event: dict) -> None:
        if not event["request"]["url"].startswith(("data:", "blob:")):
            self.urls[event["requestId"]] = event["request"]["url"]

    def note_size(self, event: dict) -> None:
        self.sizes[event["requestId"]] = event["encodedDataLength"]

    def note_end(self, event: dict) -> None:
        """An answer without a body that nobody waits for counts as broken off."""
        self.sizes.setdefault(event["requestId"], 0)

    @property
    def is_over(self) -> bool:
        return self.urls.keys() <= self.sizes.keys()

    @property
    def kilobytes(self) -> float:
        return sum(self.sizes.values()) / 1024

    def describe(self) -> str:
        return "\n".join(f"{self.sizes.get(number, 0):7d} {url}" for number, url in self.urls.items())


@contextmanager
def listen(page: Page) -> Iterator[Traffic]:
    """Count what one step loads; ends when nothing is on its way any more."""
    traffic = Traffic(page)
    yield traffic
    for _each in range(200):
        if traffic.is_over:
            break
        page.wait_for_timeout(50)
    traffic.log.detach()
