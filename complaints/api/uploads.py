"""Files that a machine uploaded and has not used yet. A key opens only the uploads of the account that made them."""

from collections.abc import Collection

from accounts.models import User
from complaints.api.access import unsent_uploads
from complaints.intake.uploads import Refusal, new_attachment, store_files
from complaints.models import Attachment
from complaints.services.evidence import LOST_FILES
from foundation.exceptions import RefusedError


def store_upload(file, *, by: User) -> tuple[Attachment | None, list[Refusal]]:
    """Check and keep one file until a complaint or a message takes it, at most for a day."""
    stored, refusals = store_files([file])
    if not stored:
        return None, refusals
    attachment = new_attachment(stored[0], uploaded_by=by)
    attachment.save()
    return attachment, []


def own_uploads(keys: Collection[str], *, by: User) -> list[int]:
    """The numbers of own, unused uploads; a used one, a foreign one and an unknown one are all simply gone."""
    if not keys:
        return []
    found = list(unsent_uploads(by).filter(key__in=set(keys)).values_list("pk", flat=True))
    if len(found) != len(set(keys)):
        raise RefusedError([LOST_FILES])
    return found
