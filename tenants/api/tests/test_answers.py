"""Whatever goes wrong, a caller reads the one envelope."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpResponseBase
from django.test import RequestFactory
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import Forbidden, PayloadTooLarge
from kernel.rest.exception_handler import error_answer
from tenants.api import views
from tenants.api.authentication import is_service_token
from tenants.api.principals import Principal
from tenants.audit import SYSTEM
from tenants.configuration import default_tenant_id
from tenants.models import Setting
from tenants.scope import tenant_scope


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (exceptions.ParseError(), 400, "invalid_json"),
        (exceptions.NotAuthenticated(), 401, "unauthorized"),
        (exceptions.AuthenticationFailed(), 401, "unauthorized"),
        (exceptions.PermissionDenied(), 403, "forbidden"),
        (PermissionDenied(), 403, "forbidden"),
        (Forbidden(), 403, "forbidden"),
        (Http404(), 404, "not_found"),
        (exceptions.NotFound(), 404, "not_found"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.UnsupportedMediaType("text/html"), 415, "unsupported_media_type"),
        (RequestDataTooBig(), 413, "payload_too_large"),
        (PayloadTooLarge(), 413, "payload_too_large"),
        (exceptions.Throttled(wait=3), 429, "rate_limited"),
        (exceptions.NotAcceptable(), 400, "bad_request"),
        (exceptions.APIException(), 500, "internal_error"),
        (LookupError("a secret"), 500, "internal_error"),
    ],
)
def test_an_exception_becomes_the_envelope(raised: Exception, status: int, code: str) -> None:
    answer = error_answer(raised, {})
    error = json.loads(answer.content)["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/json"
    assert "secret" not in answer.content.decode()


def test_a_database_that_is_away_is_worth_another_try(db: None) -> None:
    answer = error_answer(OperationalError("gone"), {})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_details_say_what_is_wrong_with_which_field() -> None:
    class Wanted(serializers.Serializer[Any]):
        name = serializers.CharField(max_length=3)
        ids = serializers.ListField(child=serializers.IntegerField())

    with pytest.raises(exceptions.ValidationError) as raised:
        Wanted(data={"name": "long", "ids": [1, "x"]}).is_valid(raise_exception=True)
    error = json.loads(error_answer(raised.value, {}).content)["error"]
    assert error["code"] == "invalid_parameter"
    assert error["message"] == "name: Ensure this field has no more than 3 characters."
    assert error["details"] == {
        "name": ["Ensure this field has no more than 3 characters."],
        "ids": ["1: A valid integer is required."],
    }


@pytest.mark.parametrize("offered", ["", "wrong", "ten", "tënant", "\udcff"])
def test_only_the_whole_token_matches(offered: str, settings: Any) -> None:
    settings.SERVICE_TOKEN = "tenant-token"
    assert not is_service_token(offered)
    assert is_service_token("tenant-token")


def test_tokens_take_turns(settings: Any) -> None:
    settings.SERVICE_TOKEN, settings.SERVICE_TOKEN_FALLBACKS = "the new one", ["the old one"]
    assert is_service_token("the new one")
    assert is_service_token("the old one")
    assert not is_service_token("the new one,the old one")
    settings.SERVICE_TOKEN_FALLBACKS = []
    assert not is_service_token("the old one")


def test_no_configured_token_lets_nobody_in(settings: Any) -> None:
    settings.SERVICE_TOKEN = ""
    assert not is_service_token("")


class Anybody(BaseAuthentication):
    """Everybody is the default tenant's."""

    def authenticate(self, request: Request) -> tuple[Principal, None]:
        """Without asking."""
        return Principal(default_tenant_id(), SYSTEM), None


class Careless(views.TenantView):
    """Writes, then fails."""

    authentication_classes = (Anybody,)

    def post(self, request: Request) -> Response:
        """Sets what the body asks for, unless it asks to fail."""
        Setting.objects.create(tenant=self.tenant, key="careless", value=1)
        if "fail" in request.data:
            raise LookupError
        return Response({})


def call(body: bytes, content_type: str = "application/json") -> HttpResponseBase:
    """POST to the careless view."""
    factory = RequestFactory()
    request = factory.post("/anything", data=body, content_type=content_type)
    return Careless.as_view()(request)


def is_written() -> bool:
    """Whether the view's row is there."""
    with tenant_scope(default_tenant_id()) as tenant:
        return Setting.objects.filter(tenant=tenant, key="careless").exists()


def test_what_a_failed_call_has_written_is_taken_back(db: None) -> None:
    assert call(b'{"fail": true}').status_code == 500
    assert not is_written()
    assert call(b"{}").status_code == 200
    assert is_written()


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"[]", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"{}", "application/json; charset=utf-8", 200),
        (b"", "application/json", 200),
    ],
)
def test_bodies_are_json_objects(db: None, body: bytes, content_type: str, status: int) -> None:
    assert call(body, content_type).status_code == status
