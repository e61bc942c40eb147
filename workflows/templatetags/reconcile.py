"""Words of reconciliation in templates: ``{% load reconcile %}``."""

from django import template

from foundation.standstill import is_standing_still
from workflows.reconciling.forms import name_of_gateway

register = template.Library()


@register.inclusion_tag("workflows/_standstill.html")
def standstill():
    """One line where money is looked at, while none of it leaves."""
    return {"is_standing_still": is_standing_still()}


@register.filter
def provider(code):
    """The name of a payment provider."""
    return name_of_gateway(code)
