"""Addresses below ``/admin/build/flows/``."""

from django.urls import path

from workflows.flows.desk import views

urlpatterns = [
    path("", views.show_flows, name="flows"),
    path("<slug:case_type>/", views.edit_flow, name="flow"),
    path("<slug:case_type>/export/", views.export_flow, name="flow-export"),
]
