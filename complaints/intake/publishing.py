"""Publishing the questions of a category. A version is never changed: complaints keep the one they were filed with."""

from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.intake.catalogue import forget_catalogue
from complaints.intake.question_rules import faults_in
from complaints.models import Category, Complaint, Form
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import require

CONTENT = ("fields", "asks_lines", "evidence_zh", "evidence_en")


@transaction.atomic
def publish_form(category: Category, *, content: dict[str, Any], by: User | None, expected_version: int | None) -> Form:
    """Add a version of a category's form, which new complaints are filed with from now on. ``content`` holds the fields of ``CONTENT``.

    Other processes offer it within ``FRESH_SECONDS`` of the catalogue. ``expected_version`` is the newest one that was seen, None for none.
    Raises ``NotAllowedError`` or ``RefusedError`` with the reasons.
    """
    Category.objects.select_for_update(no_key=True).get(pk=category.pk)
    require(reasons_against(category, content=content, by=by, expected_version=expected_version))
    form = Form.objects.create(category=category, version=(newest_version(category) or 0) + 1, **content)
    transaction.on_commit(forget_catalogue, robust=True)
    return form


def reasons_against(category: Category, *, content: dict[str, Any], by: User | None, expected_version: int | None) -> list[Reason]:
    """Everything that keeps this person from publishing this. Empty: they may."""
    found: list[Reason] = []
    if by is not None and not by.has_perm("complaints.add_form"):
        found.append(Forbidden("may_not_publish", _("Only a manager or an administrator publishes forms.")))
    found += [Reason("question", str(fault)) for fault in faults_in(content["fields"], kept=kept_types(category))]
    if bool(content["evidence_zh"].strip()) != bool(content["evidence_en"].strip()):
        found.append(Reason("language_missing", _("The photos are named in Chinese and in English, or in neither.")))
    newest = category.forms.order_by("-version").first()
    if (newest and newest.version) != expected_version:
        found.append(Reason("newer_version", _("Somebody published another version meanwhile. Look at it, then begin with that one.")))
    elif newest and all(getattr(newest, name) == content[name] for name in CONTENT):
        found.append(Reason("nothing_new", _("This is the newest version already; nothing was changed.")))
    return found


def newest_version(category: Category) -> int | None:
    return category.forms.order_by("-version").values_list("version", flat=True).first()


def kept_types(category: Category) -> dict[str, str]:
    """The type of every key that any version of the category's form used."""
    versions = category.forms.order_by("version").values_list("fields", flat=True)
    return {question["key"]: question["type"] for questions in versions for question in questions}


def with_use(rows: QuerySet[Form]) -> QuerySet[Form]:
    """Versions with ``newest``, the newest version of the same category, and ``uses``, how many complaints were filed with each."""
    siblings = Form.objects.filter(category=OuterRef("category")).order_by("-version").values("version")[:1]
    filed = Complaint.objects.filter(form=OuterRef("pk")).order_by().values("form").annotate(count=Count("pk")).values("count")
    return rows.annotate(newest=Subquery(siblings), uses=Coalesce(Subquery(filed), 0))
