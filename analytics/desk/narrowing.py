"""What makes a question smaller that is too large to be counted: fewer days, or one filter less."""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils.translation import gettext as _

from analytics.desk.choice import Choice
from analytics.desk.names import title_of
from analytics.metrics.questions import Span

LENGTHS = (7, 28, 91)


@dataclass(frozen=True)
class Way:
    """What is left out, in words, and the part of an address that says the choice without it."""

    words: str
    query: str


def fewer_days(choice: Choice) -> list[Way]:
    """The end of the span that was chosen, in shorter lengths."""
    last = choice.span.last
    spans = {length: Span(last - timedelta(length - 1), last) for length in LENGTHS if length < choice.span.days}
    return [Way(_("The last %(number)d days") % {"number": length}, choice.query_of(span, None)) for length, span in spans.items()]


def fewer_filters(choice: Choice) -> list[Way]:
    """The same days, each time without one of the filters."""
    return [
        Way(_("Without: %(filter)s") % {"filter": title_of(name)}, replace(choice, chosen=choice.chosen.without(name)).query)
        for name, _values in choice.chosen.allowed
    ]
