"""One case on the inspector's bench: its pieces with what was found, the next one, and what may follow."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import prefetch_related_objects
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from complaints.access import files_of
from complaints.models import Attachment
from workflows.cases.clauses.inspecting import WITHDRAWAL
from workflows.cases.clauses.inspection import known_serials
from workflows.cases.inspections import expected_claims, is_good, is_recorded, lines_now
from workflows.machines.spine import CaseState
from workflows.models import Case, CasePolicy, CaseUnit, InspectionLine, Parcel, Task

Type = CasePolicy.Type
# What an inspector must know of the rules, by type of after-sale.
RULES = {
    Type.RETURN_NO_REASON: _("Opening the package to look at the item is no ground for refusal."),
    Type.RETURN_QUALITY: _("Compare the fault with the customer's photos. What was used to find the fault counts as unused."),
    Type.EXCHANGE_QUALITY: _("Compare the fault with the customer's photos; the replacement waits for your result."),
    Type.REPAIR: _("Note every fault that you find, also those that the customer did not name."),
    Type.REFUSED_PARCEL: _("The customer has not opened it. Check the wrapping and count the pieces."),
}


@dataclass(frozen=True)
class Piece:
    """One unit of the case with its newest line; ``number`` counts the units of its kind, of ``count``."""

    line: InspectionLine
    number: int
    count: int

    @property
    def is_done(self) -> bool:
        return is_recorded(self.line)

    @property
    def is_good(self) -> bool:
        return is_good(self.line)

    @property
    def product(self):
        return self.line.claim.unit.line

    @property
    def serials(self) -> list[str]:
        return sorted(known_serials(self.line))


@dataclass(frozen=True)
class Bench:
    """``chosen`` is the piece that somebody wants to look at, else the first without a result."""

    case: Case
    pieces: list[Piece]
    chosen: int | None

    @cached_property
    def piece(self) -> Piece | None:
        waiting = [piece for piece in self.pieces if not piece.is_done]
        return next((piece for piece in waiting if piece.line.pk == self.chosen), waiting[0] if waiting else None)

    @cached_property
    def alike(self) -> list[Piece]:
        """The pieces of the same kind that wait, this one among them."""
        piece = self.piece
        return [each for each in self.pieces if piece and not each.is_done and each.product.pk == piece.product.pk]

    @property
    def done(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.is_done]

    @property
    def bad(self) -> list[Piece]:
        return [piece for piece in self.done if not piece.is_good]

    @property
    def is_complete(self) -> bool:
        return bool(self.pieces) and len(self.done) == len(self.pieces)

    @property
    def is_open(self) -> bool:
        return self.case.state in (CaseState.RECEIVED, CaseState.INSPECTING)

    @property
    def missing_units(self) -> list[int]:
        return [piece.line.claim.unit_id for piece in self.bad if piece.line.fault == InspectionLine.Fault.MISSING]

    @property
    def failed_units(self) -> list[int]:
        return [piece.line.claim.unit_id for piece in self.bad if piece.line.fault != InspectionLine.Fault.MISSING]

    @property
    def is_mixed(self) -> bool:
        """Some pieces can go on at once, others cannot."""
        return self.is_complete and 0 < len(self.bad) < len(self.pieces)

    @cached_property
    def wants_back(self) -> bool:
        return Task.objects.filter(case=self.case, kind=WITHDRAWAL).exists()

    @cached_property
    def parcel(self) -> Parcel | None:
        return self.case.parcels.exclude(waybill="").order_by("-scanned_at", "-pk").first()

    @cached_property
    def customer_photos(self) -> list[Attachment]:
        """What the customer sent; the inspectors' own pictures stand with the pieces."""
        own = {file.pk for piece in self.pieces for file in piece.line.photos.all()}
        files = files_of(self.case.complaint, is_staff=False).exclude(thumb_path="").filter(uploaded_by=None)
        return [file for file in files if file.pk not in own]

    @property
    def rule(self) -> str:
        return RULES.get(self.case.policy.type, "")

    @property
    def reason(self) -> str:
        """Why the customer sends it back, in the reader's language."""
        names = self.case.policy.reasons.get(self.case.reason) or {}
        language = "zh" if (get_language() or "").startswith("zh") else "en"
        return names.get(f"name_{language}") or self.case.reason

    def line(self, number: object) -> InspectionLine | None:
        return next((piece.line for piece in self.pieces if str(piece.line.pk) == str(number)), None)


def read_bench(case: Case, *, at: int | None = None) -> Bench:
    """The pieces of a case in the order of the customer's order."""
    lines = lines_now(case)
    prefetch_related_objects(list(lines.values()), "photos", "inspected_by")
    claims = CaseUnit.objects.filter(case=case).select_related("unit__line").order_by("unit__line", "unit__position", "pk")
    found = [(claim, lines[claim.pk]) for claim in expected_claims(claims) if claim.pk in lines]
    counts: dict[int, int] = {}
    for claim, _line in found:
        counts[claim.unit.line_id] = counts.get(claim.unit.line_id, 0) + 1
    seen: dict[int, int] = {}
    pieces = []
    for claim, line in found:
        seen[claim.unit.line_id] = seen.get(claim.unit.line_id, 0) + 1
        pieces.append(Piece(line, seen[claim.unit.line_id], counts[claim.unit.line_id]))
    return Bench(case, pieces, at)
