"""The outbox's calls for tenants' servers."""
