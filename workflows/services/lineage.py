"""What a replacement is worth: it takes over what its predecessor was still worth, so that a paid unit is paid back once at most."""

from workflows.models import Outbound, RefundableUnit


def put_replacements(outbound: Outbound) -> list[RefundableUnit]:
    """Make the units of a replacement that was delivered; called twice it makes them once.

    The value moves: what was refunded or is held stays with the old unit, the rest can be claimed on the new one.
    """
    old = RefundableUnit.objects.select_for_update(no_key=True).filter(claims__outbounds=outbound).order_by("pk")
    known = set(RefundableUnit.objects.filter(replaces__in=[unit.pk for unit in old]).values_list("replaces_id", flat=True))
    return [_replace(unit) for unit in old if unit.pk not in known]


def _replace(old: RefundableUnit) -> RefundableUnit:
    kept = old.held_fen + old.refunded_fen
    worth = old.entitled_fen - kept
    old.entitled_fen = kept
    old.save(update_fields=["entitled_fen"])
    last = RefundableUnit.objects.filter(order=old.order_id, line=old.line_id).order_by("-position").values_list("position", flat=True)[0]
    return RefundableUnit.objects.create(order_id=old.order_id, line_id=old.line_id, position=last + 1, entitled_fen=worth, replaces=old)
