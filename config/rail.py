"""The rail of the desk: the areas that the user may open, and the screen each role lands on."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts import roles


@dataclass(frozen=True)
class Area:
    """One entry of the rail, for whoever holds ``permission`` ("" is everybody on the staff). ``shortcut`` goes there from the desk."""

    icon: str
    title: str
    url_name: str
    permission: str
    shortcut: str = ""

    def is_open_to(self, user) -> bool:
        return not self.permission or user.has_perm(self.permission)


AREAS = (
    Area("inbox", _("Complaints"), "admin:desk-queue", "complaints.use_desk"),
    Area("refund", _("After-sales"), "admin:cases", "workflows.work_case", "g a"),
    Area("chat", _("Conversations"), "admin:desk-chats", "complaints.reply_complaint", "g c"),
    Area("flag", _("Follow-ups"), "admin:desk-follow-ups", "complaints.use_desk", "g f"),
    Area("eye", _("Wallboard"), "admin:desk-wall", "complaints.lead_complaint", "g w"),
    Area("chart", _("Figures"), "admin:reports", "analytics.view_figures", "g k"),
    Area("wallet", _("Refunds to sign"), "admin:refunds", "workflows.pay_refund", "g r"),
    Area("legal", _("Reconciliation"), "admin:reconcile", "workflows.read_money"),
    Area("calendar", _("Shifts"), "admin:desk-shifts", "complaints.use_desk", "g s"),
    Area("clock", _("Promises"), "admin:desk-policies", "complaints.lead_complaint", "g p"),
    Area("flow", _("Procedures"), "admin:flows", "workflows.view_flowversion"),
    Area("scan", _("Warehouse"), "admin:scan", "workflows.inspect_case"),
    Area("mail", _("Mailbox"), "admin:mailbox", "complaints.view_mailbox"),
    Area("shield", _("Personal data"), "admin:privacy-list", "complaints.view_privacyrequest"),
    Area("article", _("Articles"), "admin:knowledge_article_changelist", "knowledge.view_article"),
    Area("canned", _("Canned replies"), "admin:knowledge_cannedreply_changelist", "knowledge.own_cannedreply"),
    Area("users", _("Colleagues"), "admin:accounts_user_changelist", "accounts.manage_team"),
    Area("settings", _("Configuration"), "admin:configuration", "accounts.configure"),
    Area("user", _("Profile"), "admin:profile", ""),
)
# Roles that begin elsewhere than where they work.
FIRST_SCREENS = {roles.LEAD: "admin:desk-wall", roles.MANAGER: "admin:reports"}


def rail(request) -> dict:
    """Context processor: nothing is computed unless the page draws the rail."""
    return {"rail_items": SimpleLazyObject(lambda: rail_items(request))}


def rail_items(request) -> list[dict]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    items = [(area, url) for area in AREAS if area.is_open_to(user) and (url := url_of(area))]
    here = max((url for _area, url in items if request.path.startswith(url)), key=len, default="")
    return [{"icon": area.icon, "title": area.title, "url": url, "active": url == here, "shortcut": area.shortcut} for area, url in items]


def landing_url(user) -> str:
    """Where a role begins its day: lead at the wallboard, manager at the figures; then desk, warehouse or finance, else configuration."""
    for role, url_name in FIRST_SCREENS.items():
        if role in user.role_names:
            return reverse(url_name)
    for name in ("complaints.use_desk", "workflows.inspect_case", "workflows.pay_refund", "workflows.read_money", "accounts.configure", ""):
        for area in AREAS:
            if area.permission == name and area.is_open_to(user) and (url := url_of(area)):
                return url
    return "/"


def url_of(area: Area) -> str:
    """The address, or nothing in an installation that does not mount this area (the mailbox needs no SMTP)."""
    try:
        return reverse(area.url_name)
    except NoReverseMatch:
        return ""
