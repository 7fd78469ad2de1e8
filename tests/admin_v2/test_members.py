"""A tenant's server says who works in the tenant's console."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from tenants import services
from tenants.audit import SYSTEM
from tenants.models import Member, User
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server
from tests.answers import assert_refused


def account() -> User:
    """Somebody with an account."""
    return User.objects.create_user(f"{uuid4().hex}@people.example", is_staff=True)


def join(server: Server, role: str, user: User | None = None) -> str:
    """A person joins, as if by an invitation; returns the membership's id."""
    with tenant_scope(server.tenant.pk) as tenant:
        member = services.add_member(
            tenant=tenant, user=user or account(), role=Member.Role(role), actor=SYSTEM
        )
        return str(member.pk)


def test_people_come_change_and_go(acme: Server) -> None:
    join(acme, "owner")
    user = account()
    member_id = join(acme, "agent", user)
    path = f"members/{member_id}"
    member = acme.get(path).json()
    assert (member["email"], member["role"]) == (user.email, "agent")
    etag = acme.get(path).headers["ETag"]
    assert acme.patch(path, {"role": "admin"}, If_Match=etag).json()["role"] == "admin"
    late = acme.patch(path, {"role": "viewer"}, If_Match=etag)
    assert_refused(late, 412, "precondition_failed")
    roles = [row["role"] for row in acme.get("members").json()["data"]]
    assert sorted(roles) == ["admin", "owner"]
    assert acme.delete(path).json()["id"] == member["id"]
    assert_refused(acme.delete(path), 404, "member_not_found")
    trail = acme.get(f"audit?object_type=member&object_id={member['id']}").json()["data"]
    assert [entry["action"] for entry in trail] == [
        "member.removed",
        "member.role_changed",
        "member.added",
    ]


def test_the_last_owner_stays(acme: Server) -> None:
    first = join(acme, "owner")
    join(acme, "admin")
    assert_refused(acme.delete(f"members/{first}"), 409, "last_owner")
    assert_refused(acme.patch(f"members/{first}", {"role": "admin"}), 409, "last_owner")
    second = join(acme, "owner")
    assert acme.patch(f"members/{first}", {"role": "admin"}).status_code == 200
    assert_refused(acme.delete(f"members/{second}"), 409, "last_owner")


def test_two_owners_cannot_both_leave_at_once(acme: Server) -> None:
    owners = [join(acme, "owner"), join(acme, "owner")]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: acme.delete(f"members/{one}"), owners))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


def test_people_are_invited_whether_or_not_they_have_an_account(
    acme: Server, globex: Server
) -> None:
    theirs = account()
    theirs.full_name = "Milton Waddams"
    theirs.save()
    join(globex, "owner", theirs)
    operator = User.objects.create_superuser(f"{uuid4().hex}@people.example", "a long password")
    emails = [theirs.email, operator.email, f"{uuid4().hex}@people.example"]
    answers = []
    for email in emails:
        added = acme.post("members", {"email": email, "role": "viewer"})
        assert added.status_code == 201
        assert "Milton" not in added.text
        answers.append(added.json())
    assert [answer["email"] for answer in answers] == emails
    assert len({tuple(answer) for answer in answers}) == 1
    assert acme.get("members").json()["data"] == []
    assert len(acme.get("members/invitations").json()["data"]) == len(emails)
    member = account()
    join(acme, "viewer", member)
    again = acme.post("members", {"email": member.email, "role": "admin"})
    assert_refused(again, 409, "member_exists")


def test_what_is_wrong_is_named(acme: Server) -> None:
    for wish, field in (
        ({"role": "admin"}, "email"),
        ({"email": "a\x00@b.example", "role": "admin"}, "email"),
        ({"email": ["a@b.example"], "role": "admin"}, "email"),
        ({"email": "a@b.example"}, "role"),
        ({"email": "a@b.example", "role": "king"}, "role"),
    ):
        error = assert_refused(acme.post("members", wish), 400, "invalid_parameter")
        assert field in error["details"]


def test_another_tenants_people_are_unknown(acme: Server, globex: Server) -> None:
    theirs = join(globex, "owner")
    for answer in (
        acme.get(f"members/{theirs}"),
        acme.patch(f"members/{theirs}", {"role": "viewer"}),
        acme.delete(f"members/{theirs}"),
    ):
        assert_refused(answer, 404, "member_not_found")
    assert acme.get("members").json()["data"] == []


def test_writing_people_needs_everything(acme: Server) -> None:
    reader = acme.with_scopes("settings:read", "settings:write")
    assert reader.get("members").status_code == 200
    refused = reader.post("members", {"email": "a@b.example", "role": "owner"})
    error = assert_refused(refused, 403, "insufficient_scope")
    assert error["details"] == {"required": "admin:write"}
