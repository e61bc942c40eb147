"""A form as customers see it, in every language, for whoever writes it."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import override

from complaints.intake.forms import DetailsForm
from complaints.models import Form


def draw_preview(form: Form) -> list[dict[str, Any]]:
    """The questions of a form as HTML by language. Nothing can be sent from it: it stands outside of every HTML form."""
    return [{"code": code, "name": name, "html": _draw(form, code)} for code, name in settings.LANGUAGES]


def _draw(form: Form, language: str) -> SafeString:
    with override(language):
        page = DetailsForm(form=form, order=_sample_order(), asks_lines=form.asks_lines, prefix=f"preview-{language}")
        page.auto_id = "%s"
        evidence = form.evidence_en if language == "en" else form.evidence_zh
        return render_to_string("complaints/desk/form_preview.html", {"questions": list(page.questions()), "evidence": evidence})


def _sample_order() -> dict[str, Any]:
    lines = [{"id": n, "title": _("Goods %(number)d") % {"number": n}, "variant": "", "quantity": 1, "paid_fen": 9900} for n in (1, 2)]
    return {"lines": lines, "currency": "CNY"}
