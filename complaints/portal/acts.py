"""What a customer can do with a complaint besides writing on it, each act with what it means."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Act:
    """One act as the page shows it; ``asks`` is the label of the words it wants, empty for none."""

    verb: str
    label: Any
    words: Any
    asks: Any = ""


ACTS = [
    Act("reopen", _("Reopen"), _("The same person goes on with it."), _("What is still wrong?")),
    Act("appeal", _("Appeal"), _("Another supervisor, who did not decide, looks at it again."), _("Why do you object?")),
    Act("escalate", _("Call a supervisor"), _("A supervisor reads it now. You can do this once a day.")),
    Act("resume", _("Resume"), _("We go on where we stopped.")),
    Act("withdraw", _("Withdraw"), _("We stop working on it. You can resume it for 14 days."), _("Why? You need not say.")),
]


def acts_for(verbs: dict[str, dict], *, acting: str, text: str) -> list[dict]:
    """The acts that the complaint's state allows: open ones as forms, the others with the reason why not now."""
    return [
        {
            "verb": act.verb,
            "label": act.label,
            "words": act.words,
            "asks": act.asks,
            "reasons": verbs[act.verb]["reasons"],
            "is_open": acting == act.verb,
            "text": text if acting == act.verb else "",
        }
        for act in ACTS
        if act.verb in verbs
    ]
