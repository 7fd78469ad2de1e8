"""Visitors: where a customer is on the tenant's website, and what the page says about them."""
