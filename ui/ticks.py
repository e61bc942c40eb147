"""Yes and no in the stock admin: Django's pictures are called "True" and "False" in every language, so ours replace them."""

from django.contrib.admin.templatetags import admin_list
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


def render_tick(value: bool | None) -> SafeString:
    """The picture of a yes, a no or a not known, called so in the reader's language."""
    picture, name = {True: ("yes", _("Yes")), False: ("no", _("No")), None: ("unknown", _("Unknown"))}[value]
    return format_html('<img src="{}" alt="{}">', static(f"admin/img/icon-{picture}.svg"), name)


# Lists and read-only forms of Django look the function up under this name at each call; there is no other door.
admin_list._boolean_icon = render_tick
