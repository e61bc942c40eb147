"""Addresses that carriers push to, below ``/hooks/``."""

from django.urls import path

from orders import hooks

urlpatterns = [path("carrier/<slug:code>/", hooks.take_push, name="carrier-push")]
