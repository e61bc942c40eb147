"""What is known about people who buy."""

from foundation.personal import Table

BY_LAW = "as long as the law asks for records of transactions (at least 3 years); the person in them goes with an erasure"
BOOKS = "id external_id order"

TABLES = (
    Table(label="orders.Merchant", why="shops", kept="configuration", none="id code name currency is_active"),
    Table(label="orders.MerchantMember", why="which shop a colleague works for", kept="configuration", none="id merchant user"),
    Table(label="orders.Warehouse", why="warehouses", kept="configuration", none="id merchant code name"),
    Table(label="orders.WarehouseMember", why="which warehouse a colleague works for", kept="configuration", none="id warehouse user"),
    Table(
        label="orders.ApiToken",
        why="access of the shop's own systems",
        kept="configuration",
        none="id merchant name prefix actor scopes created_by created_at expires_at revoked_at last_used_at",
        secret="digest",  # noqa: S106 - a name of a field
    ),
    Table(
        label="orders.Customer",
        of="customers",
        why="to know whose order a complaint is about",
        kept="until erased",
        none="id merchant language tier is_green since synced_at erased_at",
        contact="name phone phone_index phone_tail_index email email_index city",
        identity="external_id",
    ),
    Table(
        label="orders.Consent",
        of="customers",
        why="what a customer agreed to or withdrew",
        kept="with the customer",
        none="id customer purpose is_given text_digest channel at",
    ),
    Table(
        label="orders.Order",
        of="customers",
        why="what a complaint is about",
        kept=BY_LAW,
        none="id head_seq head_hash merchant customer external_id status currency placed_at paid_at promised_ship_at shipped_at"
        " promised_delivery_at delivered_at confirmed_at cancelled_at synced_at",
        contact="receiver_name receiver_phone receiver_phone_index receiver_address province city",
        identity="number",
        financial="total_fen freight_fen discount_fen",
        content="buyer_note",
    ),
    Table(
        label="orders.OrderLine",
        of="customers",
        why="what was bought",
        kept=BY_LAW,
        none=f"{BOOKS} sku title variant supplier image_path quantity",
        financial="unit_fen paid_fen",
    ),
    Table(
        label="orders.Payment",
        of="customers",
        why="what was paid",
        kept=BY_LAW,
        none=f"{BOOKS} status currency installments paid_at synced_at",
        financial="method amount_fen",
    ),
    Table(label="orders.OrderEventPending", why="sequencing of events", kept="seconds", none="event_id"),
    Table(
        label="orders.OrderEvent",
        why="what became known about an order and when: codes only",
        kept=BY_LAW,
        none="id seq kind at recorded_at actor_id author_kind codes salt digest hash order payload",
    ),
    Table(label="orders.OrderFeed", why="events in commit order", kept=BY_LAW, none="pos event_id subject_id kind"),
    Table(label="orders.Carrier", why="carriers", kept="configuration", none="id code name_zh name_en phone"),
    Table(
        label="orders.Shipment",
        of="customers",
        why="where a parcel is",
        kept=BY_LAW,
        none=f"{BOOKS} carrier warehouse status shipped_at promised_at delivered_at last_scan_at synced_at",
        identity="waybill",
    ),
    Table(
        label="orders.ShipmentEvent",
        of="customers",
        why="where a parcel was",
        kept=BY_LAW,
        none="id shipment at status digest",
        content="place text",
    ),
    Table(
        label="orders.ImportRun",
        why="what an import did",
        kept="BIHUAN_KEEP_IMPORTS_DAYS",
        none="id merchant profile folder started_at finished_at counts by",
    ),
    Table(
        label="orders.ImportFinding",
        of="customers",
        why="rows of an import that were odd or refused",
        kept="BIHUAN_KEEP_IMPORTS_DAYS",
        none="id run kind file line code",
        content="text",
    ),
)
