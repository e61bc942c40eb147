"""One line of an inspection: counted, graded, passed or failed, and put where it belongs."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workflows.machines.table import Clause, Machine, Role, State, Verb


class InspectionState(TextChoices):
    PENDING = "pending", pgettext_lazy("inspection", "To be counted")
    COUNTED = "counted", pgettext_lazy("inspection", "Counted")
    GRADED = "graded", pgettext_lazy("inspection", "Graded")
    PASSED = "passed", pgettext_lazy("inspection", "Passed")
    FAILED = "failed", pgettext_lazy("inspection", "Not passed")
    DISPOSED = "disposed", pgettext_lazy("inspection", "Put away")


_S = InspectionState
_WAREHOUSE = (Role.WAREHOUSE, Role.INTEGRATION)
STATES = (
    State(_S.PENDING, _("Waiting for inspection")),
    State(_S.COUNTED, _("Being inspected")),
    State(_S.GRADED, _("Being inspected")),
    State(_S.PASSED, _("Inspection passed")),
    State(_S.FAILED, _("Inspection found a difference; see the photos")),
    State(_S.DISPOSED, _("Inspection finished")),
)
_PHOTOS = Clause("photos_missing", _("A failed piece has no photo."), _("Take a photo of each failed piece."))

# fmt: off
VERBS = (
    Verb(
        "IN1", "count", pgettext_lazy("inspection", "Count"), _("How many pieces are there, with which serials."),
        (_S.PENDING,), (_S.COUNTED,), _WAREHOUSE,
        (Clause("more_than_expected", _("More pieces than expected."), _("Count again, or put the rest with the unclaimed parcels.")),),
        args=("quantity", "serials"), scope="wms",
    ),
    Verb(
        "IN2", "grade", pgettext_lazy("inspection", "Grade"), _("Grade A, B or C."),
        (_S.COUNTED,), (_S.GRADED,), _WAREHOUSE, (Clause("grade_missing", _("No grade is chosen."), _("Choose A, B or C.")),),
        args=("grade", "photos"), scope="wms",
    ),
    Verb(
        "IN3", "pass_line", pgettext_lazy("inspection", "Pass"), _("The piece is as it should be."),
        (_S.GRADED,), (_S.PASSED,), _WAREHOUSE,
        (Clause("serial_differs", _("The serial is not the one sent out."), _("Let the piece fail, with photos.")),), scope="wms",
    ),
    Verb(
        "IN4", "fail_line", pgettext_lazy("inspection", "Fail"), _("The piece is wrong, used, damaged, missing or counterfeit."),
        (_S.GRADED,), (_S.FAILED,), _WAREHOUSE, (_PHOTOS,), args=("finding", "photos"), scope="wms",
    ),
    Verb(
        "IN5", "inspect_again", pgettext_lazy("inspection", "Inspect again"), _("A second inspector looks at a piece that did not pass."),
        (_S.FAILED,), (_S.PENDING,), (*_WAREHOUSE, Role.LEAD),
        (Clause("same_inspector", _("You inspected this piece yourself."), _("A colleague inspects it."), forbids=True),), args=("note",),
        scope="wms",
    ),
    Verb(
        "IN6", "dispose", pgettext_lazy("inspection", "Dispose"),
        _("Restock, refurbish, scrap, back to the supplier, back to the customer, or hold."),
        (_S.PASSED, _S.FAILED), (_S.DISPOSED,), _WAREHOUSE,
        (Clause("place_missing", _("It is not said where the piece goes."), _("Choose where the piece goes.")),), args=("disposition",),
        scope="wms",
    ),
)
# fmt: on

INSPECTION = Machine(
    name="inspection",
    label=_("Inspection line"),
    help=_("What the warehouse finds when it opens the parcel, piece by piece."),
    states=STATES,
    verbs=VERBS,
    start=_S.PENDING,
    terminals=(_S.DISPOSED,),
    declared_in="workflows/machines/inspection.py",
    rules=(_("Where a piece goes never holds up a refund."),),
)
