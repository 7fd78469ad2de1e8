"""A program for the tests of starting programs: says what it is, then ends as it is told to."""

import os
import signal
import sys

if __name__ == "__main__":
    sys.stdout.write(f"{sys.argv[1:]} {os.environ.get('COLOUR')} {os.environ.get('HOME')}\n")
    sys.stdout.write(f"open: {sorted(os.listdir('/proc/self/fd'))[:-1]}\n")
    sys.stdout.flush()
    sys.stderr.write("errors\n")
    if sys.argv[1] == "wait":
        signal.pause()
    sys.exit(int(sys.argv[1]))
