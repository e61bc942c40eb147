"""Django's PostgreSQL, but whether a kept connection still lives is asked of its socket, not of the server.

Django sends SELECT 1 before the first statement of every request, which costs more than most statements of ours. A server that
went away has closed the socket, and a closed socket is readable; so is one with an unasked-for notice, and only then the server
is asked.
"""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return super().is_usable() if poll.poll(0) else True
