"""The mailbox of the trial run: mail stays on this machine, in a Maildir below the data folder, where ``/admin/mailbox/`` shows it."""

import mailbox
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.parser import BytesHeaderParser, BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

LONGEST_SHOWN = 200


@dataclass(frozen=True)
class Letter:
    """One mail as the page shows it; ``text`` is empty in a list."""

    key: str
    subject: str
    sender: str
    recipient: str
    at: datetime | None
    text: str = ""


class LocalMailbox(BaseEmailBackend):
    """Keeps mail instead of sending it."""

    def send_messages(self, email_messages: Iterable[EmailMessage]) -> int:
        folder = open_mailbox()
        return len([folder.add(mail.message().as_bytes(linesep="\n")) for mail in email_messages])


def open_mailbox() -> mailbox.Maildir:
    path = Path(settings.DATA_DIR) / "mailbox"
    path.parent.mkdir(parents=True, exist_ok=True)
    return mailbox.Maildir(path, create=True)


def newest_letters(limit: int = LONGEST_SHOWN) -> list[Letter]:
    """The newest mails without their texts. Maildir names begin with the second of their arrival, so no file is opened to sort."""
    folder = open_mailbox()
    keys = sorted(folder.iterkeys(), key=_arrival, reverse=True)[:limit]
    return [_read_headers(key, folder.get_bytes(key)) for key in keys]


def find_letter(key: str) -> Letter | None:
    """One mail with its plain text, or None."""
    folder = open_mailbox()
    # Looked up among the names that exist: a key from an address never becomes a path.
    if key not in folder:
        return None
    raw = folder.get_bytes(key)
    body = BytesParser(policy=policy.default).parsebytes(raw).get_body(("plain",))
    return _read_headers(key, raw, text=body.get_content() if body else "")


def forget_letters(addresses: Iterable[str], numbers: Iterable[str]) -> int:
    """Remove the mails to these addresses, or about these complaints; returns how many."""
    if not Path(settings.DATA_DIR, "mailbox").is_dir():
        return 0
    folder, wanted, about = open_mailbox(), {address.lower() for address in addresses}, tuple(f"<{number}@" for number in numbers)
    found = [key for key in folder.iterkeys() if _concerns(folder.get_bytes(key), wanted, about)]
    for key in found:
        folder.discard(key)
    return len(found)


def old_letters(before: datetime) -> list[str]:
    """Keys of the mails that arrived before a moment."""
    if not Path(settings.DATA_DIR, "mailbox").is_dir():
        return []
    return [key for key in open_mailbox().iterkeys() if _arrival(key)[0] < before.timestamp()]


def discard_letters(keys: list[str]) -> int:
    folder = open_mailbox()
    for key in keys:
        folder.discard(key)
    return len(keys)


def _concerns(raw: bytes, addresses: set[str], roots: tuple[str, ...]) -> bool:
    headers = BytesHeaderParser(policy=policy.default).parsebytes(raw)
    recipients = {address.addr_spec.lower() for address in getattr(headers["To"], "addresses", ())}
    return bool(recipients & addresses) or str(headers["References"] or "").startswith(roots)


def _arrival(key: str) -> tuple[int, int, str]:
    second, _dot, rest = key.partition(".")
    micro = rest[1:].partition("P")[0] if rest.startswith("M") else ""
    return int(second) if second.isdecimal() else 0, int(micro) if micro.isdecimal() else 0, key


def _read_headers(key: str, raw: bytes, *, text: str = "") -> Letter:
    headers = BytesHeaderParser(policy=policy.default).parsebytes(raw)
    return Letter(key, str(headers["Subject"] or ""), _first(headers["From"]), _first(headers["To"]), _date(headers["Date"]), text)


def _first(header) -> str:
    addresses: tuple[Address, ...] = header.addresses if header is not None else ()
    return str(addresses[0]) if addresses else ""


def _date(header) -> datetime | None:
    try:
        moment = parsedate_to_datetime(str(header))
        # A date in "-0000" is UTC from somebody who does not say where they are.
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError):
        return None
