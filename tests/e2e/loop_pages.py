"""The pages of spikes and improvement items in every state worth looking at."""

from tests.e2e.pages import AGENT, LEAD, MANAGER, Case, press

SPIKES, IMPROVEMENTS = "/admin/reports/spikes/", "/admin/reports/improvements/"

LOOP = [
    Case("admin:spikes", SPIKES, LEAD),
    Case("admin:spikes", f"{SPIKES}?state=closed", LEAD, "nothing"),
    Case("admin:spikes", SPIKES, AGENT, "forbidden", status=403),
    Case("admin:spike", f"{SPIKES}{{spike}}/", LEAD),
    Case("admin:spike-explain", f"{SPIKES}{{spike}}/", LEAD, "error", then=press("form[action$='/explain/'] button")),
    Case("admin:improvements", IMPROVEMENTS, LEAD),
    Case("admin:improvements", f"{IMPROVEMENTS}?group=overdue", LEAD, "nothing"),
    Case("admin:improvement", f"{IMPROVEMENTS}{{proposed}}/", MANAGER, "proposed"),
    Case("admin:improvement", f"{IMPROVEMENTS}{{measured}}/", LEAD, "measuring"),
    Case("admin:improvement-act", f"{IMPROVEMENTS}{{proposed}}/", MANAGER, "error", then=press("form[action$='/accept/'] button")),
    Case("admin:improvement-new", f"{IMPROVEMENTS}new/?spike={{spike}}", LEAD),
    Case("admin:improvement-new", f"{IMPROVEMENTS}new/", LEAD, "error", then=press(".loop__form button")),
    Case("admin:improvement-panel", f"{IMPROVEMENTS}of/{{open}}/", LEAD),
]
