"""What the rules of publication ask of this house, gathered from its tables: who works here, what they may grant, which words exist."""

from datetime import timedelta
from functools import cache

from django.utils.translation import override

from accounts.models import AuthorityLimit, Skill, User
from complaints.channels.templates import LANGUAGES, VARIABLES, newest_templates, shipped_templates
from complaints.models import LegalRule, Template
from ui.placeholders import names
from workflows.flows.lint import House
from workflows.flows.phases import STATES_BY_PHASE, VERBS_BY_PHASE
from workflows.machines.spine import SPINE
from workflows.machines.table import INCLUDES, Role
from workflows.models import CasePolicy
from workflows.services.tasks import working_hours

# What a role grants alone in one case as long as nobody published another limit; who is missing grants nothing, None is without limit.
USUAL_AUTHORITY = {Role.AGENT: 50_000, Role.LEAD: 200_000, Role.MANAGER: None}
USUAL_AUTO_LIMIT = 5_000
OF_CASE = "case"
DEADLINE_RULES = ("refund_7d", "delay_15d")
USUAL_DEADLINE = timedelta(days=7)
ADVERSE_TEMPLATES = frozenset({"declined", "case_rejected"})
# What every notice of a case can name.
OF_CASES = frozenset({"case", "amount_fen", "currency", "due", "items"})


def house_of(case_type: str) -> House:
    """The house as a definition of this type finds it now. Six queries."""
    templates = _templates()
    seen = frozenset().union(*STATES_BY_PHASE.values())
    return House(
        type=case_type,
        staffed=_staffed(),
        authority=_authority(),
        auto_limit=_auto_limit(case_type),
        legal_deadline=_deadline(),
        verbs=VERBS_BY_PHASE,
        states=STATES_BY_PHASE,
        worded=_worded(),
        noticed=seen,
        templates=templates,
        variables=frozenset(VARIABLES) | OF_CASES,
        adverse_templates=ADVERSE_TEMPLATES & templates.keys(),
        working_day=_working_day(),
    )


def _staffed() -> frozenset[str]:
    """Roles and skills that somebody active has; a lead can do what an agent does."""
    held = set(User.objects.filter(is_active=True, groups__isnull=False).values_list("groups__name", flat=True).distinct())
    included = {each for role in held for each in INCLUDES.get(role, ())}
    skills = Skill.objects.filter(agents__user__is_active=True).values_list("code", flat=True).distinct()
    return frozenset(map(str, held | included)) | frozenset(skills)


def _authority() -> dict[str, int | None]:
    newest = AuthorityLimit.objects.filter(scope=OF_CASE).order_by("role", "-version").distinct("role")
    published = dict(newest.values_list("role", "limit_fen"))
    return {str(role): limit for role, limit in USUAL_AUTHORITY.items()} | published


def _auto_limit(case_type: str) -> int:
    """The lowest limit of the policies that may count: a definition serves every shop."""
    published = CasePolicy.objects.filter(type=case_type, published_at__isnull=False)
    newest = published.order_by("merchant_id", "-version").distinct("merchant_id").values_list("auto_limit_fen", flat=True)
    return min(newest, default=USUAL_AUTO_LIMIT)


def _deadline() -> timedelta:
    rules = {rule.code: rule for rule in LegalRule.objects.filter(code__in=DEADLINE_RULES).order_by("version")}
    found = next((rules[code] for code in DEADLINE_RULES if code in rules), None)
    if found is None:
        return USUAL_DEADLINE
    return timedelta(days=found.amount) if found.unit == LegalRule.Unit.DAYS else timedelta(hours=found.amount)


def _templates() -> dict[str, frozenset[str]]:
    """Each notice with every variable that one of its newest wordings names."""
    rows = [(row["node"], row["subject"] + row["body"]) for row in shipped_templates()]
    rows += [(row.node, row.subject + row.body) for row in Template.objects.filter(pk__in=newest_templates())]
    found: dict[str, frozenset[str]] = {}
    for node, words in rows:
        found[node] = found.get(node, frozenset()) | frozenset(names(words))
    return found


@cache
def _worded() -> frozenset[str]:
    """The states that a customer can read of in every language."""
    return frozenset(str(state.name) for state in SPINE.states if state.wording and all(_says(state.wording, each) for each in LANGUAGES))


def _says(words: str, language: str) -> bool:
    """The words of the code are English; another language has its own."""
    with override("en"):
        source = str(words)
    with override(language):
        return language == "en" or str(words) != source


def _working_day() -> timedelta:
    """How much working time a day has on average; a calendar that is never open counts as one that always is."""
    minutes = sum(end - start for windows in working_hours().week for start, end in windows)
    return timedelta(minutes=minutes) / 7 if minutes else timedelta(days=1)
