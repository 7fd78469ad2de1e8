"""/v2/admin/channels/telegram: connecting the tenant's group, and seeing how it is."""
