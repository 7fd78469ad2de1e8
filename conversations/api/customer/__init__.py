"""The customer's own calls."""
