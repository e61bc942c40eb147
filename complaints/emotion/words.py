"""What a level and its reasons are called on the desk. A customer never reads these words."""

from django.utils.translation import gettext_lazy as _

from complaints.emotion.reading import ANGRY, CALM, DANGER, DISPLEASED, FURIOUS

LEVELS = {
    CALM: _("Calm"),
    DISPLEASED: _("Displeased"),
    ANGRY: _("Angry"),
    FURIOUS: _("Very angry"),
    DANGER: _("High risk"),
}
SIGNALS = {
    "safety": _("Danger to a person"),
    "threat": _("Threat to escalate"),
    "repeated": _("Asks again and again"),
    "anger": _("Anger"),
    "sarcasm": _("Sarcasm"),
    "disappointment": _("Disappointment"),
    "urgency": _("Urgency"),
    "waiting": _("Long wait"),
    "emphasis": _("Raised voice"),
}
# What went before the message is a reason without words in it.
CONTEXT = {
    "context.upset_before": _("Earlier messages sounded upset, too."),
    "context.same_words": _("The same words for the third time."),
    "context.contacts": _("Several messages without an answer."),
    "context.overdue": _("The promised time passed more than a day ago."),
}
SAFETY_STEPS = [
    _("Ask first whether everybody is safe. In danger: ambulance 120, police 110, fire 119."),
    _("Offer a call now. Stay calm and take every word seriously; do not argue about fault."),
    _("A lead was called and looks at this complaint, too. The help contacts are an article that you may send."),
]
# By signal, the most important first; three are shown.
STEPS = {
    "threat": _("Neither warn nor argue. Say what you can do and by when; a lead looks at it, too."),
    "repeated": _("Say that you have read everything. Give your name and one time that you will keep."),
    "waiting": _("Apologise for the wait once, then name the next step and its date."),
    "anger": _("Answer the matter, not the tone: what happened, what you do, by when."),
    "sarcasm": _("Behind the irony is a broken promise: name it and put it right."),
    "disappointment": _("Name what went wrong in the customer's own words before you explain a rule."),
    "urgency": _("Give a time first, the reasons afterwards."),
}
ALWAYS = ("anger", "disappointment")
FEWEST_STEPS, MOST_STEPS = 2, 3


def name_level(level: int) -> str:
    return str(LEVELS.get(level, ""))


def name_signals(signals: str) -> list[str]:
    """The signals of ``Complaint.risk_signals`` in words."""
    return [str(SIGNALS[signal]) for signal in signals.split() if signal in SIGNALS]


def name_risk(level: int, signals: str) -> str:
    """A level in a few words: at the highest one, what the risk is."""
    named = name_signals(signals)
    return named[0] if level == DANGER and named else name_level(level)


def steps_for(signals: str) -> list[str]:
    """Two or three concrete hints for the answer: those of the signals, then those that always fit."""
    fitting = [signal for signal in signals.split() if signal in STEPS][:MOST_STEPS]
    always = [signal for signal in ALWAYS if signal not in fitting][: max(FEWEST_STEPS - len(fitting), 0)]
    return [str(STEPS[signal]) for signal in [*fitting, *always]]
