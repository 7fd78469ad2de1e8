"""The addresses of the outbox."""

from django.urls import path

from outbox.api.v2 import items

urlpatterns = [
    path("v2/admin/outbox", items.Items.as_view()),
    path("v2/admin/outbox/<int:item_id>", items.OneItem.as_view()),
    path("v2/admin/outbox/<int:item_id>/retry", items.Retry.as_view()),
    path("v2/admin/outbox/<int:item_id>/discard", items.Discard.as_view()),
]
