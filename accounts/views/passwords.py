"""Forgotten passwords. The answers are the same whether or not a name is known."""

from django.contrib.auth.tokens import default_token_generator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlsafe_base64_decode

from accounts import access, services
from accounts.forms import AskPasswordForm, NewPasswordForm
from accounts.models import User
from accounts.redirects import see_other
from accounts.views.signing_in import public_staff_page
from foundation.exceptions import RefusedError

CHOOSING = "choose_password"


@public_staff_page
def ask_password(request):
    form = AskPasswordForm(request.POST or None)
    if form.is_valid():
        services.ask_for_password_mail(form.cleaned_data["name"], network=request.META["REMOTE_ADDR"])
        return see_other(reverse("admin:password-asked"))
    return render(request, "accounts/password_ask.html", {"form": form}, status=422 if form.is_bound else 200)


@public_staff_page
def password_asked(request):
    return render(request, "accounts/password_asked.html")


@public_staff_page
def open_password_link(request, uid: str, token: str):
    """The link of the mail: its secret moves into the session, so that the page with the form has a clean address."""
    request.session[CHOOSING] = [uid, token]
    return redirect("admin:password-new")


@public_staff_page
def choose_password(request):
    uid, token = request.session.get(CHOOSING, ("", ""))
    user = _user_of(uid)
    if user is not None and "language" not in request.GET:
        translation.activate(user.language)
    if user is None or not default_token_generator.check_token(user, token):
        return render(request, "accounts/password_stale.html", status=404)
    form = NewPasswordForm(request.POST or None, user=user)
    if form.is_valid() and _chosen(request, form, user, token):
        return see_other(reverse("admin:login"))
    return render(request, "accounts/password_new.html", {"form": form, "username": user.username}, status=422 if form.is_bound else 200)


def _chosen(request, form, user: User, token: str) -> bool:
    try:
        services.reset_password(user, token=token, new=form.cleaned_data["new"])
    except RefusedError as error:
        form.add_error(None, error.reasons[0].text)
        return False
    request.session.flush()
    return True


def _user_of(uid: str) -> User | None:
    try:
        number = int(urlsafe_base64_decode(uid).decode())
    except (ValueError, OverflowError):
        return None
    return access.colleague(number)
