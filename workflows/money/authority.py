"""How much somebody may still decide alone: their limits, each less what was used of it, whoever used it.

Two scopes: ``grant`` is goodwill, counted over orders, linked complaints, customers and days so that many small grants are one large one;
``case`` is any other amount, counted over one case and what was split from it. Amounts are fen. Source: service.md 6, returns.md M13.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from django.db import connection
from django.db.models import Q, Sum
from django.db.models.functions import Now

from accounts import roles
from accounts.models import AuthorityLimit, User
from complaints.models import Complaint, Link
from foundation.exceptions import RefusedError
from workflows.machines.spine_clauses import ABOVE_AUTHORITY
from workflows.models import AuthorityUse, Case

Scope = AuthorityLimit.Scope
GRANT, CASE = str(Scope.GRANT), str(Scope.CASE)
DAY = timedelta(days=1)
# What holds as long as nobody published another limit: role, scope, window. Above a lead's limit a chain signs, whoever asks.
DEFAULTS: dict[tuple[str, str, timedelta | None], int] = {
    (roles.AGENT, Scope.GRANT, None): 5_000,
    (roles.AGENT, Scope.COMPLAINT, None): 5_000,
    (roles.AGENT, Scope.ORDER, None): 5_000,
    (roles.AGENT, Scope.CUSTOMER, DAY): 5_000,
    (roles.AGENT, Scope.CUSTOMER, 30 * DAY): 10_000,
    (roles.AGENT, Scope.AGENT, DAY): 50_000,
    (roles.LEAD, Scope.ORDER, None): 50_000,
    (roles.AGENT, Scope.CASE, None): 50_000,
    (roles.LEAD, Scope.CASE, None): 50_000,
}
# A manager leads all teams of the shop and signs chains; alone they decide what a lead decides.
LIMITS_OF = {roles.MANAGER: roles.LEAD}
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
OF_GRANT = frozenset({Scope.GRANT, Scope.COMPLAINT, Scope.ORDER, Scope.CUSTOMER, Scope.AGENT})


@dataclass(frozen=True)
class Limit:
    """``window`` None: for ever. ``version`` 0: the house's own, nobody published it."""

    scope: str
    window: timedelta | None
    limit_fen: int
    version: int = 0


@dataclass(frozen=True)
class Room:
    """What is left of one limit, so that a page can say which of them binds."""

    limit: Limit
    used_fen: int

    @property
    def left_fen(self) -> int:
        return max(0, self.limit.limit_fen - self.used_fen)


def remaining(by: User | None, case: Case, *, scope: str = GRANT) -> int:
    """How much ``by`` may still decide on this case without anybody's signature; the machine and other roles nothing."""
    return max((min(room.left_fen for room in rooms) for rooms in rooms_of(by, case, scope=scope).values()), default=0)


def rooms_of(by: User | None, case: Case, *, scope: str = GRANT) -> dict[str, list[Room]]:
    """What is left of every limit, by the roles that somebody holds. Three queries, two more for goodwill."""
    held = by.role_names if by is not None and by.is_active else frozenset()
    limits = _limits_of(held, scope)
    used = iter(_read_uses(by, case, scope, [limit for found in limits.values() for limit in found]))
    return {role: [Room(limit, next(used)) for limit in found] for role, found in limits.items()}


def use_authority(case: Case, amount_fen: int, *, by: User, scope: str = GRANT) -> AuthorityUse:
    """Count an amount against the limits of ``by``. Call it in the transaction of the act, after the money was locked.

    Others who want the same limits wait for the end of the transaction. Raises ``RefusedError`` when less than the amount is left.
    """
    _lock(case, by)
    if amount_fen <= 0 or amount_fen > remaining(by, case, scope=scope):
        raise RefusedError([ABOVE_AUTHORITY.reason()])
    return _write(case, by.pk, scope, amount_fen)


def give_back_authority(case: Case, *, by_id: int | None = None, scope: str | None = None) -> int:
    """Take back what was used on a case and was not granted after all: rows that cancel it, at the times of the uses. Returns the fen."""
    used = AuthorityUse.objects.filter(case=case)
    used = used.filter(agent=by_id) if by_id else used
    used = used.filter(scope=scope) if scope else used
    rows = list(used.values_list("agent_id", "scope", "at").annotate(net=Sum("amount_fen")).filter(net__gt=0).order_by("at"))
    for agent_id, of_scope, at, net in rows:
        _write(case, agent_id, of_scope, -net, at=at)
    return sum(net for *_rest, net in rows)


def _limits_of(held: Iterable[str], scope: str) -> dict[str, list[Limit]]:
    """The newest version of every limit of each role; a role without any may decide nothing."""
    wanted = OF_GRANT if scope == GRANT else {Scope.CASE}
    sources = {role: LIMITS_OF.get(role, role) for role in held}
    newest = {(role, kind, window): Limit(kind, window, fen) for (role, kind, window), fen in DEFAULTS.items() if kind in wanted}
    rows = AuthorityLimit.objects.filter(role__in={*sources.keys(), *sources.values()}, scope__in=wanted).order_by("version")
    for role, kind, window, fen, version in rows.values_list("role", "scope", "window", "limit_fen", "version"):
        newest[role, kind, window] = Limit(kind, window, fen, version)
    found = {role: _of_role(newest, role, source) for role, source in sources.items()}
    return {role: limits for role, limits in found.items() if limits}


def _of_role(newest: dict, role: str, source: str) -> list[Limit]:
    """A limit of the role's own goes before the one that it borrows."""
    own = {**_by_kind(newest, source), **_by_kind(newest, role)}
    return list(own.values())


def _by_kind(newest: dict, role: str) -> dict:
    return {(kind, window): limit for (owner, kind, window), limit in newest.items() if owner == role}


def _read_uses(by: User | None, case: Case, scope: str, limits: list[Limit]) -> list[int]:
    """What was used of each limit, in one statement over the rows that any of them counts."""
    if not limits:
        return []
    counted = [_counted(by, case, limit, scope) for limit in limits]
    rows = AuthorityUse.objects.filter(scope=scope).filter(_any_of(filter(None, counted)))
    sums = {f"of_{at}": Sum("amount_fen", filter=which, default=0) for at, which in enumerate(counted) if which is not None}
    found = rows.aggregate(**sums) if sums else {}
    return [found.get(f"of_{at}", 0) for at in range(len(limits))]


def _counted(by: User, case: Case, limit: Limit, scope: str) -> Q | None:
    """The uses that count against a limit; None: none do, the limit is of each grant by itself."""
    if limit.scope == Scope.GRANT:
        return None
    recent = Q(at__gt=Now() - limit.window) if limit.window else Q()
    return recent & _ABOUT[limit.scope](by, case)


def _of_linked_complaints(_by: User, case: Case) -> Q:
    """Linking, merging or splitting a complaint does not make a new limit."""
    own = case.complaint_id
    links = Link.objects.filter(Q(source=own) | Q(target=own)).values_list("source", "target")
    merged = Complaint.objects.filter(Q(pk=own) | Q(merged_into=own)).values_list("pk", "merged_into")
    linked = {*chain.from_iterable(links), *chain.from_iterable(merged)} - {None}
    return Q(case__in=_ids(Q(complaint__in=linked)))


def _of_case_family(_by: User, case: Case) -> Q:
    roots = [case.pk, case.parent_id] if case.parent_id else [case.pk]
    return Q(case__in=[*roots, *_ids(Q(parent__in=roots))])


def _ids(which: Q) -> list[int]:
    """Read first: an OR across the join with the cases reads every use there ever was."""
    return list(Case.objects.filter(which).values_list("pk", flat=True))


_ABOUT = {
    Scope.COMPLAINT: _of_linked_complaints,
    Scope.ORDER: lambda _by, case: Q(order_id=case.order_id),
    Scope.CUSTOMER: lambda _by, case: Q(customer_id=case.order.customer_id),
    Scope.AGENT: lambda by, _case: Q(agent=by.pk),
    Scope.CASE: _of_case_family,
}


def _any_of(conditions: Iterable[Q]) -> Q:
    found = Q(pk__in=[])
    for condition in conditions:
        found |= condition
    return found


def _lock(case: Case, by: User) -> None:
    """Order, customer, agent, always in this order; the linked complaints of one customer are covered by the customer's lock."""
    with connection.cursor() as cursor:
        for kind, pk in (("order", case.order_id), ("customer", case.order.customer_id), ("agent", by.pk)):
            cursor.execute(LOCK, [f"workflows.authority.{kind}:{pk}"])


def _write(case: Case, agent_id: int, scope: str, amount_fen: int, *, at: datetime | None = None) -> AuthorityUse:
    row = partial(AuthorityUse, agent_id=agent_id, case=case, scope=scope, amount_fen=amount_fen)
    row = row(order_id=case.order_id, customer_id=case.order.customer_id, **({"at": at} if at else {}))
    row.save(force_insert=True)
    return row
