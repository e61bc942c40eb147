"""A mail server that keeps every Message-ID it ever took, and can break off before it says so."""

import threading
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.controller import Controller

from config.environment import free_port


class MailSink:
    """``taken`` holds (Message-ID, recipient) of each mail as often as it came, the file the Message-IDs.

    The next mail to an address in ``breaks_off`` is taken without a word.
    """

    def __init__(self, file: Path):
        self.file, self.taken = file, []
        self.breaks_off: set[str] = set()
        self._lock = threading.Lock()
        self.port = free_port()
        self.server = Controller(self, hostname="127.0.0.1", port=self.port)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> "MailSink":
        self.file.touch()
        self.server.start()
        return self

    def __exit__(self, *_) -> None:
        self.server.stop()

    async def handle_DATA(self, server, _session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        with self._lock:
            self.taken.append((mail["Message-ID"], envelope.rcpt_tos[0]))
            with self.file.open("a") as file:
                file.write(f"{mail['Message-ID']}\n")
            is_cut = envelope.rcpt_tos[0] in self.breaks_off
            self.breaks_off.discard(envelope.rcpt_tos[0])
        if is_cut:
            server.transport.abort()
        return "250 OK"

    def of(self, address: str) -> list[str]:
        """The keys of everything that an address got, repetitions included."""
        with self._lock:
            return [message_id.strip("<>").partition("@")[0] for message_id, recipient in self.taken if recipient == address]
