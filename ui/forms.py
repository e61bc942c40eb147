"""Forms as HTML: label, optional mark, hint, error, control, and the summary that takes focus after a refused submit.

Written with strings and one escape per value: a form page costs well under a millisecond this way,
an order of magnitude less than a template include per widget.
"""

from django import forms
from django.utils.html import conditional_escape as esc
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ui.controls import render_control
from ui.icons import icon
from ui.localize import localized

GROUPS = (forms.RadioSelect, forms.CheckboxSelectMultiple)


class MultipleFileInput(forms.ClearableFileInput):
    """A file input for several files; give it ``data-upload-url`` and scripts upload each file as soon as it is chosen."""

    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """Several uploaded files, each checked like a single one; cleans to a list."""

    widget = MultipleFileInput

    def clean(self, data, initial=None):
        files = data if isinstance(data, list | tuple) else [data]
        return [super(MultipleFileField, self).clean(each, initial) for each in files if each or self.required]


class NamedChoiceField(forms.ModelChoiceField):
    """Rows that have a Chinese and an English name, each by that in the reader's language."""

    def label_from_instance(self, row):
        return localized(row, "name")


def render_field(bound, *, hide_label: bool = False) -> SafeString:
    """Render one bound field with everything that belongs to it; hidden fields come out bare."""
    widget = bound.field.widget
    if widget.is_hidden:
        return mark_safe(render_control(bound, "", False))  # noqa: S308
    errors, hint = bound.errors, bound.help_text
    described = " ".join(f"{bound.auto_id}-{part}" for part, there in (("hint", hint), ("error", errors)) if there)
    parts = (_hint(bound, hint), _error(bound, errors), render_control(bound, described, bool(errors)))
    state = " field--wrong" if errors else ""
    if isinstance(widget, GROUPS):
        body = _fieldset(bound, described, hide_label, parts)
    elif isinstance(widget, forms.CheckboxInput):
        body = "".join(parts)
    else:
        body = f'<label class="{_label_class(hide_label)}" for="{bound.id_for_label}">{_title(bound)}</label>{"".join(parts)}'
    return mark_safe(f'<div class="field{state}">{body}</div>')  # noqa: S308


def render_error_summary(*some_forms) -> SafeString:
    """List every error of the forms as a link to its field, in reading order; nothing when there is none."""
    items = "".join(_summary_items(form) for form in some_forms if form is not None and form.is_bound)
    if not items:
        return mark_safe("")
    title = esc(_("Please check these answers"))
    return mark_safe(  # noqa: S308
        f'<div class="summary" id="error-summary" role="alert" tabindex="-1" autofocus data-autofocus>'
        f'<h2 class="summary__title">{icon("alert")}{title}</h2><ul>{items}</ul></div>'
    )


def _summary_items(form) -> str:
    lines = [f"<li>{esc(error)}</li>" for error in form.non_field_errors()]
    for name in form.errors:
        if name in form.fields:
            bound = form[name]
            lines += [f'<li><a href="#{_first_id(bound)}">{esc(error)}</a></li>' for error in bound.errors]
    return "".join(lines)


def _first_id(bound) -> str:
    return f"{bound.auto_id}_0" if isinstance(bound.field.widget, GROUPS) else bound.auto_id


def _title(bound) -> str:
    if bound.field.required:
        return esc(bound.label)
    optional = esc(_("(optional)"))
    return f'{esc(bound.label)} <span class="field__optional">{optional}</span>'


def _label_class(hidden: bool) -> str:
    return "field__label visually-hidden" if hidden else "field__label"


def _fieldset(bound, described: str, hide_label: bool, parts) -> str:
    names = f' aria-describedby="{described}"' if described else ""
    legend = f'<legend class="{_label_class(hide_label)}">{_title(bound)}</legend>'
    return f'<fieldset class="field__group"{names}>{legend}{"".join(parts)}</fieldset>'


def _hint(bound, hint) -> str:
    return f'<p class="field__hint" id="{bound.auto_id}-hint">{esc(hint)}</p>' if hint else ""


def _error(bound, errors) -> str:
    if not errors:
        return ""
    words = "<br>".join(esc(error) for error in errors)
    sign = esc(_("Error:"))
    said = f'<span class="visually-hidden">{sign} </span>{words}'
    return f'<p class="field__error" id="{bound.auto_id}-error">{icon("alert")}<span>{said}</span></p>'
