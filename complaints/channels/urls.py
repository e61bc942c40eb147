"""Addresses of the local mailbox below ``/admin/mailbox/``, in the admin's namespace."""

from django.urls import path

from complaints.channels import views

urlpatterns = [
    path("", views.show_mailbox, name="mailbox"),
    path("<str:key>/", views.show_letter, name="mailbox-letter"),
]
