"""Visitors and agents who use the house over HTTP, and write down what they were told."""

import http.cookiejar
import json
import re
import secrets
import threading
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

TIMEOUT = 20
OK, FAIL, INFO = "ok", "fail", "info"
PROBLEM = {"category": "logistics.stalled", "wish": "reship", "order_text": "", "phone": ""}
_people = count(1)


@dataclass
class History:
    """What clients did and were told. "info": they never learned the outcome."""

    lines: list[dict] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, text: str, outcome: str, number: str = "") -> None:
        with self._lock:
            self.lines.append({"kind": kind, "text": text, "outcome": outcome, "number": number})

    def count(self, outcome: str) -> int:
        with self._lock:
            return sum(line["outcome"] == outcome for line in self.lines)

    def confirmed(self, kind: str = "complaint") -> list[dict]:
        with self._lock:
            return [line for line in self.lines if line["kind"] == kind and line["outcome"] == OK]

    def write(self, path: Path) -> Path:
        with self._lock:
            path.write_text("".join(json.dumps(line) + "\n" for line in self.lines))
        return path


@dataclass(frozen=True)
class Answer:
    """Status 0: nobody answered, or the connection broke."""

    status: int
    location: str
    text: str

    @property
    def outcome(self) -> str:
        return OK if self.status == 303 else FAIL if 400 <= self.status < 500 else INFO


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Browser:
    """Cookies, forms and nothing else; follows no redirect. Everybody has an address of their own, so no flood limit is met."""

    def __init__(self, base_url: str):
        self.base_url, self.number = base_url, next(_people)
        self.cookies = http.cookiejar.CookieJar()
        quiet = urllib.request.ProxyHandler({})
        self.opener = urllib.request.build_opener(quiet, _Stay, urllib.request.HTTPCookieProcessor(self.cookies))
        self.opener.addheaders = [("X-Forwarded-For", f"203.0.{self.number // 250}.{self.number % 250 + 1}")]

    def get(self, path: str) -> Answer:
        return self._ask(path, None)

    def post(self, path: str, page: Answer, **values) -> Answer:
        """Send a form of a page that was read before."""
        return self._ask(path, urllib.parse.urlencode({"csrfmiddlewaretoken": value_of(page, "csrfmiddlewaretoken"), **values}).encode())

    def _ask(self, path: str, body: bytes | None) -> Answer:
        try:
            with self.opener.open(self.base_url + path, body, timeout=TIMEOUT) as response:
                return Answer(response.status, response.headers.get("Location", ""), response.read().decode())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers.get("Location", ""), error.read().decode(errors="replace"))
        except (OSError, http.client.HTTPException):
            return Answer(0, "", "")


def value_of(page: Answer, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.text)
    return found[1] if found else ""


class Visitor(Browser):
    """A customer with a text of their own, so that each complaint and message can be told from all others."""

    def __init__(self, base_url: str, history: History):
        super().__init__(base_url)
        self.history, self.number_of_complaint = history, ""
        self.text = f"parcel {self.number} {secrets.token_hex(4)}"
        self.email = f"visitor{self.number}@mail.example"

    def reach_check(self) -> Answer:
        """Fill page one and read page two."""
        begun = self.get("/file/")
        self.post("/file/", begun, description=self.text, **PROBLEM)
        return self.get("/file/check/")

    def submit(self, check: Answer) -> Answer:
        answers = {"phone": "", "email": self.email, "name": "", "hours": "", "draft": value_of(check, "draft")}
        return self.post("/file/check/", check, **answers)

    def file(self, *, tries: int = 1) -> str:
        """File a complaint and note the outcome; sends the same page again while the outcome is unknown."""
        check = self.reach_check()
        if not value_of(check, "draft"):
            return FAIL  # nothing was submitted
        for _try in range(tries):
            answer = self.submit(check)
            if answer.outcome != INFO:
                break
        if answer.outcome == OK:
            self.number_of_complaint = answer.location.strip("/").rpartition("/")[2]
        self.history.note("complaint", self.text, answer.outcome, self.number_of_complaint)
        return answer.outcome

    def write(self) -> str:
        """Send one message to the own complaint."""
        text = f"more {secrets.token_hex(6)}"
        page = self.get(f"/c/{self.number_of_complaint}/")
        if not value_of(page, "request_id"):
            return FAIL
        answer = self.post(f"/c/{self.number_of_complaint}/reply/", page, body=text, request_id=value_of(page, "request_id"))
        self.history.note("message", text, answer.outcome)
        return answer.outcome


class Agent(Browser):
    """Somebody at the desk."""

    def log_in(self, username: str, password: str) -> "Agent":
        answer = self.post("/admin/login/", self.get("/admin/login/"), username=username, password=password)
        assert answer.status == 303, answer
        return self

    def open(self, number: str) -> Answer:
        return self.get(f"/admin/desk/c/{number}/")

    def reply(self, number: str, page: Answer, text: str) -> Answer:
        names = ("expected_version", "request_id", "seen")
        return self.post(f"/admin/desk/c/{number}/reply/", page, body=text, then="", **{name: value_of(page, name) for name in names})
