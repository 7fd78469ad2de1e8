"""Who makes an admin call."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from tenants.audit import Actor


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller whose credentials have been checked, and the tenant they speak for."""

    # What Django REST framework asks of everybody it calls a user.
    is_authenticated: ClassVar[bool] = True

    tenant_id: UUID
    actor: Actor
