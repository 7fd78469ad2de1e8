"""Getting into the console."""

from django.test import Client
from django.urls import reverse

from tenants.models import Tenant, User
from tests.staff import PASSWORD, words


def test_the_address_may_be_typed_in_any_case(staff: User) -> None:
    client = Client()
    answer = client.post(
        reverse("admin:login"), {"username": "Staff@Chatorical.Example", "password": PASSWORD}
    )
    assert (answer.status_code, answer["Location"]) == (302, reverse("admin:index"))
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_wrong_password_says_what_to_check(staff: User) -> None:
    answer = Client().post(
        reverse("admin:login"), {"username": staff.email, "password": "something else"}
    )
    assert answer.status_code == 200
    assert "Please check both" in words(answer)


def test_an_account_that_is_off_cannot_sign_in(staff: User) -> None:
    staff.is_active = False
    staff.save()
    answer = Client().post(reverse("admin:login"), {"username": staff.email, "password": PASSWORD})
    assert answer.status_code == 200


def test_forms_need_their_csrf_token(staff: User, workspace: Tenant) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    answer = client.post(f"/admin/tenants/tenant/{workspace.pk}/suspend/")
    assert answer.status_code == 403
    assert Tenant.objects.get(pk=workspace.pk).is_active
