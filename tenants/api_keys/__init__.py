"""Keys for a tenant's own servers: what they look like, what they may do, and who holds one."""
