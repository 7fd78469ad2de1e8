"""/v2/admin/settings"""

from typing import Annotated, Any, ClassVar

from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import iso_ms
from kernel.rest.answers import Answer, Moment, answered, page_of
from kernel.rest.paging import object_answer
from tenants import configuration, plan_limits, services
from tenants.api.v2.base import ApiKeyView, read
from tenants.api_keys.scopes import Scope
from tenants.errors import SettingNotFound
from tenants.models import Setting
from tenants.plan_limits import PlanLimits
from tenants.settings import specs
from tenants.settings.specs import SettingSpec

_TAGS = ["Settings"]


class SettingJson(Answer, frozen=True, kw_only=True):
    """A setting, what it may be and what it is."""

    key: str
    description: str
    type: Annotated[
        str, Meta(extra_json_schema={"enum": ["string", "integer", "boolean", "array"]})
    ]
    schema: Annotated[
        dict[str, object], Meta(description="What the value may be, in JSON Schema's terms.")
    ]
    default: Annotated[object, Meta(description="The plan's value, else the platform's.")]
    value: Annotated[object, Meta(description="The value that holds.")]
    is_own: Annotated[bool, Meta(description="Whether the tenant has set it.")]
    updated_at: Moment | None

    @classmethod
    def of(cls, spec: SettingSpec[Any], own: Setting | None, plan: PlanLimits) -> "SettingJson":
        """The setting as it is shown, with the tenant's row where there is one."""
        planned = plan.cap_setting(spec.key, None)
        default = spec.default_value() if planned is None else planned
        return cls(
            key=spec.key,
            description=spec.description,
            type=str(spec.validate.schema["type"]),
            schema=dict(spec.validate.schema),
            default=default,
            value=default if own is None else plan.cap_setting(spec.key, own.value),
            is_own=own is not None,
            updated_at=None if own is None else iso_ms(own.updated_at),
        )


class NewValue(serializers.Serializer[Any]):
    """The tenant's own value."""

    value = serializers.JSONField(help_text="Of the setting's type.")


class Settings(ApiKeyView):
    """Every setting there is."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ

    @extend_schema(
        operation_id="listSettings",
        tags=_TAGS,
        summary="List settings",
        description="One page has them all.",
        responses=page_of(SettingJson),
    )
    def get(self, request: Request) -> Response:
        """By key."""
        own = {row.key: row for row in Setting.objects.filter(tenant=self.tenant)}
        every = sorted(specs.all_specs().items())
        plan = plan_limits.read(self.tenant)
        return object_answer(
            [SettingJson.of(spec, own.get(key), plan) for key, spec in every], None
        )


class OneSetting(ApiKeyView):
    """One setting."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.SETTINGS_WRITE

    @extend_schema(
        operation_id="readSetting",
        tags=_TAGS,
        summary="Read a setting",
        responses=answered(SettingJson),
    )
    def get(self, request: Request, key: str) -> Response:
        """What it may be and what it is."""
        return self.versioned(self._shown(key))

    @extend_schema(
        operation_id="writeSetting",
        tags=_TAGS,
        summary="Set a setting",
        description="A rate limit that is looser than the plan's is refused: 402 `over_limit`.",
        request=NewValue,
        responses=answered(SettingJson),
    )
    def put(self, request: Request, key: str) -> Response:
        """Give it the tenant's own value, which holds with the next request."""
        self._hold(key)
        value = read(NewValue, request)["value"]
        services.set_setting(tenant=self.tenant, key=key, value=value, actor=self.actor)
        return self.versioned(self._shown(key))

    @extend_schema(
        operation_id="resetSetting",
        tags=_TAGS,
        summary="Give the own value of a setting up",
        description="Answers with the default; once more is fine.",
        responses=answered(SettingJson),
    )
    def delete(self, request: Request, key: str) -> Response:
        """Back to the default."""
        self._hold(key)
        services.reset_setting(tenant=self.tenant, key=key, actor=self.actor)
        return self.versioned(self._shown(key))

    def _hold(self, key: str) -> None:
        """Check `If-Match` when nobody else can change it any more."""
        configuration.hold(self.tenant)
        self.require_unchanged(self._shown(key))

    def _shown(self, key: str) -> SettingJson:
        spec = specs.all_specs().get(key)
        if spec is None:
            raise SettingNotFound()
        own = Setting.objects.filter(tenant=self.tenant, key=key).first()
        return SettingJson.of(spec, own, plan_limits.read(self.tenant))
