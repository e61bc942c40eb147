"""The public addresses of returns, in Chinese at / and in English at /en/; they stand before those of complaints."""

from django.urls import path

from workflows.portal import application, views

app_name = "workflows"
urlpatterns = [
    path("return/", application.apply_on_order, name="order-apply"),
    path("t/<str:token>/return/", views.open_return, name="return-open"),
    path("c/<str:number>/return/", views.show_return, name="return"),
    path("c/<str:number>/return/apply/", application.apply_on_complaint, name="return-apply"),
    path("c/<str:number>/return/draft/", application.keep_draft, name="return-draft"),
    path("c/<str:number>/return/label/", views.show_label, name="return-label"),
    path("c/<str:number>/return/label/code.png", views.save_code, name="return-code"),
    path("c/<str:number>/return/<slug:verb>/", views.act_on_return, name="return-act"),
]
