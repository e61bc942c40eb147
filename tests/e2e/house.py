"""The running house as the journeys see it: who is logged in, what stands in its database, which mail left."""

import json
import mailbox
import re
import subprocess
import sys
from contextlib import contextmanager
from email import policy
from email.parser import BytesParser
from pathlib import Path

import psycopg2
import pyotp
from django.core import signing

from config.demo_logins import DEMO_PASSWORD
from config.environment import read_trial_values
from tests.e2e.browser import open_page
from tests.stack import ROOT, Stack, wait_for

PREFIXES = {"zh": "", "en": "/en"}
LANGUAGES = {"zh": "zh-hans", "en": "en"}
PATIENCE = 40


def attach(folder: Path) -> Stack:
    """A house that somebody else started and keeps."""
    stack = Stack(folder)
    stack.port = int((folder / "port").read_text())
    stack.base_url = f"http://127.0.0.1:{stack.port}"
    stack.env["PORT"] = str(stack.port)
    return stack


class House:
    """A stack with a browser and a window into its database."""

    def __init__(self, stack: Stack, browser):
        self.stack, self.browser, self.base_url = stack, browser, stack.base_url
        self.logins = stack.data / "logins.json"
        self.known: dict[str, dict] = json.loads(self.logins.read_text()) if self.logins.exists() else {}

    def __enter__(self) -> "House":
        self.connection = psycopg2.connect(self.stack.database_url)
        self.connection.autocommit = True
        return self

    def __exit__(self, *_) -> None:
        self.connection.close()

    def rows(self, statement: str, *values) -> list[tuple]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def value(self, statement: str, *values):
        """The first column of the first row, or None."""
        found = self.rows(statement, *values)
        return found[0][0] if found else None

    @contextmanager
    def visitor(self, **look):
        """A page of somebody without any cookie."""
        with open_page(self.browser, self.base_url, **look) as page:
            yield page

    @contextmanager
    def staff(self, username: str, *, language: str = "zh", **look):
        """A page of somebody on the staff who is logged in and reads this language."""
        self.speak(username, language)
        with open_page(self.browser, self.base_url, language=language, known_as=self.log_in(username), **look) as page:
            yield page

    def speak(self, username: str, language: str) -> None:
        self.rows("UPDATE accounts_user SET language = %s WHERE username = %s", LANGUAGES[language], username)

    def log_in(self, username: str) -> dict:
        """The stored state of a browser in which this person is logged in; made once per house."""
        if username not in self.known:
            with open_page(self.browser, self.base_url, size="desk") as page:
                page.goto("/admin/login/")
                enter_password(page, username)
                assert page.locator("form[action$='/login/']").count() == 0, page.inner_text("main")
                self.known[username] = page.context.storage_state()
                self.logins.write_text(json.dumps(self.known))
        return self.known[username]

    def set_presence(self, username: str, state: str) -> None:
        """Ready people are given complaints by themselves, away ones claim. For the tests they never have too many."""
        self.log_in(username)
        self.rows(
            "UPDATE accounts_presence SET state = %s, capacity = 30000 WHERE user_id = (SELECT id FROM accounts_user WHERE username = %s)",
            state,
            username,
        )

    def run(self, code: str) -> None:
        """Run code beside the house, as somebody at its console would."""
        values = read_trial_values(self.stack.data)
        env = {**self.stack.env, **{name: str(value) for name, value in values.items()}}
        command = [sys.executable, "manage.py", "shell", "-v0", "-c", code]
        subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, timeout=120)

    def order_link(self, order_id: int) -> str:
        """The token that the shop puts beside an order."""
        from complaints.intake.matching import LINK_SALT  # models cannot be imported while pytest still loads this file

        return signing.dumps(order_id, key=read_trial_values(self.stack.data)["SECRET_KEY"], salt=LINK_SALT)

    def letters(self, address: str) -> list[tuple[str, str]]:
        """Subject and text of every mail to this address, oldest first."""
        folder = mailbox.Maildir(self.stack.data / "mailbox", create=True)
        found = [BytesParser(policy=policy.default).parsebytes(folder.get_bytes(key)) for key in sorted(folder.iterkeys())]
        return [(mail["Subject"], mail.get_body(("plain",)).get_content()) for mail in found if address in str(mail["To"])]

    def wait_for_letter(self, address: str, words: str) -> str:
        """The text of the mail that holds these words, once it has left."""
        wait_for(lambda: self.find_letter(address, words), within=PATIENCE, what=lambda: f"{words!r} in {self.letters(address)}")
        return self.find_letter(address, words)

    def find_letter(self, address: str, words: str) -> str:
        return next((text for subject, text in self.letters(address) if words in subject or words in text), "")


def enter_password(page, username: str) -> None:
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(DEMO_PASSWORD)
    with page.expect_navigation():
        page.locator("[name=password]").press("Enter")
    if "/login/start/" in page.url:
        set_up_factor(page)


def set_up_factor(page) -> None:
    """The second factor of a role that must have one: read the key, type the code of the moment."""
    secret = page.locator("main code").inner_text().replace(" ", "")
    page.locator("[name=code]").fill(pyotp.TOTP(secret).now())
    with page.expect_navigation():
        page.locator("[name=code]").press("Enter")


def find_link(text: str) -> str:
    """The path of the private link in a mail."""
    return re.search(r"https?://[^/\s]+(/(?:en/)?t/\S+)", text)[1]
