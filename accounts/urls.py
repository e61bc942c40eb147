"""Pages about oneself. ``config.admin`` mounts both lists inside the AdminSite, so their names are ``admin:…``."""

from django.urls import path

from accounts.views import passwords, profile, signing_in

# Open before log-in.
public_urls = [
    path("login/code/", signing_in.enter_code, name="second-factor"),
    path("login/start/", signing_in.set_up_at_log_in, name="second-factor-start"),
    path("password/", passwords.ask_password, name="password-ask"),
    path("password/sent/", passwords.password_asked, name="password-asked"),
    path("password/new/", passwords.choose_password, name="password-new"),
    path("password/<str:uid>/<str:token>/", passwords.open_password_link, name="password-choose"),
]
# For everybody on the staff.
staff_urls = [
    path("profile/", profile.show_profile, name="profile"),
    path("profile/factor/", profile.set_up_factor, name="second-factor-set-up"),
    path("profile/factor/codes/", profile.renew_recovery_codes, name="second-factor-codes"),
    path("profile/factor/remove/", profile.remove_factor, name="second-factor-remove"),
    path("presence/", profile.change_presence, name="presence"),
]
