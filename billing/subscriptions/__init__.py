"""The state of a tenant's paid subscription, and what follows from it."""
