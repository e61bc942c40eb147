"""The pages of the local mailbox."""

from django.contrib.auth.decorators import permission_required
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from complaints.channels.mailbox import find_letter, newest_letters

may_read = permission_required("complaints.view_mailbox", raise_exception=True)


@require_safe
@may_read
def show_mailbox(request):
    return render(request, "complaints/mailbox.html", {"letters": newest_letters()})


@require_safe
@may_read
def show_letter(request, key):
    letter = find_letter(key)
    if letter is None:
        raise Http404
    return render(request, "complaints/mailbox_letter.html", {"letter": letter})
