"""What can go wrong in the local stack, each with a sentence for the person at the terminal."""


class LocalError(Exception):
    """A failure whose text is the whole explanation; shown as it is, without a traceback."""


class ServerFailed(LocalError):
    """An embedded server ended or did not become ready; carries the tail of its log."""


class AlreadyRunning(LocalError):
    """Another run holds the same data directory."""


class PortTaken(LocalError):
    """Another process listens on a port that this run needs."""


class ProcessFailed(LocalError):
    """A process of the stack ended before it was ready, or a one-shot step failed."""
