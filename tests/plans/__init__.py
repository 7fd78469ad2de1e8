"""What the database does for each call when it holds a million rows."""
