from django.urls import path

from ui import views

app_name = "ui"
urlpatterns = [path("display/", views.save_display, name="display-save")]
