"""Several management commands in one process, so that Django is loaded once.

`python -m devtools.management_steps "migrate --no-input" configure_default_channel`
"""

import os
import shlex
import sys

import django
from django.core.management import ManagementUtility

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatorical.settings")
    django.setup()
    for step in sys.argv[1:]:
        # As the command line does it: a CommandError ends the process with its text and status 1.
        ManagementUtility(["manage.py", *shlex.split(step)]).execute()
