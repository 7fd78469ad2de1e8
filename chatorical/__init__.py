"""Composition root of Chatorical: settings, addresses, servers."""

import sys

# structlog imports all of Twisted's logging where Twisted is installed (daphne has brought it), and
# does without when it may not.
sys.modules.setdefault("structlog.twisted", None)  # type: ignore[arg-type]
