"""The seven roles as permission sets (source: the role matrix in docs/security.md).

A permission says what a role may do at all; ``access.py`` of each app says to which rows.
"""

from collections.abc import Iterable
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

AGENT = "agent"
LEAD = "lead"
WAREHOUSE = "warehouse"
FINANCE = "finance"
MANAGER = "manager"
ADMIN = "admin"
INTEGRATION = "integration"

LABELS = {
    AGENT: _("Agent"),
    LEAD: _("Team lead"),
    WAREHOUSE: _("Warehouse"),
    FINANCE: _("Finance"),
    MANAGER: _("Manager"),
    ADMIN: _("Administrator"),
    INTEGRATION: _("Integration"),
}
HUMAN = (AGENT, LEAD, WAREHOUSE, FINANCE, MANAGER, ADMIN)

# One administrator asks for these, another one confirms (separation of duties).
CONFIRMED_BY_ANOTHER = frozenset({FINANCE, MANAGER, ADMIN})
SECOND_FACTOR_REQUIRED = frozenset({FINANCE, MANAGER, ADMIN})

_PUBLISH_CALENDARS = {
    "accounts.view_calendar", "accounts.add_calendar", "accounts.change_calendar", "accounts.add_calendarversion",
    "accounts.view_publicday", "accounts.add_publicday",
}  # fmt: skip
_AGENT = {
    "complaints.use_desk",
    "complaints.file_on_behalf",
    "complaints.reply_complaint",
    "complaints.note_complaint",
    "complaints.change_complaint_state",
    "complaints.label_complaint",
    "complaints.claim_complaint",
    "complaints.merge_complaint",
    "complaints.view_evidence",
    "complaints.ask_privacy",
    "accounts.reveal_personal",
    "complaints.view_category",
    "complaints.view_form",
    "accounts.view_calendar",
    "orders.view_order",
    "knowledge.view_cannedreply",
    "knowledge.own_cannedreply",
    "knowledge.view_article",
    "knowledge.view_articlecategory",
    "knowledge.write_article",
    "workflows.work_case",
    "workflows.view_flowversion",
    "workflows.view_casepolicy",
    "analytics.link_improvement",
    "analytics.view_figures",
}
_LEAD = _AGENT | {
    "complaints.lead_complaint",
    "complaints.assign_complaint",
    "complaints.share_savedview",
    "complaints.export_complaint",
    "complaints.retry_outbox",
    "accounts.manage_team",
    "knowledge.team_cannedreply",
    "knowledge.publish_article",
    "workflows.propose_flow",
    "analytics.view_team_figures",
    "analytics.set_goal",
    "analytics.annotate_day",
    "analytics.save_report",
    "analytics.view_spike",
    "analytics.work_spike",
    "analytics.view_improvement",
    "analytics.propose_improvement",
}
_MANAGER = _LEAD | {
    "complaints.manage_shop",
    "complaints.decide_privacy", "complaints.view_privacyrequest",
    "complaints.add_category", "complaints.change_category",
    "complaints.add_form",
    "complaints.publish_slapolicy",
    "workflows.decide_case",
    "workflows.propose_policy", "workflows.publish_policy",
    "workflows.read_money",
    "workflows.publish_flow",
    "analytics.decide_improvement",
    "analytics.view_house_figures", "analytics.view_money_figures",
    *_PUBLISH_CALENDARS,
    "knowledge.shop_cannedreply",
    "knowledge.add_articlecategory", "knowledge.change_articlecategory",
    "complaints.view_macro", "complaints.add_macro", "complaints.change_macro",
    "analytics.export_research",
    "analytics.view_importedlog", "analytics.delete_importedlog",
}  # fmt: skip
_WAREHOUSE = {
    "orders.view_own_warehouse", "knowledge.view_cannedreply", "knowledge.view_article", "workflows.inspect_case",
    "analytics.view_figures", "analytics.view_warehouse_figures",
}  # fmt: skip
_FINANCE = {
    "orders.view_payment",
    "knowledge.view_cannedreply",
    "knowledge.view_article",
    "workflows.pay_refund",
    "workflows.read_money",
    "workflows.reconcile_money",
    "analytics.view_figures", "analytics.view_money_figures",
}  # fmt: skip
_ADMIN = {
    "accounts.configure",
    "accounts.view_user", "accounts.add_user", "accounts.change_user",
    "accounts.view_rolegrant",
    "accounts.view_team", "accounts.add_team", "accounts.change_team",
    "accounts.view_skill", "accounts.add_skill", "accounts.change_skill",
    "accounts.view_authoritylimit", "accounts.add_authoritylimit",
    "accounts.view_accesslog",
    *_PUBLISH_CALENDARS,
    "orders.view_merchant", "orders.add_merchant", "orders.change_merchant",
    "orders.view_warehouse", "orders.add_warehouse", "orders.change_warehouse",
    "orders.view_carrier", "orders.add_carrier", "orders.change_carrier",
    "orders.view_apitoken", "orders.add_apitoken", "orders.change_apitoken",
    "orders.view_importrun",
    "complaints.view_category", "complaints.add_category", "complaints.change_category",
    "complaints.view_form", "complaints.add_form",
    "complaints.view_template", "complaints.add_template", "complaints.change_template",
    "complaints.view_macro", "complaints.add_macro", "complaints.change_macro",
    "complaints.view_tag", "complaints.add_tag", "complaints.change_tag",
    "complaints.view_legalrule", "complaints.add_legalrule", "complaints.change_legalrule",
    "complaints.retry_outbox",
    "complaints.view_mailbox",
    "complaints.run_privacy", "complaints.view_privacyrequest",
    "workflows.view_flowversion", "workflows.propose_flow", "workflows.view_casepolicy",
}  # fmt: skip

PERMISSIONS: dict[str, frozenset[str]] = {
    AGENT: frozenset(_AGENT),
    LEAD: frozenset(_LEAD),
    WAREHOUSE: frozenset(_WAREHOUSE),
    FINANCE: frozenset(_FINANCE),
    MANAGER: frozenset(_MANAGER),
    ADMIN: frozenset(_ADMIN),
    INTEGRATION: frozenset(),
}


def permissions_of(held: Iterable[str]) -> frozenset[str]:
    """Everything that somebody with these roles may do."""
    return _union(frozenset(held))


@lru_cache(maxsize=256)
def _union(held: frozenset[str]) -> frozenset[str]:
    return frozenset().union(*(PERMISSIONS.get(role, frozenset()) for role in held))
