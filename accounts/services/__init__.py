"""Everything that changes people, their roles, their way in, and what they may look at."""

from .access_log import record_access, record_accesses, reveal_personal
from .calendars import Imported, import_public_days, load_calendars, publish_calendar, remove_special_day, rename_calendar, set_special_day
from .limits import add_limit
from .passwords import ask_for_password_mail, change_password, mail_password_link, reset_password, send_password_mails
from .people import activate_user, create_user, deactivate_user, edit_user
from .presence import call_in, heartbeat, save_preferences, set_presence
from .role_grants import decide_grant, set_roles
from .second_factor import (
    begin_second_factor,
    confirm_second_factor,
    make_recovery_codes,
    pass_second_factor,
    provisioning_uri,
    remove_second_factor,
)
from .shifts import plan_shift, plan_week, put_on_leave, remove_shift
from .signing_in import TooManyTriesError, check_sign_in

__all__ = [
    "Imported",
    "TooManyTriesError",
    "activate_user",
    "add_limit",
    "ask_for_password_mail",
    "begin_second_factor",
    "call_in",
    "change_password",
    "check_sign_in",
    "confirm_second_factor",
    "create_user",
    "deactivate_user",
    "decide_grant",
    "edit_user",
    "heartbeat",
    "import_public_days",
    "load_calendars",
    "mail_password_link",
    "make_recovery_codes",
    "pass_second_factor",
    "plan_shift",
    "plan_week",
    "provisioning_uri",
    "publish_calendar",
    "put_on_leave",
    "record_access",
    "record_accesses",
    "remove_second_factor",
    "remove_shift",
    "remove_special_day",
    "rename_calendar",
    "reset_password",
    "reveal_personal",
    "save_preferences",
    "send_password_mails",
    "set_presence",
    "set_roles",
    "set_special_day",
]
