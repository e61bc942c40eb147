"""Statements that are worked out once: Django builds and compiles them, PostgreSQL parses and plans them, later calls only run them.

    FIND = Prepared(lambda: Complaint.objects.filter(number=Value("number")).select_related("team"))
    FIND.first(number="C2026…")

Why, and where it is worth it: docs/decisions/0007-compiled-once.md.
"""

import re
from collections.abc import Callable, Sequence
from hashlib import blake2s
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, ForeignKey, Lookup, QuerySet
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler
from psycopg2.extensions import AsIs


class Value(Expression):
    """A place in a prepared query that each call fills: whatever psycopg2 adapts, in the type of the column beside it."""

    def __init__(self, name: str):
        super().__init__()
        self.name = name

    def resolve_expression(self, *_args, **_options) -> "Value":
        return self

    def as_sql(self, _compiler, _connection) -> tuple[str, list]:
        return "%s", [self]


@ForeignKey.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """``column__any=Value("ids")``: one of a list that each call brings. ``__in`` would fix its length."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler, connection) -> tuple[str, list]:
        left, values = self.process_lhs(compiler, connection)
        right, more = self.process_rhs(compiler, connection)
        return f"{left} = ANY({right})", [*values, *more]


class Prepared:
    """A queryset with ``Value`` places, built by ``build`` on the first call. No prefetch_related."""

    def __init__(self, build: Callable[[], QuerySet]):
        self._build = build
        # As many as were ever in use at once: threads come and go, what they compiled stays.
        self._free: list[QuerySet] = []

    def all(self, **values: Any) -> list:
        """The rows for these values: what iterating the queryset would give."""
        try:
            queryset = self._free.pop()
        except IndexError:
            queryset = self._compile()
        try:
            queryset.query.values = values
            return list(queryset._iterable_class(queryset))
        finally:
            self._free.append(queryset)

    def first(self, **values: Any) -> Any | None:
        return next(iter(self.all(**values)), None)

    def _compile(self) -> QuerySet:
        queryset = self._build().all()  # a copy: what is built may be one queryset that is given out again and again
        # Not its ``query``: setting that turns values_list() into values().
        queryset._query = queryset.query.chain(klass=CompiledQuery)
        return queryset


class CompiledQuery(Query):
    """A query that keeps its compiler and the converters of its columns. ``values`` are those of the current call."""

    values: dict[str, Any]
    compiled: SQLCompiler | None = None

    def get_compiler(self, using=None, connection=None, elide_empty=True) -> SQLCompiler:
        if self.compiled is None:
            self.compiled = self._compile(super().get_compiler(using, connection, elide_empty))
        # Every thread has a connection of its own.
        self.compiled.connection = connections[self.compiled.using]
        return self.compiled

    def _compile(self, compiler: SQLCompiler) -> SQLCompiler:
        statement = Statement(*compiler.as_sql())
        converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
        compiler.as_sql = lambda *_args, **_options: statement.execution(compiler.connection, self.values)
        compiler.get_converters = lambda _columns: converters
        return compiler


class Statement:
    """SQL that each connection has PostgreSQL parse and plan once (PREPARE), and then only runs (EXECUTE)."""

    def __init__(self, text: str, parameters: Sequence[Any]):
        self._text, self._parameters = text, parameters
        self._places = list(dict.fromkeys(each.name for each in parameters if isinstance(each, Value)))
        # The same statement has the same name, whoever compiled it.
        self._name = (
            "bihuan_"
            + blake2s(repr((text, [(each.name,) if isinstance(each, Value) else each for each in parameters])).encode()).hexdigest()[:20]
        )
        self._call = f"EXECUTE {self._name}" + (f" ({', '.join(['%s'] * len(self._places))})" if self._places else "")

    @classmethod
    def named(cls, text: str) -> "Statement":
        """A statement written by hand, with places like ``%(name)s``."""
        return cls(NAMED.sub("%s", text), [Value(name) for name in NAMED.findall(text)])

    def rows(self, **values: Any) -> list[tuple]:
        """Run it on this thread's connection and return what it gives."""
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(*self.execution(connections[DEFAULT_DB_ALIAS], values))
            return cursor.fetchall()

    def execution(self, connection, values: dict[str, Any]) -> tuple[str, tuple]:
        """What runs the statement with these values on this connection."""
        connection.ensure_connection()
        if self._name not in connection.statements:
            with connection.wrap_database_errors, connection.connection.cursor() as cursor:
                cursor.execute(f"PREPARE {self._name} AS {self._text}", [self._mark(each) for each in self._parameters])
            connection.statements.add(self._name)
        return self._call, tuple(values[name] for name in self._places)

    def _mark(self, parameter: Any) -> Any:
        return AsIs(f"${self._places.index(parameter.name) + 1}") if isinstance(parameter, Value) else parameter


NAMED = re.compile(r"%\((\w+)\)s")
