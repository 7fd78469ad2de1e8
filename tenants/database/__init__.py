"""What the logins of the database may do, and how a scope proves its tenant."""
