"""The staff's console at /admin: its look, its navigation and its first page."""
