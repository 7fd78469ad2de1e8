"""/v2/platform/plans: what is sold, and which tenant has which."""
