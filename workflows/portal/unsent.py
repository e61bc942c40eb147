"""An application that was not sent yet: what stood on its page, kept for seven days beside the complaint that it is about."""

from collections.abc import Mapping, Sequence
from typing import Any

from complaints.intake import drafts
from complaints.intake.fields import without_odd_signs
from complaints.intake.uploads import MOST_FILES
from complaints.models import Attachment, Complaint
from complaints.portal.tracker import files_ahead
from workflows.models import Case
from workflows.portal.forms import LONGEST_WORDS

PARTS = ("kind", "words", "reason-", "pieces-")
MOST_PARTS = 60


def keep_unsent(complaint: Complaint, cases: Sequence[Case], posted: Any) -> None:
    """Keep what the page holds right now, unchecked."""
    named = [name for name in posted if name.startswith(PARTS)][:MOST_PARTS]
    fields = {name[:60]: without_odd_signs(posted[name][:LONGEST_WORDS]) for name in named}
    drafts.save_draft(_token(complaint, cases), {"fields": fields, "evidence": posted.getlist("evidence")[:MOST_FILES]})


def recall_unsent(complaint: Complaint, cases: Sequence[Case]) -> tuple[Mapping[str, str], list[Attachment]]:
    """The fields and the waiting files that were kept last; nothing once the application was sent."""
    draft = drafts.find_draft(_token(complaint, cases))
    answers = draft.answers if draft else {}
    return answers.get("fields", {}), files_ahead(answers.get("evidence", []), complaint)


def _token(complaint: Complaint, cases: Sequence[Case]) -> str:
    """Every further application of a complaint begins empty. Nobody can ask for it: the drafts of visitors have random names."""
    return f"return:{complaint.pk}:{len(cases)}"
