"""A plain HTTP client with cookies that fills in forms; its own CPU time is not counted."""

import html
import http.client
import re
import time
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

IDLE = 5  # seconds
NUMBER = re.compile(r"C\d{15}")
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class Visitor:
    """One browser profile over one kept connection. ``network`` is where the proxy in front says that the visitor comes from."""

    def __init__(self, base_url: str, *, network: str = "127.0.0.1"):
        self.network = network
        self.address = urlsplit(base_url).netloc
        self.connection = http.client.HTTPConnection(self.address, timeout=60)
        self.last_used = time.monotonic()
        self.cookies: dict[str, str] = {}
        self.page = ""
        self.headers: dict[str, str] = {}

    def get(self, path: str, *, expect: int = 200) -> str:
        return self._send("GET", path, None, expect)

    def post(self, path: str, fields: dict, *, expect: int = 303) -> str:
        """Send a form with the CSRF token of this visitor; returns where the answer leads."""
        token = self.cookies.get("csrftoken") or self.hidden("csrfmiddlewaretoken")
        return self._send("POST", path, urlencode({"csrfmiddlewaretoken": token} | fields), expect)

    def hidden(self, name: str, *, after: str = "") -> str:
        """The value of a hidden field of the page at hand, the first one after a piece of text."""
        start = self.page.index(after) if after else 0
        for found in HIDDEN.finditer(self.page, start):
            if found[1] == name:
                return html.unescape(found[2])
        raise KeyError(name)

    def _send(self, method: str, path: str, body: str | None, expect: int) -> str:
        status, location, content = self._exchange(method, path, body)
        if status != expect:
            raise RuntimeError(f"{method} {path} answered {status}, not {expect}: {plain_text(content)[:600]}")
        if method == "GET":
            self.page = content.decode()
        return location

    def _exchange(self, method: str, path: str, body: str | None) -> tuple[int, str, bytes]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Host": self.address, "Cookie": cookies, "X-Forwarded-For": self.network} | self.headers
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if time.monotonic() - self.last_used > IDLE:
            self.connection.close()  # the server may have closed it already; the next request opens another one
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        self.last_used = time.monotonic()
        self._keep_cookies(response)
        return response.status, response.headers.get("Location", ""), content

    def _keep_cookies(self, response) -> None:
        for line in response.headers.get_all("Set-Cookie") or []:
            for name, cookie in SimpleCookie(line).items():
                self.cookies[name] = cookie.value


def plain_text(content: bytes) -> str:
    """The main part of a page without its tags, for an error message."""
    main = content.decode(errors="replace").partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())
