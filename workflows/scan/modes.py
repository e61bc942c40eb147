"""What somebody is doing while they scan."""

from django.utils.translation import pgettext_lazy

RECEIVE, INSPECT, HAND_OVER = "receive", "inspect", "handover"
MODES = {
    RECEIVE: pgettext_lazy("scan mode", "Take in"),
    INSPECT: pgettext_lazy("scan mode", "Inspect"),
    HAND_OVER: pgettext_lazy("scan mode", "Hand over"),
}


def mode_in(text: object) -> str:
    return text if text in MODES else RECEIVE
