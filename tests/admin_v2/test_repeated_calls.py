"""A server that does not know whether its call arrived repeats it, and nothing happens twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from tenants.idempotency.models import IdempotentResponse
from tenants.idempotency.services import KEEP
from tenants.scope import tenant_scope
from tenants.tasks import delete_idempotent_responses
from tests.admin_v2.conftest import Server
from tests.answers import assert_refused

WISH = {"name": "Shop", "scopes": ["keys:write"]}


def test_the_same_call_is_answered_as_the_first_time(acme: Server) -> None:
    word = uuid4().hex
    first = acme.post("api-keys", WISH, Idempotency_Key=word)
    again = acme.post("api-keys", WISH, Idempotency_Key=word)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(acme.get("api-keys").json()["data"]) == 2


def test_of_many_at_once_one_acts(acme: Server) -> None:
    word = uuid4().hex
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: acme.post("api-keys", WISH, Idempotency_Key=word), range(8))
        )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_another_call_needs_another_word(acme: Server) -> None:
    word = uuid4().hex
    acme.post("api-keys", WISH, Idempotency_Key=word)
    other = acme.post("api-keys", {**WISH, "name": "Other"}, Idempotency_Key=word)
    assert_refused(other, 409, "idempotency_key_reused")


def test_what_failed_may_be_tried_again_with_the_same_word(acme: Server) -> None:
    word = uuid4().hex
    assert (
        acme.post("api-keys", {**WISH, "scopes": ["none"]}, Idempotency_Key=word).status_code == 400
    )
    assert acme.post("api-keys", WISH, Idempotency_Key=word).status_code == 201


def test_two_tenants_may_choose_the_same_word(acme: Server, globex: Server) -> None:
    word = uuid4().hex
    mine = acme.post("api-keys", WISH, Idempotency_Key=word).json()
    theirs = globex.post("api-keys", WISH, Idempotency_Key=word).json()
    assert mine["id"] != theirs["id"]


def test_the_word_is_plain(acme: Server) -> None:
    refused = acme.post("api-keys", WISH, Idempotency_Key="x" * 256)
    assert_refused(refused, 400, "invalid_parameter")


def test_answers_are_kept_sealed_and_for_a_day(acme: Server) -> None:
    word = uuid4().hex
    secret = acme.post("api-keys", WISH, Idempotency_Key=word).json()["key"]
    with tenant_scope(acme.tenant.pk):
        kept = IdempotentResponse.objects.get(idempotency_key=word)
        assert secret not in kept.sealed_body
        IdempotentResponse.objects.filter(pk=kept.pk).update(
            created_at=timezone.now() - KEEP - timedelta(minutes=1)
        )
    assert delete_idempotent_responses() >= 1
    assert "Idempotency-Replayed" not in acme.post("api-keys", WISH, Idempotency_Key=word).headers
