"""Addresses below ``/admin/privacy/``: wishes about personal data, for whoever decides about them or carries them out."""

from django.urls import path

from complaints.privacy import views

urlpatterns = [
    path("", views.show_list, name="privacy-list"),
    path("<int:request_id>/decide/", views.decide, name="privacy-decide"),
    path("<int:request_id>/run/", views.run, name="privacy-run"),
]
