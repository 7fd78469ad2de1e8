"""Sessions: a browser that can come back to its conversation, by a key that it cannot give away."""
