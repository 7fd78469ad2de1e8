"""A page that fails tells nobody why."""

import pytest
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.test import Client

from conversations.models import Conversation

WHY = "could not connect as postgres://chat:hunter2@db"


def test_a_page_that_fails_shows_nothing_of_what_it_knew(
    console: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_page: object, _request: HttpRequest) -> None:
        raise LookupError(WHY)

    admin.autodiscover()
    monkeypatch.setattr(type(admin.site._registry[Conversation]), "get_queryset", fail)
    console.raise_request_exception = False
    answer = console.get("/admin/conversations/conversation/")
    shown = answer.content.decode()
    assert answer.status_code == 500
    for secret in (WHY, "hunter2", "Traceback", "LookupError", settings.SECRET_KEY):
        assert secret not in shown
    assert "site-packages" not in shown
