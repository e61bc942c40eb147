"""Copies of whole cases: every row that hangs on a case, with numbers of its own, in one statement per table."""

from collections.abc import Iterator
from contextlib import closing

import psycopg2
from django.apps import apps
from django.db.models import CharField, DateTimeField, Field, Max, Model, Q, UUIDField

# A row is copied when it points at a row of a table that stands before its own.
TABLES = (
    *("complaints.Complaint", "complaints.Message", "complaints.Event", "complaints.ClockRun", "complaints.Clock"),
    *("workflows.Case", "workflows.RefundableUnit", "workflows.CaseUnit", "workflows.CheckResult", "workflows.Resolution"),
    *("workflows.PaymentBalance", "workflows.Refund", "workflows.RefundLine", "workflows.RefundAttempt", "workflows.RefundEvent"),
    *("workflows.Approval", "workflows.ApprovalStep", "workflows.AuthorityUse", "workflows.Recovery"),
    *("workflows.Parcel", "workflows.ParcelCase", "workflows.InspectionLine", "workflows.WarehouseScan"),
    *("workflows.Task", "workflows.CaseClock", "workflows.Step"),
)
BEFORE = ("orders.Customer", "orders.Order", "orders.OrderLine", "orders.Payment", "orders.Shipment")
# What runs ends late enough for a house that is kept; what is past happened at another moment in each copy.
LATER = {"due_at", "promise_at", "next_at", "unanswered_until"}
EARLIER = {"since", "opened_at", "submitted_at", "announced_at", "placed_at", "paid_at", "created_at", "started_at"}
TEXTS = {
    "number": "'B' || {id}",
    "external_id": "t.external_id || '-' || {id}",
    "out_refund_no": "'RF' || lpad(({id})::text, 26, '0')",
    "waybill": "CASE t.waybill WHEN '' THEN '' ELSE 'SF9' || lpad(({id})::text, 12, '0') END",
    "submission_digest": "NULL",
    "client_id": "gen_random_uuid()",
}
# Spread over the people and places of the shop where the case that is copied has one.
SPREAD = {"assignee_id": "agents", "owner_id": "agents", "warehouse_id": "places"}
SPACED = "n * '3 s'::interval"
COPY = """
    INSERT INTO {table} ({columns}) SELECT {values} FROM {table} t CROSS JOIN generate_series(1, %(count)s) AS n
    WHERE t.{key} = ANY(%(ids)s)
"""
LET_LAST = "UPDATE {table} SET {column} = {column} + '30 d'::interval WHERE {key} = ANY(%s)"
GO_ON = "SELECT setval(pg_get_serial_sequence('{table}', '{key}'), (SELECT max({key}) FROM {table}))"


def copy_cases(copies: dict[int, int], shop, *, superuser_url: str) -> None:
    """So many copies of each case (by its id) with its order, complaint and everything else that belongs to it."""
    models = [apps.get_model(name) for name in (*BEFORE, *TABLES)]
    step = 1 + max(model.objects.aggregate(last=Max("pk"))["last"] or 0 for model in models)
    people = {"agents": [agent.pk for agent in shop.agents], "places": [place.pk for place in shop.warehouses]}
    with closing(psycopg2.connect(superuser_url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # every row is a copy of one that was checked
        for case_id, count in copies.items():
            for model, ids in rows_of(case_id, models):
                cursor.execute(copy_statement(model, models, step), people | {"ids": ids, "count": count})
                for column in {field.column for field in model._meta.concrete_fields} & LATER:
                    cursor.execute(LET_LAST.format(column=column, **named(model)), [ids])
        for model in models:
            cursor.execute(GO_ON.format(**named(model)))


def rows_of(case_id: int, models: list[type[Model]]) -> Iterator[tuple[type[Model], list[int]]]:
    """The ids of what belongs to a case, table by table."""
    case = apps.get_model("workflows.Case").objects.select_related("order").get(pk=case_id)
    found: dict[type[Model], list[int]] = {type(case.order.customer): [case.order.customer_id], type(case.order): [case.order_id]}
    for model in models:
        if model not in found:
            belongs = Q(pk__in=[])
            for key in (*keys_of(model, list(found)), *model._meta.many_to_many):
                belongs |= Q(**{f"{key.name}__in": found.get(key.related_model, [])})
            found[model] = sorted(set(model.objects.filter(belongs).values_list("pk", flat=True)))
        yield model, found[model]


def keys_of(model: type[Model], models: list[type[Model]]) -> list[Field]:
    return [field for field in model._meta.concrete_fields if field.is_relation and field.related_model in models]


def copy_statement(model: type[Model], models: list[type[Model]], step: int) -> str:
    fields = model._meta.concrete_fields
    moved = {field.column for field in keys_of(model, models)} | {model._meta.pk.column}
    values = [value_of(model, field, field.column in moved, step) for field in fields]
    columns = [f'"{field.column}"' for field in fields]
    return COPY.format(columns=", ".join(columns), values=", ".join(values), **named(model))


def named(model: type[Model]) -> dict[str, str]:
    return {"table": model._meta.db_table, "key": model._meta.pk.column}


def value_of(model: type[Model], field: Field, is_moved: bool, step: int) -> str:
    column = f't."{field.column}"'
    if is_moved or (model.__name__ == "AuthorityUse" and field.column in ("order_id", "customer_id")):
        return f"{column} + n::bigint * {step}"
    if field.column in SPREAD:
        choice = f"%({SPREAD[field.column]})s::bigint[]"
        return f"CASE WHEN {column} IS NOT NULL THEN ({choice})[1 + n %% cardinality({choice})] END"
    if field.column in TEXTS and isinstance(field, CharField | UUIDField):
        return TEXTS[field.column].format(id=f"(t.{model._meta.pk.column} + n::bigint * {step})")
    if field.column.endswith("_index"):
        return f"CASE {column} WHEN '' THEN '' ELSE encode(sha256(convert_to({column} || n, 'UTF8')), 'hex') END"
    if isinstance(field, DateTimeField) and field.column in LATER:
        return f"{column} + '30 d'::interval + {SPACED}"
    if isinstance(field, DateTimeField) and field.column in EARLIER:
        return f"{column} - {SPACED}"
    return column
