"""What the rules know of the house that a definition is published in, and what they answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from workflows.flows.tree import Node

ERROR, WARNING = "error", "warning"
CHECKS = frozenset({"eligibility", "risk", "evidence", "stock", "route", "auto_approve"})


@dataclass(frozen=True)
class House:
    """One type of after-sale in one house, gathered from tables by the caller, so that the rules stay pure.

    ``staffed``: roles and skills that an active person holds. ``authority``: fen that a role grants alone, None without
    limit; a role that is missing grants nothing.
    ``auto_limit``: fen up to which the policy approves by rule. ``working_day``: how much working time a day has.
    ``verbs`` and ``states`` by phase, from the table of transitions. ``worded``: states with a customer's wording in every language;
    ``noticed``: states that the house itself gives notice of. ``templates``: each template with the variables it names.
    """

    type: str
    staffed: frozenset[str]
    authority: Mapping[str, int | None]
    auto_limit: int
    legal_deadline: timedelta | None
    verbs: Mapping[str, frozenset[str]]
    states: Mapping[str, frozenset[str]]
    worded: frozenset[str]
    noticed: frozenset[str]
    templates: Mapping[str, frozenset[str]]
    variables: frozenset[str]
    adverse_templates: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    checks: frozenset[str] = CHECKS
    working_day: timedelta = field(default=timedelta(hours=24))
    usual_sla: timedelta = field(default=timedelta(hours=24))


@dataclass(frozen=True)
class Finding:
    """One thing to change before publication: the rule, the node, and in words what to do."""

    rule: str
    phase: str
    path: str
    key: str
    words: str
    level: str = ERROR

    def __str__(self) -> str:
        return f"{self.rule} {self.path}{f' ({self.key})' if self.key else ''}: {self.words}"


def finding(rule: str, phase: str, node: Node, words: str) -> Finding:
    return Finding(rule, phase, node.path, getattr(node, "key", ""), words)
