"""What people type about themselves."""

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from accounts.models import User

PASSWORD_HINT = _("At least 8 characters; not only digits, and not like your name.")


class LogInForm(forms.Form):
    """User name and password; the words of an error never say which of them was wrong."""

    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        error_messages={"required": _("Type your user name.")},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        error_messages={"required": _("Type your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    """A code of the second factor."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        error_messages={"required": _("Type the code.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )


class AppCodeForm(CodeForm):
    """The first code of a newly scanned app: six digits."""

    code = forms.CharField(
        label=_("Code in the app"),
        max_length=10,
        error_messages={"required": _("Type the code.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class AskPasswordForm(forms.Form):
    """Who forgot a password."""

    name = forms.CharField(
        label=_("User name or e-mail"),
        max_length=254,
        error_messages={"required": _("Type your user name or e-mail.")},
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )


class NewPasswordForm(forms.Form):
    """A new password, typed once: browsers show and keep it better than a second field does."""

    new = forms.CharField(
        label=_("New password"),
        max_length=200,
        strip=False,
        help_text=PASSWORD_HINT,
        error_messages={"required": _("Type the new password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_new(self) -> str:
        password_validation.validate_password(self.cleaned_data["new"], self.user)
        return self.cleaned_data["new"]


class ChangePasswordForm(NewPasswordForm):
    """The present password and a new one."""

    old = forms.CharField(
        label=_("Present password"),
        max_length=200,
        strip=False,
        error_messages={"required": _("Type your present password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["old", "new"]


class ProfileForm(forms.Form):
    """How somebody likes the desk."""

    language = forms.ChoiceField(label=_("Language"), choices=User.Language.choices, widget=forms.RadioSelect)
    density = forms.ChoiceField(
        label=_("Row height"), choices=[("comfortable", _("Comfortable")), ("compact", _("Compact"))], widget=forms.RadioSelect
    )
    shortcuts = forms.BooleanField(label=_("Single-letter shortcuts"), required=False)
