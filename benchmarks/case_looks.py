"""What is asked again and again beside all open cases: the sweeps that find nothing due, and the first pages of the lists."""

from collections.abc import Callable

from benchmarks.case_house import Shop


def looks(shop: Shop) -> dict[str, Callable[[], object]]:
    """By name. People are read anew each time, as in a request."""
    from accounts.models import User
    from workflows.access import tasks_for
    from workflows.desk.lists import page_of_cases
    from workflows.machines.table import Role
    from workflows.scan.work import inspections_at, tally
    from workflows.services.case_clocks import run_due_case_clocks
    from workflows.services.flow_steps import run_due_steps
    from workflows.services.intake import waiting_for_intake
    from workflows.services.refunds import release_thawed
    from workflows.services.tracks import follow_parcels, read_waybill_news
    from workflows.settling.rounds import due_now

    agent, lead, finance, packer = (each.pk for each in (shop.agents[0], shop.lead, shop.finance, shop.packers[0]))

    def of(pk: int) -> User:
        return User.objects.get(pk=pk)

    return {
        "sweep of clocks": run_due_case_clocks,
        "sweep of intake": waiting_for_intake,
        "sweep of steps": run_due_steps,
        "sweep of refunds": lambda: list(due_now()[:20]),
        "sweep of thawed payments": release_thawed,
        "sweep of waybill news": read_waybill_news,
        "sweep of parcels": follow_parcels,
        "list of an agent": lambda: page_of_cases(of(agent), {}),
        "list of an agent, in review": lambda: page_of_cases(of(agent), {"group": "review"}),
        "list of a lead": lambda: page_of_cases(of(lead), {}),
        "tasks of finance": lambda: list(tasks_for(of(finance), Role.FINANCE).order_by("due_at", "pk")[:50]),
        "tasks of a lead": lambda: list(tasks_for(of(lead), Role.LEAD).order_by("due_at", "pk")[:50]),
        "inspections of a warehouse": lambda: inspections_at(shop.warehouses[0]),
        "tabs of a warehouse": lambda: tally(shop.warehouses[0]),
        "tasks of a packer": lambda: list(tasks_for(of(packer), Role.WAREHOUSE).order_by("due_at", "pk")[:50]),
    }
