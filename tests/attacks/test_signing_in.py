"""Guessing passwords at the console's door."""

from typing import Any
from urllib.parse import quote, urljoin, urlsplit
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import BasePasswordHasher, get_hasher
from django.contrib.sessions.models import Session
from django.http import HttpResponseBase
from django.test import Client
from django.test.client import encode_multipart
from pytest_django import Settings

from chatorical.console.policy import POLICY
from tenants.models import User
from tenants.scope import platform_scope
from tests.customer import new_address
from tests.staff import PASSWORD, words

LOGIN = "/admin/login/"


@pytest.fixture
def owner(db: None, settings: Settings) -> User:
    """Somebody whose password others would like to know."""
    settings.PLATFORM_RATE_LIMITS = {"sign_in_address": (4, 300), "sign_in_account": (3, 900)}
    return User.objects.create_superuser(f"{uuid4().hex}@chatorical.example", PASSWORD)


def sign_in(
    email: str, password: str, address: str, client: Client | None = None
) -> HttpResponseBase:
    return (client or Client()).post(
        LOGIN, {"username": email, "password": password}, headers={"X-Forwarded-For": address}
    )


def is_throttled(answer: HttpResponseBase) -> bool:
    return "Too many attempts to sign in. Please try again in" in words(answer)


def test_guesses_from_one_address_end(owner: User) -> None:
    address = new_address()
    answers = [sign_in(f"{n}@initech.example", "guess", address) for n in range(6)]
    assert [is_throttled(answer) for answer in answers] == [False] * 4 + [True] * 2
    # Even the right password does not get through, so nobody learns that it is right.
    assert is_throttled(sign_in(owner.email, PASSWORD, address))
    assert sign_in(owner.email, PASSWORD, new_address()).status_code == 302


def test_guesses_from_everywhere_end_and_the_owner_gets_in_from_the_usual_place(
    owner: User,
) -> None:
    home = new_address()
    assert sign_in(owner.email, PASSWORD, home).status_code == 302
    answers = [sign_in(owner.email.upper(), f"guess {n}", new_address()) for n in range(4)]
    answers += [sign_in(owner.email, PASSWORD, new_address())]
    assert [is_throttled(answer) for answer in answers] == [False] * 3 + [True] * 2
    assert sign_in(owner.email, PASSWORD, home).status_code == 302


def test_an_address_without_an_account_costs_and_reads_like_a_wrong_password(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the work: how long it takes depends on the machine."""
    hashed: list[str] = []
    kind = type(get_hasher())
    encode = kind.encode

    def count(hasher: BasePasswordHasher, password: str, *args: Any, **options: Any) -> str:
        hashed.append(password)
        return encode(hasher, password, *args, **options)

    monkeypatch.setattr(kind, "encode", count)
    away, without = (
        User.objects.create_superuser(f"{uuid4().hex}@chatorical.example", password)
        for password in (PASSWORD, None)
    )
    with platform_scope("switching an account off"):
        User.objects.filter(pk=away.pk).update(is_active=False)
    seen = []
    for email in (owner.email, f"{uuid4().hex}@nobody.example", away.email, without.email):
        hashed.clear()
        answer = sign_in(email, "guess", new_address())
        assert len(hashed) == 1, email
        seen.append(words(answer).replace(email, ""))
    assert len(set(seen)) == 1, seen


def test_signing_in_again_and_again_is_no_guessing(owner: User) -> None:
    home = new_address()
    assert {sign_in(owner.email, PASSWORD, home).status_code for _ in range(8)} == {302}


def test_signing_in_leads_to_no_other_site(owner: User) -> None:
    lures = [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
    ]
    lures += [
        "https://evil.example/admin/",
        "https:evil.example",
        "http:///evil.example",
        "//[evil",
    ]
    lures += [
        "%2F%2Fevil.example",
        "/%2Fevil.example",
        "/%5Cevil.example",
        "%252F%252Fevil.example",
    ]
    lures += [
        "javascript:alert(1)",
        "\x00//evil.example",
        " //evil.example",
        "//evil.example:80@testserver",
    ]
    client = Client()
    for lure in lures:
        for address in (LOGIN, f"{LOGIN}?next={quote(lure)}"):
            answer = client.post(
                address, {"username": owner.email, "password": PASSWORD, "next": lure}
            )
            assert leads_to(answer) == ("" if "%00" in address else "testserver"), lure
        # Signed in by now. A query with a NUL is refused.
        address = f"{LOGIN}?next={quote(lure)}"
        assert leads_to(client.get(address)) == ("" if "%00" in address else "testserver"), lure
    # What lacks a slash at its end is led to the same with one.
    for path in (
        "//evil.example/admin",
        "//evil.example/%2e%2e",
        "/admin//evil.example",
        "/\\evil.example/x",
    ):
        assert leads_to(client.get(path)) in ("testserver", ""), path


def leads_to(answer: HttpResponseBase) -> str:
    """The host of a redirect's address as a browser reads it; empty without a redirect."""
    location = answer.headers.get("Location", "")
    plain = location.replace("\\", "/").translate(dict.fromkeys(range(33)))
    return plain and urlsplit(urljoin(f"http://testserver{LOGIN}", plain)).netloc


@pytest.mark.parametrize("encoding", ["zlib", "idna", "undefined", "rot13", "utf-16", "utf-7"])
def test_a_form_in_another_encoding_is_refused(owner: User, encoding: str) -> None:
    form = encode_multipart("x", {"username": owner.email, "password": PASSWORD})
    kind = "multipart/form-data; boundary=x"
    answer = Client().generic("POST", LOGIN, form, f"{kind}; charset={encoding}")
    assert answer.status_code == 400
    assert Client().generic("POST", LOGIN, form, f"{kind}; charset=UTF8").status_code == 302


def test_the_form_proves_that_it_is_ours(owner: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(owner.email, PASSWORD, new_address(), strict).status_code == 403
    page = strict.get(LOGIN)
    cookie = strict.cookies["csrftoken"]
    assert cookie["samesite"] == "Lax"
    assert page.headers["Content-Security-Policy"] == POLICY
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "same-origin"


def test_a_session_that_is_read_or_copied_in_the_database_is_of_no_use(owner: User) -> None:
    client, thief = Client(), Client()
    sign_in(owner.email, PASSWORD, new_address(), client)
    assert client.get("/admin/").status_code == 200
    # A session of the thief's own, which says nothing of a person.
    own = thief.session
    own["seen"] = True
    own.save()
    key = client.cookies["sessionid"].value
    with platform_scope("tests"):
        rows = Session.objects.order_by("-expire_date")
        assert key not in repr(list(rows.values_list()))
        copied, read = rows[:2]
        copied.session_data = read.session_data
        copied.save()
    assert thief.get("/admin/").status_code == 302
    thief.cookies["sessionid"] = read.session_key
    assert thief.get("/admin/").status_code == 302
    assert client.get("/admin/").status_code == 200


def test_the_sessions_cookie_is_out_of_reach_of_scripts(owner: User) -> None:
    client = Client()
    sign_in(owner.email, PASSWORD, new_address(), client)
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
