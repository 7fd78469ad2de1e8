"""The v2 admin calls about the tenant itself: its keys, people, settings and audit trail."""
