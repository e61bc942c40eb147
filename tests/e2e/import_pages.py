"""The pages of imported logs in every state worth looking at."""

from tests.e2e.pages import AGENT, MANAGER, Case

IMPORTED = "/admin/reports/imported/"

LOGS = [
    Case("admin:imported-logs", IMPORTED, MANAGER, "nothing"),
    Case("admin:imported-logs", f"{IMPORTED}?of={{log}}", MANAGER),
    Case("admin:imported-logs", IMPORTED, AGENT, "forbidden", status=403),
    Case("admin:imported-log", f"{IMPORTED}{{log}}/", MANAGER),
    Case("admin:imported-log", f"{IMPORTED}0/", MANAGER, "unknown", status=404),
    Case("admin:imported-log-delete", f"{IMPORTED}{{log}}/delete/", MANAGER),
]
