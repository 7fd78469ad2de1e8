"""Staff make plans in the console and give them to tenants; members see what they have."""

from urllib.parse import urlsplit

from django.test import Client
from django.urls import reverse

from billing.models import Plan, Subscription
from billing.services import assign_plan, create_plan
from tenants.audit import SYSTEM
from tenants.invitations.links import link_of
from tenants.invitations.services import invite_member
from tenants.models import AuditEntry, Member, Tenant, User
from tenants.scope import tenant_scope
from tests.staff import console_of, words

FORM = {
    "name": "Team",
    "code": "team-of-the-console",
    "rate_limits": '{"start": {"points": 60, "duration_seconds": 60}}',
    "max_members": "5",
    "max_agents": "",
    "max_api_keys": "0",
}


def test_staff_make_a_plan_change_it_and_sell_it(console: Client, workspace: Tenant) -> None:
    assert console.post(reverse("admin:billing_plan_add"), FORM).status_code == 302
    plan = Plan.objects.get(code=FORM["code"])
    assert (plan.max_members, plan.max_agents, plan.max_api_keys) == (5, None, 0)
    sale = {"tenant": str(workspace.pk), "plan": str(plan.pk)}
    assert console.post(reverse("admin:billing_subscription_add"), sale).status_code == 302
    page = reverse("admin:billing_plan_change", args=[plan.pk])
    assert console.post(page, FORM | {"max_members": "7"}).status_code == 302
    with tenant_scope(workspace.pk) as tenant:
        subscription = Subscription.objects.get(tenant=tenant)
        assert subscription.plan.max_members == 7
        trail = AuditEntry.objects.filter(action__startswith="plan.").order_by("at")
        assert list(trail.values_list("action", "actor_kind")) == [
            ("plan.assigned", "staff"),
            ("plan.changed", "staff"),
        ]
    address = reverse("admin:billing_subscription_change", args=[subscription.pk])
    console.post(address.replace("/change/", "/end/"))
    with tenant_scope(workspace.pk):
        assert not Subscription.objects.exists()


def test_a_plan_that_makes_no_sense_is_refused_beside_the_field(console: Client) -> None:
    for field, value, said in (
        ("code", "Team", "Use lower-case letters"),
        ("rate_limits", '{"coffee": 1}', "The buckets are"),
        ("rate_limits", '{"start": {"points": 1}}', "Say points and duration_seconds"),
        ("max_members", "-1", "greater than or equal to 0"),
        ("max_members", "2000000", "Use a whole number from 0 to 1000000"),
    ):
        answer = console.post(reverse("admin:billing_plan_add"), FORM | {field: value})
        assert answer.status_code == 200
        assert said in words(answer)
    assert not Plan.objects.filter(name="Team").exists()


def test_an_owner_sees_the_plan_and_sells_themselves_nothing(workspace: Tenant) -> None:
    plan = create_plan(code="team-seen", name="Team, seen", actor=SYSTEM, max_agents=3)
    with tenant_scope(workspace.pk) as tenant:
        assign_plan(tenant=tenant, code=plan.code, actor=SYSTEM)
        subscription = Subscription.objects.get(tenant=tenant)
    create_plan(code="neighbours-own", name="For the neighbours", actor=SYSTEM)
    owner = console_of(workspace, Member.Role.OWNER)
    listed = words(owner.get(reverse("admin:billing_subscription_changelist")))
    assert "Team, seen" in listed
    assert "For the neighbours" not in listed
    page = reverse("admin:billing_subscription_change", args=[subscription.pk])
    shown = words(owner.get(page))
    assert "Team, seen" in shown
    assert "as many as you like" in shown
    assert owner.get(reverse("admin:billing_subscription_add")).status_code == 403
    assert owner.get(reverse("admin:billing_plan_changelist")).status_code == 403
    assert owner.post(page, {"plan": str(plan.pk)}).status_code == 403
    assert owner.post(page.replace("/change/", "/end/")).status_code == 403


def test_a_member_too_many_is_told_in_the_form(console: Client, workspace: Tenant) -> None:
    plan = create_plan(code="nobody-else", name="Alone", actor=SYSTEM, max_members=0)
    with tenant_scope(workspace.pk) as tenant:
        assign_plan(tenant=tenant, code=plan.code, actor=SYSTEM)
    user = User.objects.create_user("mia@initech.example")
    form = {"tenant": str(workspace.pk), "user": str(user.pk), "role": "viewer"}
    answer = console.post(reverse("admin:tenants_member_add"), form)
    assert answer.status_code == 200
    assert "Your plan's limit of members is 0" in words(answer)


def plan_for(workspace: Tenant, members: int) -> None:
    plan = create_plan(code=f"for-{members}", name="Small", actor=SYSTEM, max_members=members)
    with tenant_scope(workspace.pk) as tenant:
        assign_plan(tenant=tenant, code=plan.code, actor=SYSTEM)


def test_who_invites_one_too_many_is_told_so(workspace: Tenant) -> None:
    owner = console_of(workspace, Member.Role.OWNER)
    plan_for(workspace, members=2)
    add = reverse("admin:tenants_invitation_add")

    def invite(email: str) -> str:
        form = {"tenant": str(workspace.pk), "email": email, "role": "agent"}
        return words(owner.post(add, form))

    assert "Pass this link on" in invite("first@initech.example")
    refused = invite("second@initech.example")
    assert "Your plan's limit of members is 2. Open invitations count, too." in refused
    assert "Pass this link on" in invite("first@initech.example"), "the same person, another link"


def test_the_invited_read_nothing_of_the_plan_and_the_inviter_does(workspace: Tenant) -> None:
    owner = console_of(workspace, Member.Role.OWNER)
    with tenant_scope(workspace.pk) as tenant:
        issued = invite_member(
            tenant=tenant, email="late@initech.example", role=Member.Role.AGENT, actor=SYSTEM
        )
        path = urlsplit(link_of(tenant=tenant, issued=issued)).path
    plan_for(workspace, members=1)
    password = "pc load letter means what"
    form = {"full_name": "Late", "password": password, "repeated": password}
    answer = Client().post(path, form)
    assert answer.status_code == 409
    assert "Ask the person who invited you" in words(answer)
    assert "plan" not in words(answer).lower()
    assert not User.objects.filter(email="late@initech.example").exists()
    listed = words(owner.get(reverse("admin:tenants_invitation_changelist")))
    assert "Your plan's limit of members is 1, and that many are there." in listed
