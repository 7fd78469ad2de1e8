"""The floor of the code base: errors, events, ids, the thread hop. Knows no domain word."""
