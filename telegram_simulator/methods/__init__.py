"""The Bot API methods, one module per family. A new method is one decorated function."""
