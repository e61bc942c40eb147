"""The control of a field: inputs, selects, text areas, choice cards and file drops."""

from django import forms
from django.utils.functional import Promise
from django.utils.html import conditional_escape as esc
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ui.icons import icon

NATIVE = {  # widgets whose Django template only prints an input tag
    forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.PasswordInput, forms.DateInput,
    forms.TimeInput, forms.DateTimeInput, forms.HiddenInput, forms.SearchInput, forms.TelInput,
}  # fmt: skip


class CardLabel(str):
    """The label of a choice card with what else the card shows; a plain string where only the label is known.

    A blocked card stays readable, says why, and cannot be chosen; the form still has to refuse its value.
    """

    hint: str
    blocked: str
    picture_url: str

    def __new__(cls, label: str, *, hint: str = "", blocked: str = "", picture_url: str = ""):
        """Make a label; ``blocked`` is the reason why the choice cannot be taken."""
        self = super().__new__(cls, label)
        self.hint, self.blocked, self.picture_url = hint, blocked, picture_url
        return self


def render_control(bound, described: str, wrong: bool) -> str:
    """Render the bare control of a bound field with its accessibility attributes."""
    field, widget = bound.field, bound.field.widget
    extra = {"aria-describedby": described} if described else {}
    if wrong:
        extra["aria-invalid"] = "true"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return _cards(bound, widget)
    attributes = {"id": bound.auto_id, "name": bound.html_name, "disabled": field.disabled, **extra, **widget.attrs}
    if isinstance(widget, forms.CheckboxInput):
        return _check(bound, attributes)
    if isinstance(widget, forms.FileInput):
        return _drop(widget, attributes)
    if isinstance(widget, forms.Textarea):
        return f'<textarea class="input input--area"{flatten(attributes | _rows(attributes))}>\n{esc(_text(bound, widget))}</textarea>'
    if type(widget) in NATIVE:
        return _input(bound, widget, attributes)
    if type(widget) is forms.Select:
        return _select(bound, widget, attributes)
    return bound.as_widget(attrs=extra)


def _rows(attributes: dict) -> dict:
    # Django's own default of 10 rows fills a phone; the area grows by its handle.
    return {"cols": None, "rows": "4" if attributes.get("rows") == "10" else attributes.get("rows")}


def flatten(attributes: dict) -> str:
    """Write attributes as HTML: True is a bare name, False and None leave it out."""
    pairs = ((name, value) for name, value in attributes.items() if value is not None and value is not False)
    return "".join(f" {name}" if value is True else f' {name}="{esc(value)}"' for name, value in pairs)


def _text(bound, widget) -> str:
    text = widget.format_value(bound.value())
    return "" if text is None else text


def _input(bound, widget, attributes: dict) -> str:
    kind = widget.input_type
    text = "" if kind == "password" and not widget.render_value else _text(bound, widget)
    shape = "" if kind == "hidden" else ' class="input"'
    worth = f' value="{esc(text)}"' if text != "" else ""
    return f'<input type="{kind}"{shape}{worth}{flatten(attributes)}>'


def _select(bound, widget, attributes: dict) -> str:
    chosen = {str(value) for value in _as_list(bound.value())}
    options = "".join(_options(widget.choices, chosen))
    return f'<select class="input input--select"{flatten(attributes)}>{options}</select>'


def _options(choices, chosen: set[str]):
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield f'<optgroup label="{esc(value)}">{"".join(_options(label, chosen))}</optgroup>'
        else:
            text = "" if value is None else str(value)
            yield f'<option value="{esc(text)}"{" selected" if text in chosen else ""}>{esc(label)}</option>'


def _as_list(value) -> list:
    return [] if value is None else list(value) if isinstance(value, list | tuple | set) else [value]


def _check(bound, attributes: dict) -> str:
    checked = " checked" if bound.field.widget.check_test(bound.value()) else ""
    return (
        f'<label class="card card--check"><input type="checkbox" class="card__box"{checked}{flatten(attributes)}>'
        f'<span class="card__text"><span class="card__label">{esc(bound.label)}</span></span></label>'
    )


def _cards(bound, widget) -> str:
    chosen = {str(value) for value in _as_list(bound.value())}
    kind = "checkbox" if isinstance(widget, forms.CheckboxSelectMultiple) else "radio"  # Django derives the first from the second
    rest = flatten(widget.attrs)
    rows = []
    for number, (value, label) in enumerate(choice for choice in widget.choices if choice[0] != ""):
        box = f'type="{kind}" name="{bound.html_name}" id="{bound.auto_id}_{number}" value="{esc(value)}"{rest}'
        rows.append(_card(box, label, str(value) in chosen))
    return f'<div class="cards">{"".join(rows)}</div>'


def _card(box: str, label, is_chosen: bool) -> str:
    card = label if isinstance(label, CardLabel) else CardLabel(str(label) if isinstance(label, Promise) else label)
    state = " disabled" if card.blocked else " checked" if is_chosen else ""
    words = f'<span class="card__text"><span class="card__label">{esc(card)}</span>{_notes(card)}</span>'
    shape = "card card--blocked" if card.blocked else "card"
    return f'<label class="{shape}"><input class="card__box" {box}{state}>{_picture(card)}{words}</label>'


def _picture(card: CardLabel) -> str:
    source = card.picture_url
    return f'<img class="card__picture" src="{esc(source)}" alt="" width="48" height="48" loading="lazy">' if source else ""


def _notes(card: CardLabel) -> str:
    hint = f'<span class="card__hint">{esc(card.hint)}</span>' if card.hint else ""
    return hint + (f'<span class="card__blocked">{icon("info", 16)}{esc(card.blocked)}</span>' if card.blocked else "")


def _drop(widget, attributes: dict) -> str:
    several = getattr(widget, "allow_multiple_selected", False)
    upload = {name: attributes.pop(name) for name in [*attributes] if name.startswith("data-")}
    limit = int(upload.get("data-max", 9))
    many = ngettext("Add up to %(count)d photo or video", "Add up to %(count)d photos or videos", limit) % {"count": limit}
    words = esc(many if several else _("Choose a file"))
    control = f'<input type="file" class="drop__input"{flatten(attributes | {"multiple": several})}>'
    zone = f'<label class="drop__zone">{icon("image", 24)}<span>{words}</span>{control}</label>'
    return f'<file-drop class="drop"{flatten(upload)}>{zone}</file-drop>'
