"""When to warn that what a process uses comes near a limit."""

# Of the limit: where the warning is due, and below what it may be due once more.
_WARN_AT, _FORGET_AT = 0.8, 0.7


class Nearness:
    """Whether a limit comes near: said once, until there is room again."""

    def __init__(self) -> None:
        self._has_warned = False

    def is_news(self, used: int, limit: int) -> bool:
        """True the first time that more than four fifths are used."""
        if used < limit * _FORGET_AT:
            self._has_warned = False
        elif used >= limit * _WARN_AT and not self._has_warned:
            self._has_warned = True
            return True
        return False
