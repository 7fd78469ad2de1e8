"""Writing calls that may be repeated: the answer of the first one is kept and given again."""
