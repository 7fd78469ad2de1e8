"""The v2 admin calls about conversations and agents, with a tenant's API key."""
