"""Rows for the sync service out of the records of the files."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.translation import gettext as _

from orders.models import Customer, Order, OrderLine, Payment, Shipment, ShipmentEvent
from orders.services.faults import find_faults
from orders.services.rows import OrderRow, Row, ScanRow, ShipmentRow
from orders.services.scans import shipment_status
from ui.exports.cells import FORMULA

from .convert import CellError, Converter
from .findings import Findings, quote
from .profile import FieldSpec, Profile, Source
from .reader import Record

NEEDED = {
    Order: {"external_id", "placed_at"},
    OrderLine: {"sku", "title"},
    Payment: {"method", "amount_fen"},
    Shipment: set(),
    ShipmentEvent: {"at", "status"},
    Customer: {"external_id"},
}
PART_MODELS = {"lines": OrderLine, "payments": Payment, "shipments": Shipment, "scans": ShipmentEvent}
OF_ORDER = "order."
SPREADSHEET_NUMBER = re.compile(r"^\d(?:\.\d+)?[eE]\+\d+$")
PLAIN_NUMBER = re.compile(r"^[+-][\d\s().-]+$")


class OrderBuilder:
    """Builds one order at a time; what is wrong with a record becomes a finding, and the rest goes on."""

    def __init__(self, profile: Profile, tables: Mapping, parts: Mapping[str, Mapping[str, list[Record]]], findings: Findings) -> None:
        self.profile, self.findings, self.parts = profile, findings, parts
        self.convert = Converter(profile, tables)
        self.customers_table = tables.get("customers", {})
        self.customers: dict[str, Row] = {}

    def build(self, record: Record) -> OrderRow | None:
        """The order of a record with everything that belongs to it; None when it had to be rejected."""
        customer = self._customer(record)
        values = customer and self.read_fields(record, self.profile.orders, Order)
        if values is None or customer is None:
            return None
        external_id = values.pop("external_id")
        lines, summed = self._lines(external_id)
        values |= {name: value for name, value in summed.items() if name not in values}
        values.setdefault("currency", self.profile.currency)
        if "total_fen" not in values:
            goods = sum(line.values.get("paid_fen", 0) for line in lines)
            values["total_fen"] = max(0, goods + values.get("freight_fen", 0) - values.get("discount_fen", 0))
        payments = self._payments(external_id, values)
        return OrderRow(external_id, values, customer, lines, payments, self._shipments(external_id, record))

    def read_fields(self, record: Record, source: Source, model: type[models.Model]) -> dict[str, Any] | None:
        """Values of the record's fields; None when one that is needed cannot be read. Others that cannot be read are left out."""
        values: dict[str, Any] = {}
        for name, spec in source.fields.items():
            code, fault = "", ""
            try:
                value = self._fill_empty(model, name, self.convert.read(record, spec))
                fault = self._field_fault(model, name, value)
                code = "bad_value"
            except CellError as error:
                code, fault = error.code, str(error)
            if fault and name in NEEDED[model]:
                self.findings.reject(record.file, record.line, code, fault)
                return None
            if fault:
                self.findings.odd(record.file, record.line, code, fault + " " + _("The field was left out."))
            elif value is not None or _is_nullable(model, name):
                values[name] = value
            self._note_cell(record, spec)
        return values

    def _fill_empty(self, model: type[models.Model], name: str, value: Any) -> Any:
        if value is None and name in NEEDED[model]:
            raise CellError("missing_value", _("%(name)s is empty.") % {"name": name})
        if value is None and not _is_nullable(model, name) and _is_text(model, name):
            return ""
        return value

    def _field_fault(self, model: type[models.Model], name: str, value: Any) -> str:
        if value is None or name.startswith(OF_ORDER) or _field_of(model, name) is None:
            return ""
        if isinstance(value, str) and name == "status" and model in (Shipment, ShipmentEvent):
            value = shipment_status(value)
        fault = find_faults(model, {name: value}).get(name, "")
        return f"{name}: {fault}" if fault else ""

    def _note_cell(self, record: Record, spec: FieldSpec) -> None:
        cell = record.cells.get(spec.column, "")
        if spec.type != "text" or not cell:
            return
        if spec.through and not self.convert.look_up(cell, spec):
            table = self.profile.tables[spec.through[0][0]].file
            text = _("%(column)s: nothing is found in %(file)s for it.") % {"column": spec.column, "file": table}
            self.findings.odd(record.file, record.line, "not_found", text)
        elif cell.startswith(FORMULA) and not PLAIN_NUMBER.match(cell):
            self.findings.odd(record.file, record.line, "formula_cell", _("“%(cell)s” looks like a formula; kept as text.") % _quoted(cell))
        elif SPREADSHEET_NUMBER.match(cell):
            text = _("“%(cell)s” looks like a number that a spreadsheet has cut short.") % _quoted(cell)
            self.findings.odd(record.file, record.line, "spreadsheet_number", text)

    def _customer(self, record: Record) -> Row | None:
        source = self.profile.customer
        found = self.customers_table.get(record.cells.get(source.key, "")) if source.file else record
        if found is None:
            self.findings.reject(record.file, record.line, "unknown_customer", _("No such customer in %(file)s.") % {"file": source.file})
            return None
        values = self.read_fields(found, source, Customer)
        return values and self._first_of_customer(found, Row(values.pop("external_id"), values))

    def _first_of_customer(self, record: Record, row: Row) -> Row:
        first = self.customers.setdefault(row.external_id, row)
        if first.values != row.values:
            text = _("The same customer with other values further up in the file; the first ones count.")
            self.findings.odd(record.file, record.line, "customer_differs", text)
        return first

    def _lines(self, order_id: str) -> tuple[tuple[Row, ...], dict[str, Any]]:
        summed = defaultdict(list)
        groups: dict[tuple, list[dict]] = {}
        for record, values in self._read_part("lines", order_id):
            for name in [name for name in values if name.startswith(OF_ORDER)]:
                summed[name.removeprefix(OF_ORDER)].append(values.pop(name))
            group = tuple(record.cells[column] for column in self.profile.parts["lines"].group_by) or (len(groups),)
            groups.setdefault(group, []).append(values)
        lines = tuple(_join_lines(self.profile.parts["lines"], group) for group in groups.values())
        return lines, {name: _total(values) for name, values in summed.items()}

    def _payments(self, order_id: str, order: Mapping[str, Any]) -> tuple[Row, ...]:
        rows = []
        for number, (record, values) in enumerate(self._read_part("payments", order_id), start=1):
            if values["amount_fen"] == 0:
                self.findings.odd(record.file, record.line, "zero_payment", _("A payment of nothing."))
            # Files that know only when the order was paid mean every payment of it.
            values["paid_at"] = values.get("paid_at") or order.get("paid_at")
            values.setdefault("status", Payment.Status.CAPTURED if values["paid_at"] else Payment.Status.PENDING)
            values.setdefault("currency", order["currency"])
            rows.append(Row(values.pop("external_id", None) or str(number), values))
        return tuple(rows)

    def _shipments(self, order_id: str, order_record: Record) -> tuple[ShipmentRow, ...]:
        source = self.profile.parts.get("shipments")
        if source is None:
            return ()
        records = self.parts["shipments"].get(order_id, ()) if source.file != self.profile.orders.file else [order_record]
        records = [record for record in records if not source.when or record.cells.get(source.when)]
        return tuple(self._shipment(record, source) for record in records)

    def _shipment(self, record: Record, source: Source) -> ShipmentRow:
        values = self.read_fields(record, source, Shipment) or {}
        external_id = values.pop("external_id", None) or "1"
        carrier, warehouse = values.pop("carrier", None), values.pop("warehouse", None)
        scans = self._scans(record.cells.get(source.key, "")) if source.key else ()
        if not scans:
            values.setdefault("status", _status_by_times(values))
        return ShipmentRow(external_id, values, carrier, warehouse, scans)

    def _scans(self, shipment_id: str) -> tuple[ScanRow, ...]:
        found = (values for _record, values in self._read_part("scans", shipment_id))
        return tuple(ScanRow(values["at"], values["status"], values.get("text", ""), values.get("place", "")) for values in found)

    def _read_part(self, name: str, parent: str) -> Iterator[tuple[Record, dict[str, Any]]]:
        for record in self.parts[name].get(parent, ()):
            values = self.read_fields(record, self.profile.parts[name], PART_MODELS[name])
            if values is not None:
                yield record, values


def _join_lines(source: Source, group: list[dict[str, Any]]) -> Row:
    """One line for several rows of the same goods: the first row's values, sums where the profile says so."""
    values = dict(group[0])
    for name, spec in source.fields.items():
        if spec.is_summed and name in values:
            values[name] = sum(each.get(name, 0) for each in group)
    if source.count:
        values[source.count] = len(group)
    return Row(values.pop("external_id", None) or values["sku"], values)


def _total(values: list[Any]) -> Any:
    """Amounts of lines add up to the order's; of times the earliest counts."""
    return sum(values) if isinstance(values[0], int) else min(values)


def _status_by_times(values: Mapping[str, Any]) -> str:
    if values.get("delivered_at"):
        return Shipment.Status.DELIVERED
    return Shipment.Status.IN_TRANSIT if values.get("shipped_at") else Shipment.Status.PENDING


def _field_of(model: type[models.Model], name: str) -> models.Field | None:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _is_nullable(model: type[models.Model], name: str) -> bool:
    field = _field_of(model, name)
    return field is not None and field.null and not field.is_relation


def _is_text(model: type[models.Model], name: str) -> bool:
    return isinstance(_field_of(model, name), models.CharField | models.TextField)


def _quoted(cell: str) -> dict[str, str]:
    return {"cell": quote(cell)}
