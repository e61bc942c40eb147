"""What the procedure of a case holds up now: the steps that gate a verb, and the signatures that it still wants."""

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation.exceptions import Reason
from workflows.flows.facts import facts_of
from workflows.flows.fold import Gate, Marking, fold
from workflows.flows.standing import steps_as_read, tree_of, visit_of
from workflows.flows.tree import GATEABLE, Approve, Leaf, Phase, Signature, Wait, walk
from workflows.flows.tree import Task as Work
from workflows.flows.words import say_roles
from workflows.machines.spine_clauses import STEP_PENDING
from workflows.machines.table import Role
from workflows.models import Approval, Case, Step

# The verb that the last signature of a chain carries out.
SIGNED_BY = "approve_senior"


def marking_of(case: Case) -> Marking | None:
    """Where the present visit stands by the facts of now; None while the definition says nothing about the phase."""
    tree = tree_of(case)
    if tree is None:
        return None
    visit = visit_of(case)
    steps = Step.objects.filter(case=case, phase=tree.name, visit=visit)
    return fold(tree, steps_as_read(steps), facts_of(case), visit=visit)


def gates_on(case: Case, verb: str) -> list[Reason]:
    """The steps that hold a verb up, each with who can finish it. Only gateable verbs ever wait."""
    tree = tree_of(case) if verb in GATEABLE else None
    if tree is None or not any(verb in leaf.gated for leaf in walk(tree.root) if isinstance(leaf, Leaf)):
        return []
    gates = marking_of(case).gates_on(verb)
    if verb == SIGNED_BY:
        gates = _unsigned(case, tree, gates)
    return [_reason(tree.keyed[gate.key]) for gate in gates]


def signatures_ahead(case: Case) -> tuple[Signature, ...]:
    """The signatures that the definition still wants in this phase, in its order: a chain of approval has them too."""
    tree, marking = tree_of(case), marking_of(case)
    if marking is None:
        return ()
    ahead = {gate.key for gate in marking.gates} | {place.key for place in marking.open}
    approvals = [node for node in walk(tree.root) if isinstance(node, Approve) and node.key in ahead]
    return tuple(signature for approval in approvals for signature in approval.steps)


def _unsigned(case: Case, tree: Phase, gates: tuple[Gate, ...]) -> tuple[Gate, ...]:
    """Without the approvals whose signatures are part of the case's own chain: that this chain is complete is a clause of the verb."""
    asked = [gate for gate in gates if isinstance(tree.keyed[gate.key], Approve)]
    if not asked:
        return gates
    chain = Approval.objects.filter(case=case, resolution__isnull=False, state__in=["pending", "approved"]).order_by("-pk").first()
    roles = set(chain.steps.values_list("role", flat=True)) if chain else set()
    return tuple(gate for gate in gates if gate not in asked or not _covers(roles, tree.keyed[gate.key]))


def _covers(roles: set[str], leaf: Approve) -> bool:
    """A chain asks each role once, and a manager stands in for whoever did not answer."""
    return bool(roles) and all(signature.role in roles or Role.MANAGER in roles for signature in leaf.steps)


def _reason(leaf: Leaf) -> Reason:
    return Reason(STEP_PENDING.code, STEP_PENDING.text, _cure(leaf))


def _say_cure(leaf: Leaf) -> str:
    told = {"step": leaf.key}
    if isinstance(leaf, Approve):
        roles = say_roles(signature.role for signature in leaf.steps)
        words = ngettext(
            "“%(step)s”: ask for approval; %(roles)s signs. A lead can skip it with a reason.",
            "“%(step)s”: ask for approval; these sign: %(roles)s. A lead can skip it with a reason.",
            len(leaf.steps),
        )
        return words % (told | {"roles": roles})
    if isinstance(leaf, Work):
        return _("“%(step)s” is done by %(role)s. A lead can skip it with a reason.") % (told | {"role": say_roles([leaf.holder])})
    if isinstance(leaf, Wait):
        return _("“%(step)s” waits for something to happen. A lead can skip it with a reason.") % told
    return _("“%(step)s” is checked by the system; wait for it.") % told


_cure = lazy(_say_cure, str)
