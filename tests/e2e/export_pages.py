"""The pages of lists that are made into files, in every state worth looking at."""

from tests.e2e.pages import AGENT, LEAD, MANAGER, Case

FILES = "/admin/reports/files/"

MADE = [
    Case("admin:reports-exports", f"{FILES}?of={{made}}", MANAGER),
    Case("admin:reports-exports", FILES, LEAD, "nothing"),
    Case("admin:reports-exports", FILES, AGENT, "forbidden", status=403),
    *(
        Case("admin:reports-export", f"{FILES}{{made}}{place}/", MANAGER, state)
        for place, state in enumerate(("", "waiting", "gone", "refused"))
    ),
    Case("admin:reports-export", f"{FILES}00000000-0000-4000-8000-000000000009/", MANAGER, "unknown", status=404),
]
