"""/v2/platform/channels: the channels of all tenants."""
