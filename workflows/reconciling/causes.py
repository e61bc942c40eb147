"""Why a line of a statement and our books differ, in words, and what may be done about it. Nothing is corrected by itself."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Cause:
    """What is known of a difference, and the suggestion that goes with it."""

    text: str | Promise
    advice: str | Promise = ""


CAUSES = {
    "": Cause(""),
    "booked_other_day": Cause(_("Our books have it on another day.")),
    "under_way": Cause(_("Under way on both sides; it is booked when it is paid.")),
    "listed_before": Cause(_("An earlier statement lists it as under way; it was paid since.")),
    # theirs only
    "stranger": Cause(_("Our books know no refund of this number."), _("Look in the provider's own console: somebody paid it there.")),
    "same_payment": Cause(
        _("Our books know another refund of the same amount on the same payment."),
        _("Compare the two: one is too many."),
    ),
    "other_number": Cause(_("The same amount stands on the other side under another number."), _("Compare the two: they may be one.")),
    "made_elsewhere": Cause(_("A refund of this payment is counted as made elsewhere already."), _("Compare the amounts.")),
    "not_sent": Cause(_("Our books have it, but never sent it."), _("Find out who sent it under our number.")),
    "not_booked": Cause(_("Our books wait for the answer of the provider."), _("It is asked about now. Match again in a few minutes.")),
    "failed_here": Cause(_("Our books say that it failed or came back."), _("Have it asked about before anybody pays it again.")),
    "voided_here": Cause(_("Our books voided it, and it was paid all the same."), _("Do not pay another refund for it.")),
    "other_time": Cause(_("Our books have it on a distant day or with other amounts."), _("Compare the history of the refund.")),
    # ours only
    "missing_there": Cause(_("The statement does not have it."), _("Ask the provider; until then it is not proven that it was paid.")),
    "near_midnight": Cause(_("Booked close to midnight: it may stand on the next or the last statement."), _("Take in the day beside it.")),
    "not_paid_there": Cause(_("The statement lists it as not paid."), _("Ask the provider what became of it.")),
    # amount differs
    "currency": Cause(_("Another currency."), _("Ask the provider.")),
    "paid_twice": Cause(_("The provider paid it more than once."), _("Stop further refunds of this payment and ask the provider.")),
    "more_there": Cause(_("The provider paid more than our books say."), _("Compare the approval with the provider's console.")),
    "less_there": Cause(_("The provider paid less than our books say."), _("Part of it may have come back: look at the refund.")),
}
