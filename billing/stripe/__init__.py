"""Stripe: what it tells us, what we ask of it, and what we tell it."""
