"""What the customer reads of a case: the wordings that the machines declare, with their places filled."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ui.masking import mask_text
from ui.money import format_money
from ui.placeholders import fill, missing
from ui.timefmt import relative
from workflows.machines.refund import RefundState
from workflows.machines.spine import SPINE, CaseState
from workflows.machines.table import Role
from workflows.models import Refund
from workflows.models.moves import Declared
from workflows.notices import ITEM_WORDS, REJECTION_WORDS
from workflows.portal.rows import Rows

OURS = frozenset({Role.SYSTEM, Role.AGENT, Role.LEAD, Role.MANAGER, Role.FINANCE, Role.WAREHOUSE})
S = CaseState
SETTLED_GOODS = frozenset({"delivered", "cancelled"})


def sentence_of(rows: Rows) -> str:
    """Where the case stands, in one sentence. A promise that was broken is said to be broken."""
    state = SPINE.state(rows.case.state)
    if is_late(rows):
        return _("We are late, and we are sorry. A supervisor has been told.")
    words = str(state.wording)
    values = {name: value for name, value in _values(rows) if value}
    return str(state.label) if missing(words, values) else fill(words, values)


def is_late(rows: Rows) -> bool:
    """Whether our own side has let a promised moment go by."""
    owners = SPINE.state(rows.case.state).owners
    return bool(set(owners) & OURS and rows.due_at and rows.due_at < rows.at and rows.case.state not in AFTER)


AFTER = frozenset({S.COMPLETED, S.REJECTED, S.CANCELLED, S.CLOSED})


def _values(rows: Rows) -> Iterator[tuple[str, str]]:
    yield "due", relative(rows.due_at, rows.at) if rows.due_at else ""
    yield "items", join_words(asked_items(rows))
    yield "tracks", join_words(list(dict.fromkeys(_tracks(rows)))) or _("we are on it")
    yield "facts", facts_of(rows)
    yield "basis", basis_of(rows)


def join_words(words: list[str]) -> str:
    return pgettext("between words", ", ").join(words)


def asked_items(rows: Rows) -> list[str]:
    """What the customer was asked for the last time, in words."""
    asked = rows.last("request_info")
    return [str(ITEM_WORDS.get(code, code)) for code in asked.codes.get("items", ())] if asked else []


def facts_of(rows: Rows) -> str:
    """Why the request was refused: what the person who refused it wrote, or the reason that they chose."""
    refused = rows.last("reject")
    if refused is None:
        return ""
    reason = refused.codes.get("reason", "")
    words = refused.payload.get("words", "") or str(REJECTION_WORDS.get(reason, reason))
    return words.strip().rstrip("。.")  # it stands within a sentence


def basis_of(rows: Rows) -> str:
    refused = rows.last("reject")
    return refused.codes.get("rule", "") if refused else ""


def _tracks(rows: Rows) -> Iterator[str]:
    """What is still being carried out."""
    for refund in rows.money:
        if refund.state not in (RefundState.SUCCEEDED, RefundState.VOIDED):
            yield refund_words(refund)
    for outbound in rows.outbounds:
        if outbound.state not in SETTLED_GOODS:
            yield words_of(outbound)
    for repair in rows.repairs:
        if repair.state not in ("repaired", "declined"):
            yield words_of(repair)


def words_of(row: Declared) -> str:
    """What the customer reads of a track."""
    return str(row.machine.state(row.state).wording)


def refund_words(refund: Refund) -> str:
    return fill(words_of(refund), {"amount": format_money(refund.amount_fen, refund.currency)})


def turn_of(rows: Rows) -> str:
    """Who acts next, as a customer calls them; "" when nobody has to."""
    if rows.case.state == S.SETTLING:
        return _settling_turn(rows)
    return str(TURNS.get(rows.case.state, lambda: "")())


def _settling_turn(rows: Rows) -> str:
    if any(repair.state == "quote_pending" for repair in rows.repairs) or any(each.state == "out_of_stock" for each in rows.outbounds):
        return pgettext("turn", "You")
    states = {refund.state for refund in rows.money}
    if states & {RefundState.SUBMITTING, RefundState.PROCESSING, RefundState.UNKNOWN}:
        return pgettext("turn", "The bank or payment provider")
    if states & {RefundState.PENDING_APPROVAL, RefundState.ARMED, RefundState.QUEUED, RefundState.FAILED, RefundState.BOUNCED}:
        return pgettext("turn", "Our finance team")
    if any(each.state == "shipped" for each in rows.outbounds):
        return pgettext("turn", "The carrier")
    return pgettext("turn", "Our warehouse")


TURNS = {
    S.DRAFT: lambda: pgettext("turn", "You"),
    S.SUBMITTED: lambda: pgettext("turn", "Automatic check"),
    S.IN_REVIEW: lambda: pgettext("turn", "Customer service"),
    S.INFO_NEEDED: lambda: pgettext("turn", "You"),
    S.PENDING_APPROVAL: lambda: pgettext("turn", "A supervisor"),
    S.AWAITING_RETURN: lambda: pgettext("turn", "You"),
    S.IN_TRANSIT: lambda: pgettext("turn", "The carrier"),
    S.RECEIVED: lambda: pgettext("turn", "Our warehouse"),
    S.INSPECTING: lambda: pgettext("turn", "Our warehouse"),
    S.EXCEPTION: lambda: pgettext("turn", "A supervisor"),
}


def note_of(rows: Rows, *verbs: str) -> str:
    """What somebody of ours wrote along with the last of these verbs, without telephone numbers."""
    move = rows.last(*verbs)
    return mask_text(move.payload.get("note", "")) if move else ""


def appeal_words(rows: Rows) -> str:
    """Where the customer's appeal stands, with what a refusal of it rests on."""
    if rows.appeal is None:
        return ""
    denied = rows.last("appeal.deny")
    values = {
        "due": relative(rows.appeal.evidence_until, rows.at) if rows.appeal.evidence_until else "",
        "facts": rows.appeal.grounds,
        "basis": (denied.codes.get("rule", "") if denied else "") or _("the rules in force when you applied"),
    }
    return fill(words_of(rows.appeal), values)
