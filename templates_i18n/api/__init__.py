"""The v1 calls about texts, with the service token."""
