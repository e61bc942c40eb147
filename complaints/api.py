"""Complaints for machines: /api/v1/complaints/."""

urlpatterns = []
