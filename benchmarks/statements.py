"""What one case of each operation asks of the database, counted inside this process, and how large its pages are."""

from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmarks.visitor import NUMBER, Visitor


@dataclass
class Tally:
    """Statements and bytes of every request, in the order in which they were made."""

    requests: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def statements(self) -> str:
        return " + ".join(str(count) for _path, count, _size in self.requests)

    @property
    def size(self) -> int:
        return sum(size for _path, _count, size in self.requests)


class InsideVisitor(Visitor):
    """The same browser profile, answered by Django's own test client instead of the server."""

    def __init__(self, base_url: str, *, network: str = "127.0.0.1"):
        from django.test import Client

        super().__init__(base_url, network=network)
        self.client = Client()
        self.tally = Tally()

    def _exchange(self, method: str, path: str, body: str | None):
        from django.db import connection

        statements = 0
        headers = {"HTTP_HOST": self.address, "HTTP_X_FORWARDED_FOR": self.network}
        form = {} if body is None else {"data": body, "content_type": "application/x-www-form-urlencoded"}

        def count(run, statement, *rest):
            nonlocal statements
            statements += 1 + statement.strip("; \n").count(";")  # a batch is several
            return run(statement, *rest)

        with connection.execute_wrapper(count):
            response = self.client.generic(method, path, **form, **headers)
        self.cookies |= {name: cookie.value for name, cookie in self.client.cookies.items()}
        self.tally.requests.append((f"{method} {NUMBER.sub('…', path)}", statements, len(response.content)))
        return response.status_code, response.headers.get("Location", ""), response.content


@contextmanager
def inside():
    """Operations made within use visitors of this process; yields the list of them."""
    from benchmarks import operations

    made: list[InsideVisitor] = []

    def make(*args, **options) -> InsideVisitor:
        made.append(InsideVisitor(*args, **options))
        return made[-1]

    operations.Visitor, outside = make, operations.Visitor
    try:
        yield made
    finally:
        operations.Visitor = outside


def count_statements(base_url: str) -> dict[str, Tally]:
    """A tally per operation. Each runs once before, so that what a process reads once is not counted."""
    from benchmarks.operations import make_operations

    found = {}
    with inside() as made:
        for operation in make_operations(base_url, 3):
            cases = operation.notes["prepare"]() if "prepare" in operation.notes else operation.cases
            for case in cases[:3]:
                for visitor in made:
                    visitor.tally = Tally()
                operation.run(case)
            found[operation.name] = next(visitor.tally for visitor in reversed(made) if visitor.tally.requests)
            for visitor in made:
                visitor.tally = Tally()
    return found
