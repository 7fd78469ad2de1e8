"""A tenant's server invites people, and they come through a running web process."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import requests

from tenants.models import User
from tests.admin_v2.conftest import Server
from tests.answers import assert_refused
from tests.customer import new_address

PASSWORD = "a swingline stapler, red"


def address() -> str:
    """Of somebody without an account."""
    return f"{uuid4().hex}@people.example"


def invite(server: Server, email: str, role: str = "agent") -> dict[str, Any]:
    """A new invitation as the API shows it."""
    answer = server.post("members/invitations", {"email": email, "role": role})
    assert answer.status_code == 201, answer.text
    invitation: dict[str, Any] = answer.json()
    return invitation


class Person:
    """Somebody's browser at a link."""

    def __init__(self, server: Server, link: str) -> None:
        self.page = server.base_url + urlsplit(link).path
        self.session = requests.Session()
        self.session.headers["X-Forwarded-For"] = new_address()
        self.session.get(self.page, timeout=30)

    def join(self) -> requests.Response:
        """Fill in the form; the answer to that, not what follows it."""
        form = {"full_name": "Peter", "password": PASSWORD, "repeated": PASSWORD}
        token = self.session.cookies["csrftoken"]
        return self.session.post(
            self.page,
            form | {"csrfmiddlewaretoken": token},
            headers={"Origin": self.page.partition("/admin/")[0]},
            allow_redirects=False,
            timeout=30,
        )


def test_from_the_invitation_to_the_membership(acme: Server) -> None:
    email = address()
    invitation = invite(acme, email.upper(), "admin")
    assert (invitation["email"], invitation["role"]) == (email, "admin")
    assert invitation["link"].startswith(f"{acme.base_url}/admin/invitations/{acme.tenant.slug}/")
    [listed] = acme.get("members/invitations").json()["data"]
    assert listed == {name: value for name, value in invitation.items() if name != "link"}
    assert Person(acme, invitation["link"]).join().status_code == 302
    [member] = acme.get("members").json()["data"]
    assert (member["email"], member["role"], member["full_name"]) == (email, "admin", "Peter")
    assert acme.get("members/invitations").json()["data"] == []
    late = acme.delete(f"members/invitations/{invitation['id']}")
    assert_refused(late, 409, "invitation_accepted")
    again = acme.post("members/invitations", {"email": email, "role": "viewer"})
    assert_refused(again, 409, "member_exists")
    trail = acme.get(f"audit?object_type=invitation&object_id={invitation['id']}").json()["data"]
    assert [entry["action"] for entry in trail] == ["invitation.accepted", "invitation.created"]
    assert email not in str(trail)


def test_of_two_who_come_with_one_link_at_once_one_joins(acme: Server) -> None:
    email = address()
    link = invite(acme, email)["link"]
    people = [Person(acme, link), Person(acme, link), Person(acme, link)]
    with ThreadPoolExecutor(3) as pool:
        statuses = sorted(pool.map(lambda person: person.join().status_code, people))
    assert statuses == [302, 404, 404]
    assert User.objects.filter(email=email).count() == 1
    assert len(acme.get("members").json()["data"]) == 1


def test_one_person_invited_by_two_tenants_at_once_has_one_account(
    acme: Server, globex: Server
) -> None:
    email = address()
    people = [Person(server, invite(server, email)["link"]) for server in (acme, globex)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda person: person.join(), people))
    # Whoever is second is asked for the password of the account that the first one has made.
    for answer, person in zip(answers, people, strict=True):
        assert answer.status_code in (200, 302)
        if answer.headers.get("Location") != "/admin/":
            assert person.join().headers["Location"] == "/admin/"
    assert User.objects.filter(email=email).count() == 1
    for server in (acme, globex):
        assert [row["email"] for row in server.get("members").json()["data"]] == [email]


def test_of_invitations_of_one_address_at_once_one_stays_open(acme: Server) -> None:
    email = address()
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: invite(acme, email), range(4)))
    [stays] = acme.get("members/invitations").json()["data"]
    assert stays["id"] in {invitation["id"] for invitation in made}


def test_a_revoked_invitation_lets_nobody_in(acme: Server) -> None:
    invitation = invite(acme, address())
    path = f"members/invitations/{invitation['id']}"
    person = Person(acme, invitation["link"])
    revoked = acme.delete(path).json()
    assert revoked["revoked_at"] is not None
    assert acme.delete(path).json() == revoked
    assert person.join().status_code == 404
    assert acme.get("members/invitations").json()["data"] == []


def test_the_same_call_once_more_gets_the_same_link(acme: Server) -> None:
    wish, key = {"email": address(), "role": "agent"}, uuid4().hex
    first = acme.post("members/invitations", wish, Idempotency_Key=key)
    second = acme.post("members/invitations", wish, Idempotency_Key=key)
    assert first.json()["link"] == second.json()["link"]


def test_another_tenants_invitations_are_unknown(acme: Server, globex: Server) -> None:
    theirs = invite(globex, address())
    refused = acme.delete(f"members/invitations/{theirs['id']}")
    assert_refused(refused, 404, "invitation_not_found")
    assert acme.get("members/invitations").json()["data"] == []


def test_inviting_needs_everything(acme: Server) -> None:
    reader = acme.with_scopes("settings:read", "settings:write")
    assert reader.get("members/invitations").status_code == 200
    refused = reader.post("members/invitations", {"email": address(), "role": "viewer"})
    error = assert_refused(refused, 403, "insufficient_scope")
    assert error["details"] == {"required": "admin:write"}


def test_what_is_wrong_is_named(acme: Server) -> None:
    for wish, field in (
        ({"role": "admin"}, "email"),
        ({"email": "a\x00@b.example", "role": "admin"}, "email"),
        ({"email": "nobody", "role": "admin"}, "email"),
        ({"email": "x" * 300 + "@b.example", "role": "admin"}, "email"),
        ({"email": "a@b.example", "role": "king"}, "role"),
    ):
        answer = acme.post("members/invitations", wish)
        error = assert_refused(answer, 400, "invalid_parameter")
        assert field in str(error["details"])
