"""The description of every API: generated for the DRF views, written by hand for the fast ones."""
