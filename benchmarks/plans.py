"""How PostgreSQL answers the statements whose cost could grow with the tables."""

from collections.abc import Callable
from pathlib import Path


def write_plans(path: Path) -> None:
    """EXPLAIN ANALYZE of what the key look-ups really sent, into a file beside the data."""
    path.write_text("\n".join(f"{name}\n{explain(ask)}\n" for name, ask in look_ups().items()))


def explain(ask: Callable[[], object]) -> str:
    """Run a look-up, then explain each of its statements."""
    from django.db import connection

    sent: list[tuple[str, tuple]] = []
    with connection.execute_wrapper(lambda run, sql, values, *rest: (sent.append((sql, values)), run(sql, values, *rest))[1]):
        ask()
    lines = []
    with connection.cursor() as cursor:
        for sql, values in sent:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", values)
            lines += [line for (line,) in cursor.fetchall()]
    return "\n".join(lines)


def look_ups() -> dict[str, Callable[[], object]]:
    """By name: the thread of a complaint, a new one's twins, an agent's and a team's queue, their counts, an order by its number."""
    from accounts.models import User
    from benchmarks.operations import AGENT
    from complaints.access import thread_of
    from complaints.desk.filters import Filter
    from complaints.desk.queues import count_queues, page_of, queue_for
    from complaints.desk.scope import Scope
    from complaints.intake.duplicates import find_twins
    from complaints.intake.matching import orders_with_code
    from complaints.models import Category, Complaint

    scope = Scope(User.objects.get(username=AGENT))
    complaint = Complaint.objects.filter(order__isnull=False).order_by("-pk").select_related("order", "category")[0]
    known = {"order_id": complaint.order_id, "phone_index": complaint.contact_phone_index, "link_ids": []}
    roots = list(Category.objects.values_list("pk", flat=True))
    queues = {key: queue_for(scope.user, key) for key in ("mine", "team", "unassigned", "due", "replied", "all")}
    counted = [(queue, Filter()) for key, queue in queues.items() if key != "all"]
    return {
        "thread of a complaint": lambda: list(thread_of(complaint, is_staff=False)),
        "twins of a complaint": lambda: find_twins(complaint.category, root_ids=roots, **known),
        "an agent's queue": lambda: page_of(queues["mine"], Filter(), scope),
        "the queue of nine teams": lambda: page_of(queues["team"], Filter(), scope),
        "all complaints of nine teams": lambda: page_of(queues["all"], Filter(), scope),
        "the counts of all queues": lambda: count_queues(counted, scope),
        "order by number or waybill": lambda: list(orders_with_code(complaint.order.number)),
    }
