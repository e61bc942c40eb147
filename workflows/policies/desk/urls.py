"""Addresses below ``/admin/build/policies/``."""

from django.urls import path

from workflows.policies.desk import views

urlpatterns = [
    path("", views.show_policies, name="policies"),
    path("<slug:case_type>/", views.edit_policy, name="policy"),
]
