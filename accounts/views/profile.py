"""What somebody changes about the own account, and the presence switch."""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access, services
from accounts.forms import AppCodeForm, ChangePasswordForm, ProfileForm
from accounts.models import Presence
from accounts.redirects import safe_next, see_other
from accounts.views.signing_in import factor_context
from foundation.exceptions import ReasonedError
from foundation.limits import forgive, hit

PASSWORD_TRIES, TRY_SECONDS = 5, 300


def show_profile(request):
    user = request.user
    chosen = {"density": "comfortable", "shortcuts": True, **user.preferences, "language": user.language}
    form = ProfileForm(request.POST or None, initial=chosen)
    if form.is_valid():
        services.save_preferences(user, **form.cleaned_data)
        translation.activate(form.cleaned_data["language"])
        messages.success(request, _("Your profile is saved."))
        response = see_other(reverse("admin:profile"))
        response.set_cookie("density", form.cleaned_data["density"], max_age=365 * 24 * 3600, samesite="Lax", secure=request.is_secure())
        return response
    context = access.own_account(user) | {"form": form, "is_measured": settings.BIHUAN_MEASURE_EFFORT}
    return render(request, "accounts/profile.html", context, status=422 if form.is_bound else 200)


def change_password(request, extra_context=None):
    form = ChangePasswordForm(request.POST or None, user=request.user)
    if form.is_valid() and not hit(_tries_of(request.user), PASSWORD_TRIES, TRY_SECONDS):
        form.add_error("old", _("Too many tries. Wait a few minutes, then try again."))
    elif form.is_valid():
        try:
            user = services.change_password(request.user, **form.cleaned_data, by=request.user)
        except ReasonedError as error:
            form.add_error("old", error.reasons[0].text)
        else:
            update_session_auth_hash(request, user)
            messages.success(request, _("Your password is changed. Every other device was logged out."))
            return see_other(reverse("admin:profile"))
    return render(request, "accounts/password_change.html", {"form": form}, status=422 if form.is_bound else 200)


def set_up_factor(request):
    """Scan and confirm the second factor; POST without a code makes the secret, so that following a link changes nothing."""
    user = request.user
    if user.has_second_factor:
        return redirect("admin:profile")
    if request.method == "POST" and "code" not in request.POST:
        services.begin_second_factor(user)
        return see_other(reverse("admin:second-factor-set-up"))
    if not user.totp_secret:
        return redirect("admin:profile")
    form = AppCodeForm(request.POST or None)
    if form.is_valid():
        codes = services.confirm_second_factor(user, form.cleaned_data["code"])
        if codes:
            return render(request, "accounts/recovery_codes.html", {"codes": codes, "next_url": reverse("admin:profile")})
        form.add_error("code", _("This code is wrong or too old. Check the clock of your phone and take the next one."))
    return render(request, "accounts/factor_form.html", factor_context(user, form), status=422 if form.is_bound else 200)


def with_password(view):
    """An open desk is not enough to weaken an account: the form carries the password once more."""

    @require_POST
    @wraps(view)
    def asked(request):
        tries = _tries_of(request.user)
        if not hit(tries, PASSWORD_TRIES, TRY_SECONDS) or not request.user.check_password(request.POST.get("password", "")):
            messages.error(request, _("This is not your present password."))
            return see_other(reverse("admin:profile"))
        forgive(tries)
        return view(request)

    return asked


@with_password
def renew_recovery_codes(request):
    if not request.user.has_second_factor:
        return redirect("admin:profile")
    codes = services.make_recovery_codes(request.user)
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "next_url": reverse("admin:profile")})


@with_password
def remove_factor(request):
    try:
        user = services.remove_second_factor(request.user, by=request.user)
    except ReasonedError as error:
        messages.error(request, error.reasons[0].text)
    else:
        update_session_auth_hash(request, user)
        messages.success(request, _("The second factor is switched off."))
    return see_other(reverse("admin:profile"))


@require_POST
def change_presence(request):
    """With ``state`` the switch of the desk; without it the desk's heartbeat, which is told when a lead asks them back."""
    state = request.POST.get("state")
    if state is None:
        presence = services.heartbeat(request.user)
        return JsonResponse(_say_call()) if presence.called_at else HttpResponse(status=204)
    if state not in Presence.State.values:
        return HttpResponseBadRequest()
    services.set_presence(request.user, state, by=request.user)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return see_other(safe_next(request, request.POST.get("next") or reverse("admin:profile")))


def _say_call() -> dict[str, str]:
    """What a page of the desk says to somebody whom a lead asks back."""
    return {"text": _("Your lead asks you to take work again."), "button": _("I am ready")}


def _tries_of(user) -> str:
    return f"profile-password:{user.pk}"
