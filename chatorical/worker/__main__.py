"""`python -m chatorical.worker worker|beat OPTIONS`: Celery's commands of these names.

`python -m celery` imports all of its commands first, a shell and its prompt among them. A worker
then runs Django's system checks, which import every page and call of the web process. `migrate`
runs these checks at each upgrade.
"""

import gc
import os
import sys

# What is imported stays: no collection has to look for garbage in it, now or later.
gc.disable()

import django
from celery.bin.base import CLIContext
from celery.bin.beat import beat
from celery.bin.worker import worker

from chatorical.celery import app

django.setup()
gc.freeze()
gc.enable()

_COMMANDS = {"worker": worker, "beat": beat}


def main(arguments: list[str]) -> None:
    """Run the command that the first word names; it ends the process."""
    word, *options = arguments or [""]
    if word not in _COMMANDS:
        sys.exit(f"usage: python -m chatorical.worker {'|'.join(_COMMANDS)} OPTIONS")
    os.environ["CELERY_SKIP_CHECKS"] = "yes"
    context = CLIContext(app=app, no_color=False, workdir=None)
    _COMMANDS[word].main(options, prog_name=word, obj=context)


if __name__ == "__main__":
    main(sys.argv[1:])
