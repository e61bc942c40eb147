"""What became of canned replies, as columns of their list and as a table on the page of one. Part of the stock admin."""

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from knowledge.figures import Uses, cuts_of, uses_of
from ui.changelists import HouseChangeList

COLUMNS = ("sent", "edited", "reopened")


class ReplyList(HouseChangeList):
    """Brings the figures of the rows of a page along, in one query for all of them."""

    def get_results(self, request):
        super().get_results(request)
        found = uses_of([reply.pk for reply in self.result_list])
        for reply in self.result_list:
            reply.uses = found.get(reply.pk, Uses())


class WithFigures(admin.ModelAdmin):
    """Adds ``COLUMNS`` to a list of canned replies and the field ``figures`` to the page of one."""

    def get_changelist(self, request, **kwargs):
        return ReplyList

    @admin.display(description=_("times sent"))
    def sent(self, reply):
        return reply.uses.sent

    @admin.display(description=_("edited before sending"))
    def edited(self, reply):
        return f"{reply.uses.edited_percent} %" if reply.uses.sent else "–"

    @admin.display(description=_("reopened afterwards"))
    def reopened(self, reply):
        return f"{reply.uses.reopened_percent} %" if reply.uses.resolved else "–"

    @admin.display(description=_("what became of it"))
    def figures(self, reply):
        cuts = cuts_of(reply.pk)
        return render_to_string("knowledge/_reply_figures.html", {"cuts": cuts}) if cuts else _("It was not sent yet.")
