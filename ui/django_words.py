"""Words of Django's admin that its own translation leaves out or puts badly.

Our catalogue wins over Django's; the words are named here so that collecting the messages keeps them in it.
"""

from django.utils.translation import gettext_noop as _

WORDS = (
    _("Model name"),
    _("Add link"),
    _("Change or view list link"),
    _("Models in the %(name)s application"),
    _("Go"),
    _("View"),
    _("Add %s"),
    _("Add %(name)s"),
    _("Change %s"),
    _("View %s"),
    _("Select %s"),
    _("Select %s to change"),
    _("Select %s to view"),
    _("Add another %(verbose_name)s"),
    _("Add another %(model)s"),
)
