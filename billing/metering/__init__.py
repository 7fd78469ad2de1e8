"""How much a tenant uses: facts, written with what causes them, and what they add up to."""
