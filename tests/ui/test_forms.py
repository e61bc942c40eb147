import re

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict

from ui.controls import CardLabel
from ui.forms import MultipleFileField, MultipleFileInput, render_error_summary, render_field


class Complaint(forms.Form):
    order = forms.CharField(label="Order", help_text="On the parcel", error_messages={"required": "Enter an order"})
    kind = forms.ChoiceField(label="What happened", widget=forms.RadioSelect, choices=[("late", "Late"), ("broken", "Broken")])
    items = forms.MultipleChoiceField(label="Items", widget=forms.CheckboxSelectMultiple, required=False, choices=[])
    text = forms.CharField(label="Tell us", widget=forms.Textarea, required=False)
    time = forms.ChoiceField(label="Time", choices=[("", "Any"), ("am", "Morning")], required=False)
    agree = forms.BooleanField(label="Write to me", required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)
    photos = MultipleFileField(
        label="Photos", required=False, widget=MultipleFileInput(attrs={"accept": "image/*", "data-upload-url": "/up/"})
    )


def ids_named_by(html: str) -> list[str]:
    return [name for names in re.findall(r'aria-describedby="([^"]*)"', html) for name in names.split()]


def test_a_refused_field_says_so_beside_itself_and_to_screen_readers():
    form = Complaint({"order": ""})

    html = render_field(form["order"])

    assert ids_named_by(html) == ["id_order-hint", "id_order-error"]
    assert [f'id="{name}"' in html for name in ids_named_by(html)] == [True, True]
    assert 'aria-invalid="true"' in html
    assert html.index('id="id_order-hint"') < html.index('id="id_order-error"') < html.index("<input")


def test_a_field_in_order_names_its_hint_only():
    html = render_field(Complaint()["order"])

    assert ids_named_by(html) == ["id_order-hint"]
    assert '<label class="field__label" for="id_order">Order</label>' in html
    assert "aria-invalid" not in html


def test_optional_fields_say_so_and_required_ones_carry_no_mark():
    form = Complaint()

    assert "field__optional" in render_field(form["text"])
    assert "field__optional" not in render_field(form["order"])


@pytest.mark.parametrize("name", ["order", "text"])
def test_input_is_kept_and_escaped(name):
    hostile = '"><script>x</script>{{ y }}'

    html = render_field(Complaint({name: hostile})[name])

    assert "<script>" not in html
    assert "&quot;&gt;&lt;script&gt;x&lt;/script&gt;{{ y }}" in html


def test_a_text_that_begins_with_a_new_line_keeps_it():
    assert ">\n\nfirst</textarea>" in render_field(Complaint({"text": "\nfirst"})["text"])


def test_radio_choices_are_one_question_of_whole_cards():
    html = render_field(Complaint({"kind": "broken"})["kind"])

    assert html.count('type="radio"') == 2
    assert re.findall(r'value="(\w+)" checked', html) == ["broken"]
    assert '<legend class="field__label">What happened</legend>' in html


def test_checkbox_choices_keep_several_values():
    form = Complaint({"items": ["1", "3"]})
    form.fields["items"].choices = [("1", "One"), ("2", "Two"), ("3", "Three")]

    html = render_field(form["items"])

    assert html.count('type="checkbox"') == 3
    assert re.findall(r'value="(\w+)" checked', html) == ["1", "3"]


def test_a_blocked_choice_says_why_and_cannot_be_taken():
    form = Complaint({"items": ["1"]})
    form.fields["items"].choices = [("1", CardLabel("Cup <b>", hint="¥1", blocked="Too late", picture_url="/p.jpg?a=1&b=2"))]

    html = render_field(form["items"])

    assert 'value="1" disabled' in html
    assert "Too late" in html
    assert "Cup &lt;b&gt;" in html
    assert 'src="/p.jpg?a=1&amp;b=2"' in html


def test_selects_keep_their_choice():
    assert '<option value="am" selected>Morning</option>' in render_field(Complaint({"time": "am"})["time"])


def test_a_single_checkbox_is_its_own_label():
    html = render_field(Complaint({"agree": "on"})["agree"])

    assert html.count("Write to me") == 1
    assert " checked" in html


def test_hidden_fields_come_out_bare():
    assert render_field(Complaint({"token": "a"})["token"]) == '<input type="hidden" value="a" id="id_token" name="token">'


def test_a_password_is_never_written_back():
    class Login(forms.Form):
        password = forms.CharField(widget=forms.PasswordInput)

    assert "secret" not in render_field(Login({"password": "secret"})["password"])


def test_unknown_widgets_fall_back_to_django():
    class Split(forms.Form):
        at = forms.SplitDateTimeField(help_text="When")

    html = render_field(Split()["at"])

    assert html.count("<input") == 2
    assert 'aria-describedby="id_at-hint"' in html


def test_a_file_field_hands_its_upload_address_to_the_element():
    html = render_field(Complaint()["photos"])

    assert '<file-drop class="drop" data-upload-url="/up/">' in html
    assert '<input type="file" class="drop__input" id="id_photos" name="photos" accept="image/*" multiple>' in html


def test_several_files_clean_to_a_list():
    files = [SimpleUploadedFile("a.jpg", b"a"), SimpleUploadedFile("b.jpg", b"b")]
    form = Complaint({"order": "1", "kind": "late"}, MultiValueDict({"photos": files}))

    assert form.is_valid()
    assert form.cleaned_data["photos"] == files


def test_no_file_cleans_to_an_empty_list():
    form = Complaint({"order": "1", "kind": "late"})

    assert form.is_valid()
    assert form.cleaned_data["photos"] == []


def test_the_summary_links_every_error_to_its_first_control():
    form = Complaint({"order": ""})
    form.add_error(None, "Nothing was chosen")

    html = render_error_summary(form)

    assert re.findall(r'<a href="#([\w-]+)">', html) == ["id_order", "id_kind_0"]
    assert "<li>Nothing was chosen</li>" in html
    assert 'tabindex="-1" autofocus' in html
    assert all(f'id="{name}"' in "".join(render_field(field) for field in form) for name in ("id_order", "id_kind_0"))


def test_the_summary_of_several_forms_keeps_their_order():
    first, second = Complaint({}, prefix="a"), Complaint({}, prefix="b")

    links = re.findall(r'<a href="#([\w-]+)"', render_error_summary(first, None, second))

    assert links == ["id_a-order", "id_a-kind_0", "id_b-order", "id_b-kind_0"]


@pytest.mark.parametrize("form", [Complaint(), Complaint({"order": "1", "kind": "late"})])
def test_no_summary_without_errors(form):
    assert render_error_summary(form) == ""
