"""/v2/platform/…: the operator's calls about all tenants, with the service token."""
