"""Which settings a tenant has, typed and validated."""
