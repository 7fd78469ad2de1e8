"""The admin calls: their base classes, and those about the tenant itself."""
