"""What waits in the loop from complaint to cause, as numbers beside its links: ``{% load loop %}``."""

from django import template

from analytics.improvements.boards import overdue_improvements
from analytics.spikes.boards import open_spikes

register = template.Library()


@register.simple_tag(name="open_spikes", takes_context=True)
def count_spikes(context):
    """Spikes that nobody has looked at."""
    return open_spikes(context["request"].user)


@register.simple_tag(name="overdue_improvements", takes_context=True)
def count_improvements(context):
    """Items that should be done by now."""
    return overdue_improvements(context["request"].user)
