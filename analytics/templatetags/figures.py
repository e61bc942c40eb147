"""The pages of the figures beside each other, with what waits on some of them: ``{% load figures %}``."""

from django import template

from analytics.access import sight_of
from analytics.desk.boards import boards_for
from analytics.desk.narrowing import fewer_days, fewer_filters
from analytics.improvements.boards import overdue_improvements
from analytics.spikes.boards import open_spikes

register = template.Library()
register.filter(fewer_days)
register.filter(fewer_filters)


@register.inclusion_tag("analytics/_tabs.html", takes_context=True)
def figure_tabs(context, here: str):
    """Links to every page of figures that the reader may open; days and filters that were chosen go with them."""
    user, choice = context["request"].user, context.get("choice")
    sight = choice.sight if choice else sight_of(user)
    return {
        "here": here,
        "boards": boards_for(sight) if sight else [],
        "query": f"?{choice.query}" if choice else "",
        "spikes": open_spikes(user),
        "late": overdue_improvements(user),
        "perms": context["perms"],
    }
