"""Refuses a commit whose message has not the house's form; run by pre-commit with the file's path.

The form is `area: Imperative sentence`, see CONTRIBUTING.md.
"""

import re
import sys
from pathlib import Path

MAX_SUBJECT = 72
_SUBJECT = re.compile(r"[a-z0-9_./, -]+: [A-Z0-9`/.]\S*(?: .*)?\S")
# What git itself writes, and what is squashed away later.
_BY_GIT = ("Merge ", "Revert ", "fixup! ", "squash! ")


def faults(message: str) -> list[str]:
    """What is wrong with the message, in sentences; empty when nothing is."""
    lines = [line for line in message.splitlines() if not line.startswith("#")]
    while lines and not lines[0].strip():
        lines.pop(0)
    if not lines:
        return ["The message is empty."]
    subject = lines[0]
    if subject.startswith(_BY_GIT):
        return []
    found = []
    if not _SUBJECT.fullmatch(subject):
        found.append(f"The subject is `{subject}`; write `area: Imperative sentence`.")
    if len(subject) > MAX_SUBJECT:
        found.append(f"The subject has {len(subject)} characters; at most {MAX_SUBJECT} fit.")
    if subject.endswith("."):
        found.append("The subject ends with a full stop; leave it out.")
    if len(lines) > 1 and lines[1].strip():
        found.append("The second line is not empty; the body begins after an empty line.")
    return found


if __name__ == "__main__":
    problems = faults(Path(sys.argv[1]).read_text())
    sys.stdout.write("".join(f"{problem}\n" for problem in problems))
    sys.exit(1 if problems else 0)
