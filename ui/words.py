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
        "stale": _("Updated at {time}. Not connected, trying again."),
    }


def _desk_words() -> dict[str, str]:
    return {
        "close": _("Close"),
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


def words_script(shell: str) -> SafeString:
    """Return the JSON script element of a shell, public or desk, for the active language."""
    return _script(shell, get_language() or "")


@cache
def _script(shell: str, language: str) -> SafeString:
    words = _time_words() | _page_words() | (_desk_words() if shell == "desk" else {})
    text = json.dumps(words, ensure_ascii=False).replace("<", "\\u003c")
    return mark_safe(f'<script type="application/json" id="words">{text}</script>')  # noqa: S308
