"""/v2/admin/outbox: what is promised, what has failed, and what to do about it."""
