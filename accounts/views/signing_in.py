"""Log-in in two steps. Between them the session knows a user number and nothing is open yet."""

import secrets
from functools import wraps

from django.conf import settings
from django.contrib.auth import login, logout
from django.core import signing
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import access, services
from accounts.forms import AppCodeForm, CodeForm, LogInForm
from accounts.models import Presence, User
from accounts.redirects import safe_next, see_other
from accounts.roles import AGENT
from ui.codes import qr_svg

HALF_WAY = "sign_in"
HALF_WAY_SECONDS = 600
DEVICE_COOKIE = "bihuan_device"
DEVICE_SECONDS = 180 * 24 * 3600


def public_staff_page(view):
    """A page that staff open before they are known: never cached, in the language of ``?language=``."""

    @never_cache
    @sensitive_post_parameters()
    @csrf_protect
    @wraps(view)
    def shown(request, *args, **kwargs):
        wanted = request.GET.get("language", "")
        if wanted in dict(settings.LANGUAGES):
            translation.activate(wanted)
            request.LANGUAGE_CODE = wanted
        return view(request, *args, **kwargs)

    return shown


@public_staff_page
def log_in(request, extra_context=None):
    next_url = safe_next(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.method != "POST":
        return redirect(next_url) if is_staff(request) else _show_log_in(request, LogInForm(), next_url)
    form = LogInForm(request.POST)
    try:
        user = form.is_valid() and services.check_sign_in(
            **form.cleaned_data, network=request.META["REMOTE_ADDR"], device=device_of(request, form.cleaned_data["username"])
        )
    except services.TooManyTriesError as error:
        return _show_too_many(request, form, next_url, error)
    if not user:
        if form.is_valid():
            form.add_error(None, _("User name or password is wrong."))
        return _show_log_in(request, form, next_url, status=422)
    return _go_on(request, user, next_url)


@public_staff_page
def enter_code(request):
    user = half_way_user(request)
    if user is None or not user.has_second_factor:
        return redirect("admin:login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        passed = services.pass_second_factor(user, form.cleaned_data["code"])
        if passed:
            return finish_log_in(request, user)
        too_many = _("Too many tries. Wait five minutes, then use a fresh code.")
        form.add_error("code", too_many if passed is None else _("This code is wrong, too old or was used already."))
    return render(request, "accounts/code_form.html", {"form": form}, status=422 if form.is_bound else 200)


@public_staff_page
def set_up_at_log_in(request):
    """The first log-in of a role that needs a second factor: scan, type the code, keep the recovery codes, and in."""
    user = half_way_user(request)
    if user is None or user.has_second_factor or not user.totp_secret:
        return redirect("admin:login")
    form = AppCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        codes = services.confirm_second_factor(user, form.cleaned_data["code"])
        if codes:
            next_url = request.session[HALF_WAY]["next"]
            finish_log_in(request, user)
            return render(request, "accounts/recovery_codes.html", {"codes": codes, "next_url": next_url})
        form.add_error("code", _("This code is wrong or too old. Check the clock of your phone and take the next one."))
    return render(request, "accounts/factor_form.html", factor_context(user, form), status=422 if form.is_bound else 200)


@require_POST
@csrf_protect
def log_out(request, extra_context=None):
    if request.user.is_authenticated:
        services.set_presence(request.user, Presence.State.OFFLINE, by=request.user)
    logout(request)
    return see_other(reverse("admin:login"))


def finish_log_in(request, user: User):
    """Open the session under a new number and remember this browser."""
    next_url = request.session.pop(HALF_WAY, {}).get("next") or reverse("admin:index")
    login(request, user)
    if AGENT in user.role_names:  # others switch it on themselves: taking work is not what they come for
        services.set_presence(user, Presence.State.READY, by=user)
    response = see_other(next_url)
    mark = signing.dumps([user.username.casefold(), secrets.token_hex(8)], salt=DEVICE_COOKIE)
    secure = request.is_secure()
    response.set_cookie(DEVICE_COOKIE, mark, max_age=DEVICE_SECONDS, httponly=True, samesite="Lax", secure=secure, path="/admin/")
    return response


def factor_context(user: User, form) -> dict:
    uri = services.provisioning_uri(user)
    secret = user.totp_secret
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return {"form": form, "qr": qr_svg(uri, title=_("QR code for the app")), "secret": grouped}


def half_way_user(request) -> User | None:
    """Whoever passed the password step in this session, at most ten minutes ago, with nothing changed since."""
    step = request.session.get(HALF_WAY)
    if not step or step["until"] < timezone.now().timestamp():
        return None
    user = access.colleague(step["user"])
    if user is None or user.get_session_auth_hash() != step["hash"]:
        return None
    if "language" not in request.GET:
        translation.activate(user.language)
    return user


def device_of(request, username: str) -> str:
    """The name of this browser's own limit, if this user logged in from it before."""
    try:
        name, mark = signing.loads(request.COOKIES.get(DEVICE_COOKIE, ""), salt=DEVICE_COOKIE, max_age=DEVICE_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return f"{name}:{mark}" if name == username.strip().casefold() else ""


def is_staff(request) -> bool:
    return request.user.is_active and request.user.is_staff


def _go_on(request, user: User, next_url: str):
    if not user.needs_second_factor:
        request.session[HALF_WAY] = {"next": next_url}
        return finish_log_in(request, user)
    request.session.cycle_key()
    until = timezone.now().timestamp() + HALF_WAY_SECONDS
    request.session[HALF_WAY] = {"user": user.pk, "hash": user.get_session_auth_hash(), "until": until, "next": next_url}
    if user.has_second_factor:
        return see_other(reverse("admin:second-factor"))
    services.begin_second_factor(user)
    return see_other(reverse("admin:second-factor-start"))


def _show_log_in(request, form, next_url: str, *, status: int = 200):
    return render(request, "accounts/log_in.html", {"form": form, "next_url": next_url}, status=status)


def _show_too_many(request, form, next_url: str, error):
    form.add_error(None, _("Too many tries. Wait a few minutes, then try again."))
    response = _show_log_in(request, form, next_url, status=error.status_code)
    response.headers["Retry-After"] = str(error.retry_after)
    return response
