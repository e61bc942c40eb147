"""The strings that scripts show, in the page's language."""

import json
from functools import cache

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _


def _time_words() -> dict[str, str]:
    one = {"days": "{d}", "hours": "{h}", "minutes": "{m}", "time": "{time}"}
    return {
        "d": _("%(days)s d") % one,
        "dh": _("%(days)s d %(hours)s h") % one,
        "hm": _("%(hours)s h %(minutes)s min") % one,
        "h": _("%(hours)s h") % one,
        "m": _("%(minutes)s min") % one,
        "left": _("%(time)s left") % one,
        "over": _("%(time)s over") % one,
    }


def _page_words() -> dict[str, str]:
    return {
        "copied": _("Copied"),
        "undo": _("Undo ({seconds})"),
        "undone": _("Undone"),
        "not-undone": _("Too late to undo"),
        "saving": _("Saving…"),
        "saved": _("Draft saved"),
        "unsaved": _("Not saved yet, trying again"),
        "waiting": _("Waiting"),
        "sending": _("Sending {percent} %"),
        "sent": _("Sent"),
        "failed": _("That did not work. Please try again."),
        "retry": _("Try again"),
        "remove": _("Remove"),
        "remove-file": _("Remove {name}"),
        "full": _("At most {max} files"),
        "close": _("Close"),
        "stale": _("Updated at {time}. Not connected, trying again."),
    }


def _desk_words() -> dict[str, str]:
    return {
        "keys": _("Keyboard shortcuts"),
        "palette": _("Search or do"),
        "here": _("On this page"),
        "replies": _("Canned replies"),
        "no-replies": _("No canned reply fits"),
        "open-name": _("{name} is still open"),
        "selected": _("{count} selected"),
        "seconds": _("{count} s"),
        "line-sent": pgettext("line", "Sent"),
        "line-got": pgettext("line", "Delivered"),
        "line-read": pgettext("line", "Read"),
        "chat-waits": _("{name} has been waiting for your answer for a minute."),
        "draft-elsewhere": _("Draft from your other page"),
        "draft-other": _("You wrote another draft on another page."),
        "draft-look": _("Look at it"),
        "draft-take": _("Put it here instead"),
    }


def _scan_words() -> dict[str, str]:
    return {
        "scan-kept": _("Kept on this device"),
        "scan-same": _("Same code again"),
        "scan-same-why": _("Within three seconds a code counts once."),
        "scan-lost": _("Not kept"),
        "scan-lost-why": _("This device could not store it. Scan it again."),
        "scan-count": _("{count} today"),
        "scan-waiting": _("{count} waiting to be sent"),
        "scan-offline": _("No network. They are sent by themselves, in order."),
        "scan-server": _("The server does not answer yet. They are sent by themselves, in order."),
        "scan-log-in": _("You are logged out. They are kept here until you log in again."),
        "scan-others": _("{count} of a colleague are sent when they log in here."),
        "scan-not-taken": _("Not taken"),
        "scan-not-taken-why": _("The server could not take it. It is kept here; try again later."),
        "scan-taken-back": _("Taken back"),
        "scan-taken-back-why": _("It had not been sent yet."),
        "scan-under-way": _("It is being sent. Try again in a moment."),
        "scan-no-last": _("There is nothing to take back."),
        "scan-undo-failed": _("Not undone"),
        "scan-undo-failed-why": _("The server was not reached. Try again."),
        "scan-seen": _("Seen"),
        "scan-no-camera": _("No camera"),
        "scan-no-camera-why": _("Type the code, or take a photo of it. A camera needs your permission and an address with https."),
        "scan-no-reader": _("This browser cannot read codes with the camera. Type the code."),
        "scan-no-code": _("No code found"),
        "scan-no-code-why": _("Take the photo from nearer, or type the code."),
    }


OF_SHELLS = {"desk": _desk_words, "scan": _scan_words}


def words_script(shell: str) -> SafeString:
    """Return the JSON script element of a shell, public, desk or scan, for the active language."""
    return _script(shell, get_language() or "")


@cache
def _script(shell: str, language: str) -> SafeString:
    words = _time_words() | _page_words() | OF_SHELLS.get(shell, dict)()
    text = json.dumps(words, ensure_ascii=False).replace("<", "\\u003c")
    return mark_safe(f'<script type="application/json" id="words">{text}</script>')  # noqa: S308
