"""Where code may look beyond one tenant: a closed list, each place with its reason."""

import ast

from tests.architecture.sources import all_sources, called_name

# File → the purposes that it names. An addition needs a reason that a reviewer accepts: a tenant's
# scope is right nearly everywhere.
PLATFORM_WORK = {
    # Those that got no message, whosever they are.
    "attachments/erasure.py": {"files without a message"},
    # Whoever has a plan is told when it changes.
    "billing/services.py": {"the tenants of a plan"},
    # Whoever has limits, and whoever has used something.
    "billing/limits.py": {"limits of plans"},
    "billing/metering/samples.py": {"usage samples"},
    "billing/metering/rollups.py": {"usage roll-ups"},
    # Whose an event is must be found out first.
    "billing/stripe/inbox.py": {"stripe events"},
    "billing/stripe/reconciliation.py": {"stripe reconciliation"},
    "channels_telegram/channels.py": {"telegram webhook look-up"},
    # At the start: whose deliveries would go to a former address.
    "channels_telegram/checking.py": {"webhook addresses"},
    # The operator asks how all channels are.
    "channels_telegram/api/platform/channels.py": {"channel health"},
    # Who accepts may have no account yet, and accounts are made by platform work.
    "chatorical/console/invitations.py": {"accepted invitation"},
    "chatorical/web/metrics_endpoint.py": {"metrics"},
    "conversations/access.py": {"cors preflight"},
    # A session's id names its tenant, as a token does.
    "conversations/sessions/selectors.py": {"session look-up"},
    "conversations/socket/realtime.py": {"socket resync"},
    "conversations/services/retention.py": {"retention"},
    "conversations/services/timers.py": {"timers"},
    "outbox/dispatcher.py": {"outbox drain"},
    "outbox/recording.py": {"outbox drain"},
    "outbox/poller.py": {"outbox drain"},
    # A key is found by its prefix, and the tenant by the key.
    "tenants/api_keys/authentication.py": {"api key look-up"},
    "tenants/crypto/rotation.py": {"key rotation"},
    # Whether work across tenants can be done at all.
    "tenants/database/role_checks.py": {"role check"},
    # Rows that have grown old, whosever they are.
    "tenants/pruning.py": {"pruning"},
    "tenants/admin_scope.py": {"admin console", "admin membership look-up"},
}
# The same, for the platform's own tables.
PLATFORM_TABLES = {
    "tenants/crypto/rotation.py": {"platform keys"},
    "tenants/crypto/sealing.py": {"platform keys"},
    # Passwords, and who may open the console.
    "tenants/models.py": {"accounts"},
    "tenants/scope.py": {"scope proofs"},
    # The console's sessions belong to no tenant.
    "tenants/sessions.py": {"console sessions"},
}
# What would walk around the managers or the policies.
_BASE_MANAGER_USERS = {"tenants/configuration.py"}
_SETTING_NAMES = (
    "app.tenant",
    "app.platform",
    "row_security",
    "SET ROLE",
    "open_tenant_scope",
    "open_platform_scope",
    "leave_scope",
)
_SETTING_USERS = {
    "tenants/scope.py",
    "tenants/operations.py",
    "tenants/database/roles.py",
    "tenants/migrations/0002_scope_proofs.py",
}
# Where another login is asked for: by its work's name, or for what the application may not read.
_LOGIN_USERS = {
    "tenants/scope.py",
    "tenants/database/role_checks.py",
    "chatorical/management/commands/migrate.py",
}


def test_platform_work_happens_in_known_places_and_says_why() -> None:
    assert _purposes_of("platform_scope") == PLATFORM_WORK
    assert _purposes_of("platform_tables") == PLATFORM_TABLES


def _purposes_of(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for source in all_sources():
        for call in source.calls():
            if called_name(call) == name:
                assert isinstance(call.args[0], ast.Constant), f"{source.path}: a literal purpose"
                found.setdefault(source.path, set()).add(str(call.args[0].value))
    return found


def test_nobody_walks_around_the_managers() -> None:
    users = {
        source.path
        for source in all_sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr == "_base_manager"
    }
    assert users == _BASE_MANAGER_USERS


def test_only_the_scope_speaks_to_the_policies() -> None:
    users = {
        source.path
        for source in all_sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and "\n\n" not in node.value  # a docstring may explain
        and any(name in node.value for name in _SETTING_NAMES)
    }
    assert users <= _SETTING_USERS


def test_another_login_is_asked_for_in_known_places() -> None:
    users = {
        source.path
        for source in all_sources()
        for call in source.calls()
        if called_name(call) == "standing_in"
    }
    assert users == _LOGIN_USERS
