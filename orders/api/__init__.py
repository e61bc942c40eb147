"""Sync of the shop's systems: /api/v1/{merchants,customers,orders,payments,shipments,warehouses}/."""
