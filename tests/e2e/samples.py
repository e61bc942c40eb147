"""Places of the demo shop that the cases of ``pages.py`` name in braces, and a customer who may open all of its complaints."""

import hashlib
import re
import secrets
from functools import cached_property
from urllib.parse import urlsplit

from tests.e2e.house import LANGUAGES, House
from tests.e2e.pages import MANAGER

A_COMPLAINT_OF_EACH_STATUS = "SELECT DISTINCT ON (status) status, number FROM complaints_complaint ORDER BY status, {order}"


LAZY = ("order", "order_number", "password_link", "letter", "proof")


class Samples:
    """What stands in the demo shop. Nothing of it is changed but the links that the customer gets."""

    def __init__(self, house: House):
        self.house = house

    @cached_property
    def numbers(self) -> dict[str, str]:
        """One complaint of each status, by somebody with an address; those that the agent has open come first."""
        order = "contact_email_index = '', assignee_id = 1 DESC NULLS LAST, id DESC"
        return dict(self.house.rows(A_COMPLAINT_OF_EACH_STATUS.format(order=order)))

    @cached_property
    def order(self) -> str:
        """A signed link to an order of several lines."""
        many = "SELECT order_id FROM orders_orderline GROUP BY order_id ORDER BY count(*) DESC, order_id LIMIT 1"
        return self.house.order_link(self.house.value(many))

    @cached_property
    def order_number(self) -> str:
        """An order that more than one complaint is about, so that looking for it lists them."""
        twice = "SELECT order_id FROM complaints_complaint WHERE order_id IS NOT NULL GROUP BY order_id HAVING count(*) > 1"
        return self.house.value(f"SELECT number FROM orders_order WHERE id IN ({twice}) ORDER BY id")

    @cached_property
    def password_link(self) -> str:
        """Where the mail for a forgotten password leads."""
        address = self.house.value("SELECT email FROM accounts_user WHERE username = %s", MANAGER)
        with self.house.visitor() as page:
            page.goto("/admin/password/")
            page.locator("[name=name]").fill(MANAGER)
            with page.expect_navigation():
                page.locator("[name=name]").press("Enter")
        return urlsplit(re.search(r"http\S+", self.house.wait_for_letter(address, "/admin/password/"))[0]).path

    @cached_property
    def letter(self) -> str:
        """The key of a mail in the local mailbox: the one of the forgotten password at least."""
        assert self.password_link
        folder = self.house.stack.data / "mailbox"
        return sorted(path.name.split(":")[0] for part in ("new", "cur") for path in (folder / part).iterdir())[-1]

    @cached_property
    def customer(self) -> dict:
        """The stored state of a browser that has opened the links of all sampled complaints."""
        with self.house.visitor() as page:
            for number in self.numbers.values():
                page.goto(f"/t/{self.make_link(number)}/")
            return page.context.storage_state()

    @cached_property
    def proof(self) -> str:
        """A link as it is mailed to somebody who wants to see personal data."""
        return self.make_link(self.numbers["open"], purpose="privacy")

    def make_link(self, number: str, purpose: str = "track") -> str:
        """A private link to a complaint, as a mail would carry it."""
        token = secrets.token_urlsafe(32)
        self.house.rows(
            "INSERT INTO complaints_secretlink (complaint_id, digest, purpose, contact_index, created_at, expires_at)"
            " SELECT id, %s, %s, contact_email_index, now(), now() + interval '1 day' FROM complaints_complaint WHERE number = %s",
            hashlib.sha256(token.encode()).hexdigest(),
            purpose,
            number,
        )
        return token

    def place(self, path: str, *, language: str) -> str:
        """A path with its samples."""
        lazy = {name: getattr(self, name) for name in LAZY if f"{{{name}}}" in path}
        return path.format(**self.numbers, **lazy, language=LANGUAGES[language])
