"""The v1 calls of the operator's own servers, with the service token."""
