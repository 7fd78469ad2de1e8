"""Identity: a tenant's page says who its visitor is, with a token that its server has signed."""
