"""Django's PostgreSQL, but whether a kept connection still lives is asked of its socket, not of the server.

Django sends SELECT 1 before the first statement of every request, which costs more than most statements of ours. A server that
went away has closed the socket, and a closed socket is readable; so is one with an unasked-for notice, and only then the server
is asked.
"""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """``statements`` are those that ``foundation.prepared`` has prepared on the connection as it is now."""

    def connect(self) -> None:
        super().connect()
        self.statements: set[str] = set()

    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return super().is_usable() if poll.poll(0) else True
