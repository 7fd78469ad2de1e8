"""Asking people to work for a tenant: by a link that is shown once and works once."""
