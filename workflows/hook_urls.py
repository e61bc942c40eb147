"""Addresses below ``/hooks/`` for other houses' machines."""

from django.urls import re_path

from workflows.reconciling.hooks import receive_payment_notice

# With and without the slash at the end: a provider follows no redirection.
urlpatterns = [re_path(r"^pay/(?P<gateway>[-\w]+)/?$", receive_payment_notice, name="hook-pay")]
