"""Composition root of Chatorical: settings, addresses, servers."""
