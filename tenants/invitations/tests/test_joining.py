"""Somebody is invited, opens the link, and works for the tenant from then on."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.contrib.auth import get_user
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from tenants import services
from tenants.audit import SYSTEM, Actor, ActorKind
from tenants.errors import InvitationAccepted, MemberExists, RoleNotGrantable
from tenants.invitations import services as invitation_services
from tenants.invitations.links import link_of
from tenants.invitations.models import Invitation
from tenants.invitations.services import invite_member, revoke_invitation
from tenants.models import AuditEntry, Member, Tenant, User
from tenants.scope import tenant_scope
from tests.customer import new_address
from tests.staff import PASSWORD, console_of, start_conversation, words

MICHAEL = "michael@initech.example"
NEW_PASSWORD = "pc load letter means what"
INVITE = "admin:tenants_invitation_add"


def invite(
    workspace: Tenant,
    email: str = MICHAEL,
    role: Member.Role = Member.Role.AGENT,
    actor: Actor = SYSTEM,
) -> str:
    """The path of a fresh link."""
    with tenant_scope(workspace.pk) as tenant:
        issued = invite_member(tenant=tenant, email=email, role=role, actor=actor)
        return urlsplit(link_of(tenant=tenant, issued=issued)).path


def the_invitation(workspace: Tenant, email: str = MICHAEL) -> Invitation:
    with tenant_scope(workspace.pk):
        found = Invitation.objects.filter(email=email).order_by("-id").first()
        assert found is not None
        return found


def fill_in(link: str, client: Client | None = None, **fields: str) -> HttpResponseBase:
    """Make an account at the page of a link."""
    form = {"full_name": "Michael Bolton", "password": NEW_PASSWORD, "repeated": NEW_PASSWORD}
    return (client or Client()).post(link, form | fields)


def signed_in(client: Client) -> str:
    """Who the browser is."""
    request = HttpRequest()
    request.session = client.session
    return str(getattr(get_user(request), "email", ""))


def role_of(workspace: Tenant, email: str = MICHAEL) -> str | None:
    with tenant_scope(workspace.pk):
        return Member.objects.filter(user__email=email).values_list("role", flat=True).first()


def assert_dead(link: str, client: Client | None = None) -> None:
    """Neither looking nor filling in does anything, and the page does not say why."""
    for answer in ((client or Client()).get(link), fill_in(link, client)):
        assert answer.status_code == 404
        assert "This invitation does not work" in words(answer)
        assert "Initech" not in words(answer)


@pytest.fixture
def globex(workspace: Tenant) -> Iterator[Tenant]:
    """A neighbour, with a customer."""
    tenant = services.create_tenant(slug=f"globex-{uuid4().hex[:8]}", name="Globex", actor=SYSTEM)
    start_conversation(tenant, name="Hank", text="Hammocks?")
    yield tenant


def test_a_new_person_joins_and_sees_that_tenant_only(workspace: Tenant, globex: Tenant) -> None:
    start_conversation(workspace, name="Milton", text="My stapler")
    owner = console_of(workspace, Member.Role.OWNER)
    page = owner.post(
        reverse(INVITE), {"tenant": workspace.pk, "email": MICHAEL.upper(), "role": "viewer"}
    )
    assert "We send no mail" in words(page)
    found = re.search(r'value="(http[^"]+/admin/invitations/initech/[^"]+)"', words_of(page))
    assert found is not None
    link = urlsplit(found[1]).path
    # It is on that one page only.
    token = link.rsplit("/", 1)[1]
    row = the_invitation(workspace)
    for address in (
        reverse("admin:tenants_invitation_changelist"),
        reverse("admin:tenants_invitation_change", args=[row.pk]),
    ):
        shown = owner.get(address)
        assert MICHAEL in words(shown)
        assert token not in words_of(shown)
    assert token not in str(row.__dict__)

    browser = Client()
    assert "Join Initech" in words(browser.get(link))
    joined = fill_in(link, browser)
    assert joined["Location"] == reverse("admin:index")
    assert "Welcome to Initech" in words(browser.get(joined["Location"]))
    assert role_of(workspace) == "viewer"
    conversations = words(browser.get(reverse("admin:conversations_conversation_changelist")))
    assert "Milton" in conversations
    assert "Hank" not in conversations
    # A viewer invites nobody.
    assert browser.get(reverse(INVITE)).status_code == 403
    with tenant_scope(workspace.pk):
        trail = AuditEntry.objects.filter(object_type__in=["invitation", "member"])
        actions = list(trail.order_by("at", "id").values_list("action", flat=True))
    assert actions[-3:] == ["invitation.created", "invitation.accepted", "member.added"]


def words_of(answer: HttpResponseBase) -> str:
    """The page as it is sent."""
    content: bytes = getattr(answer, "content", b"")
    return content.decode()


def test_a_link_works_once(workspace: Tenant) -> None:
    link = invite(workspace)
    assert fill_in(link).status_code == 302
    assert_dead(link)


def test_the_password_is_hashed_before_anything_is_locked(
    workspace: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hash takes long by design; the tenant's other changes must not wait for it."""
    link = invite(workspace)
    locked_before: list[bool] = []
    with CaptureQueriesContext(connection) as done:

        def hash_and_look(password: str) -> str:
            locked_before.append(any(" FOR " in query["sql"] for query in done.captured_queries))
            return make_password(password)

        monkeypatch.setattr(invitation_services, "make_password", hash_and_look)
        assert fill_in(link).status_code == 302
    assert locked_before == [False]
    assert any(" FOR " in query["sql"] for query in done.captured_queries)


def test_a_link_ends_after_seven_days(workspace: Tenant) -> None:
    link = invite(workspace)
    row = the_invitation(workspace)
    assert timedelta(days=6, hours=23) < row.expires_at - timezone.now() <= timedelta(days=7)
    with tenant_scope(workspace.pk):
        Invitation.objects.filter(pk=row.pk).update(expires_at=timezone.now())
    assert_dead(link)


def test_a_revoked_link_is_dead(workspace: Tenant) -> None:
    owner = console_of(workspace, Member.Role.OWNER)
    link = invite(workspace)
    page = reverse("admin:tenants_invitation_change", args=[the_invitation(workspace).pk])
    assert "Revoke" in words(owner.get(page))
    assert owner.post(page.replace("/change/", "/revoke/")).status_code == 302
    assert "Revoked" in words(owner.get(page))
    assert_dead(link)


def test_inviting_again_makes_the_former_link_useless(workspace: Tenant) -> None:
    former, latter = invite(workspace), invite(workspace, role=Member.Role.VIEWER)
    assert_dead(former)
    assert fill_in(latter).status_code == 302
    assert role_of(workspace) == "viewer"


def test_a_link_is_good_at_its_own_tenant_only(workspace: Tenant, globex: Tenant) -> None:
    link = invite(workspace)
    assert_dead(link.replace("/initech/", f"/{globex.slug}/"))
    assert_dead(link.replace("/initech/", "/nobody/"))
    assert_dead(link[:-1] + ("a" if link[-1] != "a" else "b"))
    assert_dead("/admin/invitations/initech/nonsense")
    assert fill_in(link).status_code == 302


def test_a_person_with_an_account_proves_who_they_are(workspace: Tenant) -> None:
    User.objects.create_user(MICHAEL, PASSWORD)
    link, browser = invite(workspace), Client()
    assert "You have an account already" in words(browser.get(link))
    # Nobody's password is replaced by a link.
    refused = fill_in(link, browser)
    assert "do not belong together" in words(refused)
    assert role_of(workspace) is None
    assert browser.post(link, {"password": PASSWORD}).status_code == 302
    assert signed_in(browser) == MICHAEL
    assert role_of(workspace) == "agent"
    assert User.objects.get(email=MICHAEL).check_password(PASSWORD)


def test_guessing_the_password_of_the_invited_ends(workspace: Tenant, settings: Settings) -> None:
    settings.PLATFORM_RATE_LIMITS = {"sign_in_address": (30, 300), "sign_in_account": (3, 900)}
    User.objects.create_user(MICHAEL, PASSWORD)
    link, browser = invite(workspace), Client(headers={"X-Forwarded-For": new_address()})
    for guess in range(3):
        browser.post(link, {"password": f"guess {guess}"})
    assert "Too many attempts" in words(browser.post(link, {"password": PASSWORD}))
    assert role_of(workspace) is None


def test_who_has_joined_gets_in_from_there_while_strangers_guess(
    workspace: Tenant, settings: Settings
) -> None:
    settings.PLATFORM_RATE_LIMITS = {"sign_in_address": (9, 300), "sign_in_account": (3, 900)}
    home = new_address()
    joined = Client(headers={"X-Forwarded-For": home})
    email = f"{uuid4().hex}@initech.example"
    assert fill_in(invite(workspace, email), joined).status_code == 302

    def sign_in(password: str, address: str) -> HttpResponseBase:
        form = {"username": email, "password": password}
        return Client().post(reverse("admin:login"), form, headers={"X-Forwarded-For": address})

    for number in range(3):
        assert sign_in(f"guess {number}", new_address()).status_code == 200
    assert "Too many attempts" in words(sign_in(NEW_PASSWORD, new_address()))
    assert sign_in(NEW_PASSWORD, home).status_code == 302


def test_guessing_links_ends(workspace: Tenant, settings: Settings) -> None:
    settings.PLATFORM_RATE_LIMITS = {"sign_in_address": (3, 300), "sign_in_account": (3, 900)}
    link, browser = invite(workspace), Client(headers={"X-Forwarded-For": new_address()})
    assert [browser.get(link).status_code for _ in range(5)] == [200] * 5
    wrong = f"/admin/invitations/initech/{uuid4().hex}{'x' * 43}"
    answers = [browser.get(wrong) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_who_is_signed_in_joins_with_one_click_and_nobody_else_does(
    workspace: Tenant, globex: Tenant
) -> None:
    link = invite(workspace)
    other = console_of(globex, Member.Role.OWNER)
    answer = other.get(link)
    assert "Make my account and join" in words(answer)
    other.post(link, {})
    assert role_of(workspace, "owner@initech.example") is None

    michael = User.objects.create_user(MICHAEL, PASSWORD, is_staff=True)
    browser = Client()
    browser.force_login(michael)
    assert "Password" not in words(browser.get(link))
    assert browser.post(link).status_code == 302
    assert role_of(workspace) == "agent"


def test_a_switched_off_account_stays_out(workspace: Tenant) -> None:
    User.objects.create_user(MICHAEL, PASSWORD, is_active=False)
    link, browser = invite(workspace), Client()
    assert browser.post(link, {"password": PASSWORD}).status_code == 200
    assert role_of(workspace) is None


def test_a_weak_password_is_refused_with_the_reason(workspace: Tenant) -> None:
    link = invite(workspace)
    for password, reason in (
        ("short", "too short"),
        ("password1234", "too common"),
        ("michael@initech", "too similar"),
    ):
        answer = fill_in(link, password=password, repeated=password)
        assert reason in words(answer)
    assert "The two passwords differ" in words(fill_in(link, repeated="something else"))
    assert not User.objects.filter(email=MICHAEL).exists()


def test_admins_make_no_owners_and_undo_no_owners_invitation(workspace: Tenant) -> None:
    owner_link = invite(workspace, role=Member.Role.OWNER)
    browser = console_of(workspace, Member.Role.ADMIN)
    wish = {"tenant": workspace.pk, "email": "samir@initech.example", "role": "owner"}
    assert "Select a valid choice" in words(browser.post(reverse(INVITE), wish))
    refused = browser.post(reverse(INVITE), wish | {"email": MICHAEL, "role": "agent"})
    assert "You may not give this role" in words(refused)
    page = reverse("admin:tenants_invitation_change", args=[the_invitation(workspace).pk])
    browser.post(page.replace("/change/", "/revoke/"))
    assert fill_in(owner_link).status_code == 302
    assert role_of(workspace) == "owner"

    admin = Actor(ActorKind.MEMBER, str(User.objects.get(email="admin@initech.example").pk))
    with pytest.raises(RoleNotGrantable):
        invite(workspace, "samir@initech.example", Member.Role.OWNER, admin)


@pytest.mark.parametrize("role", [Member.Role.AGENT, Member.Role.VIEWER])
def test_agents_and_viewers_invite_nobody(workspace: Tenant, role: Member.Role) -> None:
    browser = console_of(workspace, role)
    wish = {"tenant": workspace.pk, "email": MICHAEL, "role": "viewer"}
    assert browser.post(reverse(INVITE), wish).status_code == 403
    assert browser.get("/admin/tenants/member/invite/").status_code == 403


def test_an_invitation_ends_with_the_inviters_right_to_it(workspace: Tenant) -> None:
    console_of(workspace, Member.Role.ADMIN)
    user = User.objects.get(email="admin@initech.example")
    link = invite(workspace, actor=Actor(ActorKind.MEMBER, str(user.pk)))
    assert "Join Initech" in words(Client().get(link))
    with tenant_scope(workspace.pk) as tenant:
        member = Member.objects.get(user=user)
        services.remove_member(tenant=tenant, member=member, actor=SYSTEM)
    assert_dead(link)


def test_members_are_not_invited_and_used_invitations_not_revoked(workspace: Tenant) -> None:
    fill_in(invite(workspace))
    with pytest.raises(MemberExists):
        invite(workspace, MICHAEL.upper())
    with tenant_scope(workspace.pk) as tenant, pytest.raises(InvitationAccepted):
        revoke_invitation(tenant=tenant, invitation_id=the_invitation(workspace).pk, actor=SYSTEM)


def test_who_joined_another_way_meanwhile_keeps_that_role(workspace: Tenant) -> None:
    user = User.objects.create_user(MICHAEL, PASSWORD, is_staff=True)
    link, browser = invite(workspace, role=Member.Role.ADMIN), Client()
    with tenant_scope(workspace.pk) as tenant:
        services.add_member(tenant=tenant, user=user, role=Member.Role.VIEWER, actor=SYSTEM)
    assert browser.post(link, {"password": PASSWORD}).status_code == 302
    assert "You are a member of Initech already" in words(browser.get(reverse("admin:index")))
    assert role_of(workspace) == "viewer"


def test_who_is_removed_is_out_and_the_link_is_no_way_back(workspace: Tenant) -> None:
    link, browser = invite(workspace), Client()
    fill_in(link, browser)
    assert browser.get(reverse("admin:index")).status_code == 200
    with tenant_scope(workspace.pk) as tenant:
        member = Member.objects.get(user__email=MICHAEL)
        services.remove_member(tenant=tenant, member=member, actor=SYSTEM)
    assert browser.get(reverse("admin:index")).status_code == 302
    assert signed_in(browser) == ""
    assert_dead(link, browser)


def test_an_unused_link_is_no_way_back_either(workspace: Tenant) -> None:
    link = invite(workspace, role=Member.Role.ADMIN)
    user = User.objects.create_user(MICHAEL, PASSWORD)
    with tenant_scope(workspace.pk) as tenant:
        member = services.add_member(
            tenant=tenant, user=user, role=Member.Role.VIEWER, actor=SYSTEM
        )
        services.remove_member(tenant=tenant, member=member, actor=SYSTEM)
    assert_dead(link)
    assert role_of(workspace) is None


def test_the_page_keeps_its_address_to_itself(workspace: Tenant) -> None:
    link = invite(workspace)
    strict = Client(enforce_csrf_checks=True)
    for answer in (strict.get(link), strict.get("/admin/invitations/initech/x")):
        # Unlike no-referrer, this lets browsers say which origin a form comes from.
        assert answer["Referrer-Policy"] == "strict-origin"
        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Frame-Options"] == "DENY"
        assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert fill_in(link, strict).status_code == 403
    assert role_of(workspace) is None


def test_a_member_of_another_tenant_lands_in_the_one_that_was_joined(
    workspace: Tenant, globex: Tenant
) -> None:
    start_conversation(workspace, name="Milton", text="My stapler")
    link = invite(workspace, "owner@initech.example")
    browser = console_of(globex, Member.Role.OWNER)
    browser.post(link)
    conversations = words(browser.get(reverse("admin:conversations_conversation_changelist")))
    assert "Milton" in conversations
    assert "Hank" not in conversations
