"""Secrets at rest: sealed values, who wraps their keys, and how keys are replaced."""
